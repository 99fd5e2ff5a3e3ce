"""What this machine and these libraries are: recorded with every run, so that rows can be explained later.

Versions are read from package metadata: nothing heavy is imported to name it.
"""

import os
import platform
import re
import shutil
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

import asyncgen
from asyncgen.integrators.fricas_process import version as fricas_version
from asyncgen.settings import usable_cores

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
    if (fricas := fricas_version()) is not None:
        found["fricas"] = fricas
    if (maxima := _maxima_version()) is not None:
        found["maxima"] = maxima
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


def _maxima_version() -> str | None:
    """The version of Maxima, as its start script says it."""
    program = shutil.which("maxima")
    found = re.search(rb'MAXIMA_VERSION="([0-9.]+)"', Path(program).read_bytes()) if program else None
    return found[1].decode() if found else None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
