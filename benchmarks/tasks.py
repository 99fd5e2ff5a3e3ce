"""What the benchmarks of process pools have the workers do; light, since every worker imports it."""

import os
import signal
import time
from pathlib import Path
from typing import Any


def nothing() -> None:
    """The least that a call can be."""


def length(data: Any) -> int:
    """Bytes of an argument."""
    return memoryview(data).nbytes


def some_bytes(size: int) -> bytes:
    return bytes(size)


def some_array(size: int) -> Any:
    """An array of 64-bit numbers that takes so many bytes."""
    import numpy

    return numpy.ones(size // 8)


def rest(seconds: float) -> int:
    """Sleep; the id of the process that did."""
    time.sleep(seconds)
    return os.getpid()


def hang() -> None:
    """Wait for a signal that never comes."""
    signal.pause()


def announce_and_hang(path: str) -> None:
    """Write the clock's time into a file, and hang."""
    Path(path).write_text(repr(time.monotonic()))
    hang()


def now() -> float:
    """Seconds on the clock that all processes of the machine share."""
    return time.monotonic()


def differentiate(seconds: float = 0.0) -> int:
    """Use SymPy, then sleep; the id of the process that did."""
    import sympy

    x = sympy.Symbol("x")
    sympy.diff(sympy.sin(x) * sympy.exp(x), x)
    return rest(seconds)
