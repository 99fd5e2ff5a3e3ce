"""Fixtures that several test files share."""

import asyncio
import faulthandler
import functools
import inspect
import os
import shutil
import signal
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from processes import is_installed, needed

from asyncgen.calls import clocks

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


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let an asynchronous test that hangs fail under its own name, showing where it waits.

    What the scheduler's tests do on asyncio's loop they do on uvloop in their long form.
    """
    for item in items:
        if "[uvloop" in item.name and item.path.parent.name == "calls":
            item.add_marker(pytest.mark.long)
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = limited(item.obj)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """End the process where a fixture hangs behind a test that failed: no other timer runs any more then."""
    faulthandler.dump_traceback_later(3 * PATIENCE, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a report hold what can be sent: tests of strange text leave lone surrogates in logs."""
    report = yield
    report.sections = [(name, sendable(text)) for name, text in report.sections]
    if report.longrepr is not None and (shown := str(report.longrepr)) != sendable(shown):
        report.longrepr = sendable(shown)
    return report


def sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


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


@pytest.fixture
def less_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that use no CPU are given up soon; those that burn are not taken for such."""
    monkeypatch.setattr(clocks, "IDLE", 2.0)


@pytest.fixture(scope="session")
def fricas() -> None:
    """For tests that ask a real FriCAS, which are skipped without one unless ASYNCGEN_REQUIRE_ALL is set."""
    from asyncgen.mathematics.engines.fricas.locator import command

    needed(command() is not None, "FriCAS")


@pytest.fixture(scope="session")
def maxima() -> None:
    """The same for Maxima."""
    needed(shutil.which("maxima") is not None, "Maxima")


# Heavy packages that only some tests need: the extra `ci`, which `.ci/run` installs and `make test` does not.
HEAVY = (
    "pebble",
    "loky",
    "anyio",
    "numpy",
    "matplotlib",
    "pandas",
    "pyarrow",
    "datasets",
    "polars",
    "duckdb",
    "dask",
    "joblib",
    "sklearn",
    "transformers",
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which packages were missed, as the tests that need them were skipped."""
    if missing := [name for name in HEAVY if not is_installed(name)]:
        terminalreporter.write_line(f"not installed: {', '.join(missing)} (make .venv/.complete adds them)")


def pytest_configure(config: pytest.Config) -> None:
    """Undo what nohup or a background shell has set: programs under test are to hear their signals."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
