"""What this machine and these libraries are: recorded with every run, so that rows can be explained later.

Versions are read from package metadata: nothing heavy is imported to name it.
"""

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

import psutil

import asyncgen
from asyncgen.calls.cores import usable_cores
from asyncgen.mathematics.engines.catalogue import ENGINES

_PACKAGES = ("sympy", "python-flint", "aiosqlite", "uvloop")


def versions() -> dict[str, str]:
    """Versions of asyncgen, Python, SQLite and the libraries that labels may depend on."""
    found = {
        "asyncgen": asyncgen.__version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    for entry in ENGINES.values():
        if entry.program is not None and (there := entry.program.version()) is not None:
            found[entry.program.title.lower()] = there
    return found


def machine() -> dict[str, str | int]:
    """The machine: name, system, processor, usable cores, bytes of memory."""
    return {
        "node": platform.node(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": usable_cores(),
        "memory": psutil.virtual_memory().total,
        "pid": os.getpid(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
