"""Notices that workers get less CPU than they could use, and says so once.

Labels do not suffer, since their limits are CPU seconds; but the work takes longer, and whoever waits for it
may want to know why.
"""

import logging

from asyncgen.calls.cores import usable_cores
from asyncgen.problems.records import Outcome

_LONG = 0.25  # seconds of a call that is long enough to tell
_ENOUGH = 20.0  # seconds of such calls
_FEW = 1 / 2  # CPU seconds for each of them

log = logging.getLogger("asyncgen")


class Starvation:
    """Watches the outcomes of a run with so many workers."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._seconds = self._cpu_seconds = 0.0
        self._said = False

    def note(self, outcome: Outcome) -> None:
        """Take an outcome into account, and log a warning when it is clear that cores are wanting."""
        if (
            outcome.wall_seconds < _LONG or outcome.reason == "wall"
        ):  # which may have waited for what it liked
            return
        self._seconds += outcome.wall_seconds
        self._cpu_seconds += outcome.cpu_seconds
        if not self._said and self._seconds >= _ENOUGH and self._cpu_seconds < _FEW * self._seconds:
            self._said = True
            log.warning("%s", self._words(usable_cores()))

    def _words(self, cores: int) -> str:
        why, remedy = "other programs use the cores too", "rows take longer"
        if self._workers > cores:
            here = "1 core" if cores == 1 else f"{cores} cores"
            why, remedy = f"{self._workers} workers share {here}", f"--workers {cores} is as fast"
        share = self._cpu_seconds / self._seconds
        return f"a worker gets {share:.0%} of a core, as {why}: labels are the same, and {remedy}"
