"""Long-lived helper processes of a worker, such as an engine behind a pipe: their CPU, and their end.

A helper's CPU belongs to the call. It is charged while it runs, and again nowhere when it has been waited
for: the sum of both is continuous, so that each call pays for what it used.

A helper is killed with its worker's group. Where nobody is left to do that, as when the program and its
template are killed at the same moment, the kernel does it on Linux, if the helper was started with
`ending_with_us`.
"""

import contextlib
import os
from collections.abc import Callable
from time import process_time

from asyncgen.calls import system

with contextlib.suppress(ImportError):  # on Windows, where nobody gets as far as to need it
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

_running: set[int] = set()
_others = 0.0  # CPU seconds of helpers and children, as of the last time that they were asked


def ending_with_us() -> Callable[[], None]:
    """What a helper is to run first, as `preexec_fn`, to be killed when the thread that starts it ends."""
    system.prepare()
    parent = os.getpid()
    return lambda: system.die_with(parent)


def add(pid: int) -> None:
    """Charge a direct child's CPU to the calls of this worker from now on."""
    _running.add(pid)


def remove(pid: int) -> None:
    """The child has been waited for; to be called right after that."""
    _running.discard(pid)


def used() -> float:
    """CPU seconds of this process, its running helpers, and the children that it has waited for."""
    global _others
    # Not time.process_time(): while a CPU timer runs, that clock only moves with the kernel's ticks.
    own, childrens = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    _others = childrens.ru_utime + childrens.ru_stime + sum(map(_charged, tuple(_running)))
    return own.ru_utime + own.ru_stime + _others


def used_shortly_after() -> float:
    """The same, after a moment that is too short for processes to start and end, or for a tick to matter."""
    return process_time() + _others


def _charged(pid: int) -> float:
    try:
        return system.cpu_seconds(pid)
    except OSError:  # it was waited for, and nobody said so: as a `Popen` does when it is asked or freed
        _running.discard(pid)
        return 0.0
