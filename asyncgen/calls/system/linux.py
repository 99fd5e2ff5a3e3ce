"""Linux: pidfds, /proc, prctl, and waiting that leaves the dead where they are."""

import contextlib
import os
import signal
import socket
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from asyncgen.calls.system.descriptors import received

assert sys.platform == "linux"  # which tells type checkers elsewhere not to look at the rest

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")  # of a second
_TIMES = slice(11, 15)  # of /proc/PID/stat behind the name: user, system, and both of its children
_GROUP, _STATE = 2, 0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


@cache
def _libc() -> Any:
    import ctypes  # not by every program that names this module

    return ctypes.CDLL(None, use_errno=True)


# -- the end of processes ------------------------------------------------------------------------------


class Watch:
    """Its descriptor is readable once a process is dead, a child or not.

    Raises ProcessLookupError where there is none, and OSError for want of descriptors.
    """

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        os.close(self._descriptor)


class Children:
    """The children of this process, and what they leave behind: orphans below it become its own."""

    poll_seconds: float | None = None  # between two looks at a group; here SIGCHLD tells of its last member

    def __init__(self) -> None:
        _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def next_dead(self, wait: bool = False) -> int | None:
        """A child that is dead, whose id is still its own; None if there is none now.

        Raises ChildProcessError where there are no children at all.
        """
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | (0 if wait else os.WNOHANG))
        return found.si_pid if found is not None else None

    def collect(self, pid: int) -> tuple[int, float]:
        """Reap that child: how it ended, as in multiprocessing, and its CPU seconds with its children's."""
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime

    def has_ended(self, group: int) -> bool:
        """Whether no member is left of a group that was killed: all of them were collected."""
        try:
            os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False


def prepare() -> None:
    """Load what `die_with` needs: to be called before the fork."""
    _libc()


def die_with(parent: int) -> None:
    """Have the kernel kill this fresh fork when its parent, the process of this id, dies."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above took effect
        os._exit(1)


def prefer_to_die() -> None:
    """Tell the kernel to kill this process before others when memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")


# -- what processes use --------------------------------------------------------------------------------


def resident(pid: int) -> int:
    """Bytes of memory that a process has; 0 for one that is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - many times a second
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def address_space() -> int:
    """Bytes that this process has reserved."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - as above
        return int(file.read().split()[0]) * _PAGE


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process of ours has used, all its threads (Linux's clock of another process)."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_seconds_of_family(pid: int) -> float:
    """Its own and its children's: for its own the kernel has a clock that is finer than the ticks."""
    try:
        times = [int(field) for field in _stat(pid)[_TIMES]]
        own, childrens = sum(times[:2]) / _TICKS, sum(times[2:]) / _TICKS
    except (OSError, ValueError):
        return 0.0
    try:
        return cpu_seconds(pid) + childrens
    except OSError:  # it has ended, and nobody has waited for it
        return own + childrens


def is_asleep(pid: int) -> bool:
    """Whether a process waits for something; one that only waits for a processor does not."""
    return _stat(pid)[_STATE] == b"S"


def members_by_group() -> dict[int, list[int]]:
    """The processes of the machine by their process groups."""
    groups: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if not entry.isdigit():
            continue
        try:
            group = int(_stat(entry)[_GROUP])
        except (OSError, ValueError, IndexError):
            continue
        groups.setdefault(group, []).append(int(entry))
    return groups


def number_of_threads() -> int:
    """Those of this process, whoever has started them."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def _stat(pid: int | str) -> list[bytes]:
    """The fields of /proc/PID/stat behind the name, which may hold anything."""
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    return stat[stat.rindex(b")") + 2 :].split()


# -- descriptors ---------------------------------------------------------------------------------------


def shared_memory(size: int) -> int:
    """A descriptor of so many bytes that processes can map together; it has no name."""
    descriptor = os.memfd_create("asyncgen")
    try:
        os.ftruncate(descriptor, size)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def receive(sock: socket.socket, size: int) -> tuple[bytes, list[int]]:
    """Bytes, and the descriptors that came along; programs that are started do not inherit these."""
    return received(sock, size, socket.MSG_CMSG_CLOEXEC)
