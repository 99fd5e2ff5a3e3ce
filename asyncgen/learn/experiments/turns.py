"""The trials of an experiment in their order: those of its file, and then those that a search chooses."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from asyncgen.learn.experiments.plan import Plan, Trial, is_searched
from asyncgen.learn.experiments.rows import Row
from asyncgen.learn.experiments.searching import Searching
from asyncgen.learn.progress import Epoch


class Turns:
    """Whose turn it is. For one thread at a time."""

    def __init__(self, plan: Plan, path: Path) -> None:
        """`path`: of the file of a search, which is opened. Raises UsageError."""
        self._named = deque(plan.trials)
        self._searching = None if plan.search is None else Searching(plan.search, path)

    def next(self) -> Trial | None:
        """The next trial, or None."""
        if self._named:
            return self._named.popleft()
        return None if self._searching is None else self._searching.next()

    def is_hopeless(self, name: str, epochs: Sequence[Epoch]) -> bool:
        """Whether a trial that a search has chosen is not worth going on with."""
        searching = self._searching_of(name)
        return searching is not None and searching.is_hopeless(name, epochs)

    def end(self, row: Row) -> None:
        """A trial has ended so."""
        if (searching := self._searching_of(row.trial)) is not None:
            searching.end(row)

    def close(self) -> None:
        """Close what was opened."""
        if self._searching is not None:
            self._searching.close()

    def _searching_of(self, name: str) -> Searching | None:
        return self._searching if is_searched(name) else None
