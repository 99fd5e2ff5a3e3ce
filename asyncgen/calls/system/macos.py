"""macOS: kqueues in the place of pidfds, psutil in that of /proc, and waiting that reaps at once.

Written after its manual pages and never run there; what is not a kqueue is tested on Linux, where it works as
well. It has no signal at a parent's death and no way to adopt orphans. So:

- A worker whose template and program are killed at the same moment lives until its call has ended: then it
  finds its socket closed. A helper that it started lives on.
- Members of a group that outlive its leader are nobody's children here. They are killed again and again until
  the system says that there are none. Their CPU seconds are lost.
"""

import contextlib
import os
import select
import signal
import socket
import tempfile
from typing import Any

from asyncgen.calls.system.descriptors import received

_select: Any = select  # on Linux it has no kqueues, as type checkers know


# -- the end of processes ------------------------------------------------------------------------------


class Watch:
    """Its descriptor is readable once a process is dead, a child or not.

    Raises ProcessLookupError where there is none, and OSError for want of descriptors. A forked process does
    not inherit it.
    """

    def __init__(self, pid: int) -> None:
        self._queue = _select.kqueue()
        event = _select.kevent(pid, _select.KQ_FILTER_PROC, _select.KQ_EV_ADD, _select.KQ_NOTE_EXIT)
        try:
            self._queue.control([event], 0)
        except ProcessLookupError:
            self._queue.close()
            os.kill(pid, 0)  # which tells a child that is dead, and was not waited for, from no process
            self._queue = _readable()
        except BaseException:
            self._queue.close()
            raise

    def fileno(self) -> int:
        descriptor: int = self._queue.fileno()
        return descriptor

    def close(self) -> None:
        self._queue.close()


def _readable() -> socket.socket:
    """Something with a descriptor that is readable at once, and stays so."""
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours


class Children:
    """The children of this process. What they leave behind is the system's."""

    poll_seconds: float | None = 0.01  # between two looks at a group: nobody tells of its last member

    def __init__(self) -> None:
        self._collected: dict[int, tuple[int, float]] = {}

    def next_dead(self, wait: bool = False) -> int | None:
        """A child that is dead; None if there is none now. It is reaped at once, as there is no WNOWAIT.

        Raises ChildProcessError where there are no children at all.
        """
        pid, status, usage = os.wait4(-1, 0 if wait else os.WNOHANG)
        if pid == 0:
            return None
        self._collected[pid] = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        return pid

    def collect(self, pid: int) -> tuple[int, float]:
        """How that child ended, as in multiprocessing, and its CPU seconds with its children's."""
        return self._collected.pop(pid)

    def has_ended(self, group: int) -> bool:
        """Whether no member is left of a group whose leader is dead. Otherwise it is killed once more."""
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # the latter where all are dead, and not yet reaped
            return True
        return False


def prepare() -> None:
    """`die_with` needs nothing."""


def die_with(parent: int) -> None:
    """End this fresh fork if its parent, the process of this id, is dead already; later nothing does."""
    if os.getppid() != parent:
        os._exit(1)


def prefer_to_die() -> None:
    """The system chooses by itself."""


# -- what processes use --------------------------------------------------------------------------------


def resident(pid: int) -> int:
    """Bytes of memory that a process has, compressed ones not counted; 0 for one that is gone."""
    import psutil  # only where something is measured, and not by every worker

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def address_space() -> int:
    """Bytes that this process has reserved. Each has some hundreds of GiB, and the kernel heeds no limit."""
    return 0


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process of ours has used, all its threads. Raises OSError for one that is gone."""
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error as error:
        raise ProcessLookupError(str(error)) from None
    return times.user + times.system


def cpu_seconds_of_family(pid: int) -> float:
    """Its own: what the children used that it has waited for is not told."""
    try:
        return cpu_seconds(pid)
    except OSError:
        return 0.0


def is_asleep(pid: int) -> bool:
    """Whether a process waits for something."""
    import psutil

    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def members_by_group() -> dict[int, list[int]]:
    """The processes of the machine by their process groups."""
    import psutil

    groups: dict[int, list[int]] = {}
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            groups.setdefault(os.getpgid(pid), []).append(pid)
    return groups


def number_of_threads() -> int:
    """Those of this process, whoever has started them."""
    import psutil

    return psutil.Process().num_threads()


# -- descriptors ---------------------------------------------------------------------------------------


def shared_memory(size: int) -> int:
    """A descriptor of so many bytes that processes can map together: a file whose name is gone at once."""
    descriptor, path = tempfile.mkstemp(prefix="asyncgen-")
    try:
        os.unlink(path)  # noqa: PTH108
        os.ftruncate(descriptor, size)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def receive(sock: socket.socket, size: int) -> tuple[bytes, list[int]]:
    """Bytes, and the descriptors that came along; programs that are started do not inherit these."""
    data, descriptors = received(sock, size)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return data, descriptors
