"""Which law the number of operators follows at each index of a stream, and changes of it while it runs.

A function of the index gives the law. Each change holds from an index on, whatever the function says there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from asyncgen.problems.distributions import check_law
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Law, OperatorCount

Operators = tuple[int, int] | Law  # low..high, or a law; every index of it
ByIndex = Callable[[int], Operators]
Changes = list[list[Any]]  # [index, [[low, high, weight], ...]], as they are written


def law_of(operators: Operators) -> Law:
    """The law that (low, high) stands for, or the law itself. Raises UsageError for what is neither."""
    if not isinstance(operators, list | tuple):
        raise UsageError(f"operators are (low, high), or OperatorCounts, not {operators!r}")
    law = tuple(part for part in operators if isinstance(part, OperatorCount))
    bounds = [bound for bound in operators if isinstance(bound, int)]
    if len(bounds) == len(operators) == 2:
        law = (OperatorCount(*bounds),)
    elif len(law) != len(operators):
        raise UsageError(f"operators are (low, high), or OperatorCounts, not {operators!r}")
    check_law(law)
    return law


class Curriculum:
    """The law at each index; None stands for that of the specification."""

    def __init__(self, by_index: ByIndex | None = None) -> None:
        self.by_index = by_index
        self._changes: list[tuple[int, Law]] = []

    def law(self, index: int) -> Law | None:
        """The law at an index. Raises UsageError for one that cannot be."""
        for start, law in reversed(self._changes):
            if index >= start:
                return law
        return None if self.by_index is None else law_of(self._told(index))

    def _told(self, index: int) -> Operators:
        assert self.by_index is not None
        try:
            return self.by_index(index)
        except (StopIteration, StopAsyncIteration) as error:  # they would end the stream without a word
            raise RuntimeError(f"the function of the curriculum raised {error!r} at index {index}") from error

    def change(self, index: int, operators: Operators) -> None:
        """Let a law hold from an index on, also where a later change was to hold."""
        earlier = [(start, law) for start, law in self._changes if start < index]
        self._changes = [*earlier, (index, law_of(operators))]  # at once: another thread may look

    @property
    def changes(self) -> Changes:
        """The changes as JSON values."""
        return [[index, written(law)] for index, law in self._changes]

    @changes.setter
    def changes(self, changes: Sequence[Any]) -> None:
        self._changes = []
        for index, parts in changes:
            self.change(int(index), tuple(OperatorCount(*part) for part in parts))


def written(law: Law | None) -> list[list[float]] | None:
    """A law as JSON values."""
    return None if law is None else [[part.low, part.high, part.weight] for part in law]
