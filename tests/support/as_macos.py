"""Has a process on Linux use the ways of macOS, so that they can be tried: calls/system/macos.py.

What Linux lacks is imitated: a kqueue over a pidfd, which a fork does not inherit and which refuses the dead,
and a killpg to which zombies are no members. What macOS lacks is taken away.
"""

import os
import select
import selectors  # noqa: F401 - before select has a kqueue, which it would take for its own use
import socket
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import asyncgen.calls.system as system
from asyncgen.calls.system import linux, macos

_open, _killpg = os.pidfd_open, os.killpg
_queues: "weakref.WeakSet[Kqueue]" = weakref.WeakSet()


class Kevent(NamedTuple):
    """As `select.kevent` is called."""

    ident: int
    filter: str
    flags: str
    fflags: str


class Kqueue:
    """As much of `select.kqueue` as watches one process."""

    def __init__(self) -> None:
        self._descriptor = -1
        _queues.add(self)

    def control(self, events: list[Kevent], most: int) -> None:
        (event,) = events
        assert event[1:] == ("proc", "add", "exit")
        assert most == 0
        if _is_dead(event.ident):
            raise ProcessLookupError("no such process, to a kqueue")
        self._descriptor = _open(event.ident)

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        if self._descriptor != -1:
            os.close(self._descriptor)


def _forget() -> None:
    for queue in _queues:
        if queue.fileno() != -1:
            os.close(queue.fileno())


os.register_at_fork(after_in_child=_forget)


def _is_dead(pid: int) -> bool:
    try:
        return linux._stat(pid)[0] in (b"Z", b"X")
    except OSError:
        return True


def killpg(group: int, number: int) -> None:
    """A group of zombies alone may not be signalled."""
    members = linux.members_by_group().get(group, [])
    if members and all(map(_is_dead, members)):
        raise PermissionError("there are only zombies")
    _killpg(group, number)


def apply(change: Callable[..., object], remove: Callable[..., object]) -> None:
    """Change this process, with `setattr` and `delattr` or what undoes it later."""
    others: dict[str, Any] = {"kqueue": Kqueue, "kevent": Kevent}
    constants = {"KQ_FILTER_PROC": "proc", "KQ_EV_ADD": "add", "KQ_NOTE_EXIT": "exit"}
    for name, value in (others | constants).items():
        vars(select)[name] = value  # there is nothing to be restored
    change(os, "killpg", killpg)
    for name in ("pidfd_open", "waitid", "memfd_create", "sched_getaffinity"):
        remove(os, name)
    remove(socket, "MSG_CMSG_CLOEXEC")
    for name in system.__all__:
        if name != "lack":
            change(system, name, getattr(macos, name))
