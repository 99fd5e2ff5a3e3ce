"""Questions about processes, descriptors and stores that many tests ask."""

import contextlib
import importlib.util
import os
import sqlite3
from pathlib import Path

import psutil
import pytest


def needed(found: bool, what: str) -> None:
    """Skip the test without a program that it needs, or fail it where everything is required."""
    if not found:
        refuse = pytest.fail if os.environ.get("ASYNCGEN_REQUIRE_ALL") else pytest.skip
        refuse(f"{what} is not installed")


def needed_packages(*names: str) -> None:
    """The same for packages, by the names under which they are imported."""
    missing = [name for name in names if not is_installed(name)]
    needed(not missing, " and ".join(missing))


def is_installed(package: str) -> bool:
    """Whether there is such a package; a folder of the same name among the tests is none."""
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin is not None


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


def descendants() -> list[psutil.Process]:
    """All that this process has started and that is there, but for a helper that Python's own library keeps.

    `multiprocessing` starts one for the semaphores of a test, and leaves it running until this process ends.
    """
    found = psutil.Process().children(recursive=True)
    return [process for process in found if not _is_tracker(process)]


def _is_tracker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("multiprocessing.resource_tracker" in word for word in process.cmdline())
    return False


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def open_threads() -> int:
    return len(os.listdir("/proc/self/task"))
