"""What process groups hold and use, read from /proc: resident memory and CPU, descendants included."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from asyncgen.calls.child import companions

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")  # of a second
_SCAN_INTERVAL = 1.0  # seconds: finding the members of a group means reading all of /proc
_TIMES = slice(11, 15)  # of /proc/PID/stat behind the name: user, system, and both of its children


class Groups:
    """Measures process groups by their leaders' ids.

    New members of a group are noticed within a second; the known ones are read each time.
    """

    def __init__(self) -> None:
        self._members: dict[int, list[int]] = {}
        self._scanned = float("-inf")

    def resident(self, groups: Iterable[int]) -> dict[int, int]:
        """Resident bytes by group. Pages that members share are counted for each of them."""
        self._scan()
        return {group: sum(map(_resident, self._members_of(group))) for group in groups}

    def cpu_seconds(self, group: int) -> float:
        """CPU seconds of the members that live, and of those children that they have waited for."""
        self._scan()
        return sum(map(_cpu_seconds, self._members_of(group)))

    def _members_of(self, group: int) -> set[int]:
        return {group, *self._members.get(group, ())}

    def _scan(self) -> None:
        now = time.monotonic()
        if now - self._scanned >= _SCAN_INTERVAL:
            self._members, self._scanned = _members_by_group(), now


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - many times a second
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _cpu_seconds(pid: int) -> float:
    """Its own and its children's: for its own the kernel has a clock that is finer than the ticks."""
    try:
        times = [int(field) for field in _stat(pid)[_TIMES]]
        own, childrens = sum(times[:2]) / _TICKS, sum(times[2:]) / _TICKS
    except (OSError, ValueError):
        return 0.0
    try:
        return companions.cpu_seconds(pid) + childrens
    except OSError:  # it has ended, and nobody has waited for it
        return own + childrens


def _stat(pid: int | str) -> list[bytes]:
    """The fields of /proc/PID/stat behind the name, which may hold anything."""
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    return stat[stat.rindex(b")") + 2 :].split()


def _members_by_group() -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if not entry.isdigit():
            continue
        try:
            group = int(_stat(entry)[2])
        except (OSError, ValueError, IndexError):
            continue
        groups.setdefault(group, []).append(int(entry))
    return groups
