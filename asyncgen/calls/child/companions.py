"""Long-lived helper processes of a worker, such as an engine behind a pipe: their CPU, and their end.

A helper's CPU belongs to the call. It is charged while it runs, and again nowhere when it has been waited
for: the sum of both is continuous, so that each call pays for what it used.

A helper is killed with its worker's group. Where nobody is left to do that, as when the program and its
template are killed at the same moment, the kernel does it, if the helper was started with `ending_with_us`.
"""

import os
import resource
import signal
import time
from collections.abc import Callable
from functools import cache
from typing import Any

_PR_SET_PDEATHSIG = 1

_running: set[int] = set()


@cache
def libc() -> Any:
    """The C library of this process."""
    import ctypes  # not by every program that names this module

    return ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Have the kernel kill this fresh fork when its parent, the process of this id, dies."""
    libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above took effect
        os._exit(1)


def ending_with_us() -> Callable[[], None]:
    """What a helper is to run first, as `preexec_fn`, to be killed when the thread that starts it ends."""
    libc()  # to be there before the fork
    parent = os.getpid()
    return lambda: die_with(parent)


def add(pid: int) -> None:
    """Charge a direct child's CPU to the calls of this worker from now on."""
    _running.add(pid)


def remove(pid: int) -> None:
    """The child has been waited for; to be called right after that."""
    _running.discard(pid)


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process of ours has used, all its threads (Linux's clock of another process)."""
    return time.clock_gettime((~pid << 3) | 2)


def used() -> float:
    """CPU seconds of this process, its running helpers, and the children that it has waited for."""
    # Not time.process_time(): while a CPU timer runs, that clock only moves with the kernel's ticks.
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    running = sum(map(_charged, tuple(_running)))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + running


def _charged(pid: int) -> float:
    try:
        return cpu_seconds(pid)
    except OSError:  # it was waited for, and nobody said so: as a `Popen` does when it is asked or freed
        _running.discard(pid)
        return 0.0
