"""What an import is told, and what it says of the records in the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from asyncgen.calls.cores import usable_cores
from asyncgen.datasets.importing.judging import Limits
from asyncgen.problems.records import Status

SHOWN = 20  # failures that are told, where not all are asked for


class Sort(StrEnum):
    """What became of a record; each is of exactly one sort."""

    CONFIRMED = "confirmed"  # its answer is right, and no record before has its problem
    DUPLICATE = "duplicate"  # all the same, but for a record before it with the same problem
    WRONG = "wrong answer"
    PART = "right on a part only"
    OPEN = "not decided"  # too few points, or the check took too long
    LONG = "over length"
    UNREADABLE = "unreadable"
    DEGENERATE = "degenerate"
    NO_ANSWER = "no answer"
    CUT = "not checked"  # the worker was cut by time or memory, or failed


ERRORS = (Sort.WRONG, Sort.UNREADABLE)  # for one of them, the exit status is 1

_BY_WORD = {  # the first word of the reason
    "duplicate": Sort.DUPLICATE,
    "refuted": Sort.WRONG,
    "differs": Sort.WRONG,
    "branch": Sort.PART,
    "part": Sort.PART,
    "length": Sort.LONG,
    "unreadable": Sort.UNREADABLE,
    "no answer": Sort.NO_ANSWER,
}
_BY_STATUS = {
    Status.ELEMENTARY: Sort.CONFIRMED,
    Status.SPECIAL: Sort.CONFIRMED,
    Status.UNVERIFIED: Sort.OPEN,
    Status.DEGENERATE: Sort.DEGENERATE,
}


def sort_of(status: Status, reason: str | None) -> Sort:
    """The sort of a row."""
    word = (reason or "").partition(":")[0]
    return _BY_WORD.get(word) or _BY_STATUS.get(status, Sort.CUT)


class Failure(NamedTuple):
    """A record that is not a right answer to a new problem. Records without an answer are none."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    sort: Sort
    reason: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """How far an import is. `sorts` counts all rows in the store, those of earlier runs too."""

    state: Literal["running", "done", "stopped", "nothing"]
    stored: int  # rows, by this run
    seconds: float
    sorts: Mapping[Sort, int]
    share: float = 1.0  # of the file that was read
    failures: Sequence[Failure] = ()  # the first of them

    @property
    def records(self) -> int:
        """How many rows there are."""
        return sum(self.sorts.values())

    @property
    def is_faulty(self) -> bool:
        """Whether an answer is wrong, or a record cannot be read."""
        return any(self.sorts.get(sort) for sort in ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """How an import runs.

    limits: what decides the status of a record. workers: processes. shown: how many failures are named in the
    end. each: called in the end with every failure, if it is to be. follow: told now and then how far it is.
    """

    limits: Limits = field(default_factory=Limits)
    workers: int = field(default_factory=usable_cores)
    shown: int = SHOWN
    each: Callable[[Failure], object] | None = None
    follow: Callable[[Imported], object] = lambda imported: None
