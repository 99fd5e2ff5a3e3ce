"""Long-lived helper processes of a worker, such as an engine behind a pipe: their CPU belongs to the call.

A helper's CPU is charged while it runs, and again nowhere when it has been waited for: the sum of both is
continuous, so that each call pays for what it used.
"""

import resource
import time

_running: set[int] = set()


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
