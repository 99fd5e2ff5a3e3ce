"""Ends process groups: at once, or after some time in which they may clean up."""

import contextlib
import os
import signal
import time


def kill(group: int) -> None:
    """Kill every process of the group."""
    _send(group, signal.SIGKILL)


class Graces:
    """Groups that were told to end by SIGTERM, and when each is killed if it has not ended. Seconds."""

    def __init__(self) -> None:
        self._told: set[int] = set()
        self._ends: dict[int, float] = {}  # of those that were not killed yet

    def begin(self, group: int, seconds: float) -> None:
        """Tell a group to end within so long. To be told again changes nothing."""
        if group not in self._told:
            self._told.add(group)
            self._ends[group] = time.monotonic() + seconds
            _send(group, signal.SIGTERM)

    def forget(self, group: int) -> None:
        """The group is dead."""
        self._told.discard(group)
        self._ends.pop(group, None)

    @property
    def left(self) -> float | None:
        """Until the next one is to be killed; None if there is none."""
        return max(0.0, min(self._ends.values()) - time.monotonic()) if self._ends else None

    def kill_overdue(self) -> None:
        """Kill those whose time is over."""
        now = time.monotonic()
        for group in [group for group, end in self._ends.items() if end <= now]:
            kill(group)
            del self._ends[group]


def _send(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
