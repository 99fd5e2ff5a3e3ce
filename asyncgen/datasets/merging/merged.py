"""What a merge is told, and what it says of what it has done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from asyncgen.sqlite.merging import Difference, Preference
from asyncgen.sqlite.runs import RunInfo

SHOWN = 10  # differences that a report spells out

State = Literal["done", "stopped"]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Differing:
    """A row that is left out, as the one that is kept of its index says something else."""

    store: Path  # where the row is
    difference: Difference


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge has done. Numbers of stores, rows, attempts and runs; seconds of wall clock."""

    state: State
    stores: int  # that were read to the end
    unreadable: int
    new: int  # rows
    same: int
    later: int  # rows in the place of those from which a retry had made them
    preferred: int
    differing: int
    attempts: int  # new ones
    runs: int  # new ones
    seconds: float
    first: Sequence[Differing]  # of those that differ

    @property
    def complete(self) -> bool:
        """Whether the store now holds all that the others hold."""
        return self.state == "done" and not self.unreadable and not self.differing


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSettings:
    """How stores are merged.

    prefer: which of two rows of an index is kept where they say different things: the one that was there
    "first", or the "confirmed" one where the other claims nothing; the other one goes to `attempts`. With
    None what was there stays, and the other one is left out and told of.
    run: what `runs` says of the merge itself.
    complain: is told of each store that cannot be read, in one line. tell: how far it is, now and then. Both
    are called on another thread.
    """

    prefer: Preference | None = None
    run: RunInfo = field(default_factory=lambda: RunInfo("merge"))
    complain: Say = lambda line: None
    tell: Say = lambda line: None
