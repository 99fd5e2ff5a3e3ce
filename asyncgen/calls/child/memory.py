"""How much memory process groups hold, read from /proc."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SCAN_INTERVAL = 1.0  # seconds: finding the members of a group means reading all of /proc


class GroupMemory:
    """Samples the resident bytes of process groups, descendants in the group included.

    New members of a group are noticed within a second; the known ones are read each time.
    """

    def __init__(self) -> None:
        self._members: dict[int, list[int]] = {}
        self._scanned = float("-inf")

    def sample(self, groups: Iterable[int]) -> dict[int, int]:
        """Return resident bytes by group. Pages that members share are counted for each of them."""
        now = time.monotonic()
        if now - self._scanned >= _SCAN_INTERVAL:
            self._members, self._scanned = _members_by_group(), now
        return {group: sum(map(_resident, {group, *self._members.get(group, ())})) for group in groups}


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 - many times a second
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _members_by_group() -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_bytes()
            group = int(stat[stat.rindex(b")") + 2 :].split()[2])
        except (OSError, ValueError):
            continue
        groups.setdefault(group, []).append(int(entry.name))
    return groups
