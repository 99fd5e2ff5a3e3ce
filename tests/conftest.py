"""Fixtures that several test files share."""

import asyncio
import functools
import inspect
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
TestBody = Callable[..., Coroutine[Any, Any, None]]

# Seconds for an asynchronous test: pytest-timeout's signal does not reach uvloop.
PATIENCE = float(os.environ.get("ASYNCGEN_PATIENCE", "100"))


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    """Run the tests marked `both_loops` on asyncio's event loop and on uvloop, the others on asyncio's."""
    loops: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if item.get_closest_marker("both_loops"):
        loops["uvloop"] = uvloop.new_event_loop
    return loops


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let an asynchronous test that hangs fail under its own name, showing where it waits."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = limited(item.obj)


def limited(body: TestBody) -> TestBody:
    @functools.wraps(body)
    async def run(*args: object, **kwargs: object) -> None:
        async with asyncio.timeout(PATIENCE):
            await body(*args, **kwargs)

    return run


@pytest.fixture
def appears() -> Callable[[Path], "asyncio.Future[str]"]:
    """Wait until a file exists, and return its text."""

    async def wait(path: Path) -> str:
        while not path.exists():
            await asyncio.sleep(0.002)
        return path.read_text()

    return wait


def needed(found: bool, what: str) -> None:
    """Skip the test without a program that it needs, or fail it where everything is required."""
    if not found:
        refuse = pytest.fail if os.environ.get("ASYNCGEN_REQUIRE_ALL") else pytest.skip
        refuse(f"{what} is not installed")


@pytest.fixture(scope="session")
def fricas() -> None:
    """For tests that ask a real FriCAS, which are skipped without one unless ASYNCGEN_REQUIRE_ALL is set."""
    from asyncgen.integrators.fricas_process import command

    needed(command() is not None, "FriCAS")


@pytest.fixture(scope="session")
def maxima() -> None:
    """The same for Maxima."""
    needed(shutil.which("maxima") is not None, "Maxima")


def stored(store: Path) -> int:
    """How many rows there are by now, seen by a reader that changes nothing."""
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            (count,) = connection.execute("SELECT count(*) FROM results").fetchone()
        connection.close()
    except sqlite3.Error:
        return 0
    return int(count)


def living(*pids: int) -> list[int]:
    """Those of the processes that are alive (a zombie is not)."""
    alive = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                alive.append(pid)
        except psutil.NoSuchProcess:
            continue
    return alive


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def open_threads() -> int:
    return len(os.listdir("/proc/self/task"))


def pytest_configure(config: pytest.Config) -> None:
    """Undo what nohup or a background shell has set: programs under test are to hear their signals."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
