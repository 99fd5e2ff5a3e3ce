"""What process groups hold and use: resident memory and CPU, descendants included."""

import time
from collections.abc import Iterable

from asyncgen.calls import system

_SCAN_INTERVAL = 1.0  # seconds: finding the members of a group means looking at every process


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
        return {group: sum(map(system.resident, self._members_of(group))) for group in groups}

    def cpu_seconds(self, group: int) -> float:
        """CPU seconds of the members that live, and of those children that they have waited for."""
        self._scan()
        return sum(map(system.cpu_seconds_of_family, self._members_of(group)))

    def _members_of(self, group: int) -> set[int]:
        return {group, *self._members.get(group, ())}

    def _scan(self) -> None:
        now = time.monotonic()
        if now - self._scanned >= _SCAN_INTERVAL:
            self._members, self._scanned = system.members_by_group(), now
