"""How a stream of rows is made: which rows there are, and what making them may use."""

import math
from dataclasses import dataclass, field
from typing import Any, TypedDict

from asyncgen.datasets.columns import COLUMNS
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.splits import GivenSplit, Split, split_of
from asyncgen.jobs.limits import Limits
from asyncgen.problems.errors import UsageError
from asyncgen.problems.typed import shown_value, unknown, whole_in

DEFAULT = ("index", "kind", "status", "problem_prefix", "answer_prefix", "input", "output")
_MARKS = ("form_mark", "values_mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """Settings of a stream. Raises UsageError for what cannot work.

    Which rows there are, besides the specification and the curriculum:

    selection: which outcomes become rows.
    part: "train", "validation" or "test": only the rows that an export with this `split` has there. Rows of
        other parts are made too, and thrown away. None for all.
    split: the shares of the parts: a Split, three numbers, or text as for the command: "0.9,0.05,0.05".
    start, stop: the indices, from the first; without `stop` there is no end.
    limits: what one problem may use.

    What changes no row:

    columns: of a row, among those of an export.
    workers: processes that make rows; None for one for each usable core, shared among the readers of a
        DataLoader.
    ahead: rows made before they are asked for, at most.
    rank, world_size: this reader of several that share the indices; None for what torch.distributed, or else
        the variables RANK and WORLD_SIZE, say. Workers of a DataLoader share those of their rank.
    """

    selection: Selection = field(default_factory=Selection)
    part: str | None = None
    split: GivenSplit = field(default_factory=Split)
    start: int = 0
    stop: int | None = None
    limits: Limits = field(default_factory=Limits)
    columns: tuple[str, ...] = DEFAULT
    workers: int | None = None
    ahead: int = 256
    rank: int | None = None
    world_size: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "split", split_of(self.split))
        self._check_types()
        self._check_columns()
        parts = self.exact_split.parts
        if self.part is not None and self.part not in parts:
            raise UsageError(f"part: the split has no part {unknown(str(self.part), parts)}")
        if not 0 <= self.start <= (math.inf if self.stop is None else self.stop):
            raise UsageError(f"start {self.start} and stop {self.stop}: 0 <= start <= stop")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"workers: at least 1, not {self.workers}")
        if self.ahead < 1:
            raise UsageError(f"ahead: at least 1 row, not {self.ahead}")
        if (self.rank is None) != (self.world_size is None):
            raise UsageError("rank and world_size: give both or neither")
        if self.rank is not None and not 0 <= self.rank < (self.world_size or 0):
            raise UsageError(f"rank {self.rank}: it must lie in 0 .. world_size - 1 ({self.world_size})")

    def _check_types(self) -> None:
        for name, type_ in (("selection", Selection), ("limits", Limits), ("columns", tuple)):
            if not isinstance(getattr(self, name), type_):
                value = shown_value(getattr(self, name))
                raise UsageError(f"{name} must be a {type_.__name__}, not {value}")
        for name in ("start", "stop", "ahead", "workers", "rank", "world_size"):
            if (number := getattr(self, name)) is not None:
                whole_in(name, number)

    def _check_columns(self) -> None:
        for name in self.columns:
            if name not in tuple(COLUMNS):
                raise UsageError(f"columns: there is no column {unknown(str(name), COLUMNS)}")
        if not self.columns or len(set(self.columns)) < len(self.columns):
            raise UsageError(f"columns: at least one, each once, not {shown_value(self.columns)}")

    @property
    def exact_split(self) -> Split:
        """The split, whichever way it was given."""
        assert isinstance(self.split, Split)  # since this object was made
        return self.split

    @property
    def marks(self) -> bool:
        """Whether rows need the marks of their problems."""
        return self.part is not None or any(name in self.columns for name in _MARKS)

    @property
    def has_steps(self) -> bool:
        """Whether rows need their derivations."""
        return "steps" in self.columns

    def deciding(self) -> dict[str, Any]:
        """What decides which rows there are, as JSON values by name."""
        chosen = self.selection
        return {
            "kinds": list(chosen.kinds),
            "statuses": [str(status) for status in chosen.statuses],
            "max_tokens": chosen.max_tokens,
            **{name: getattr(chosen, name) for name in ("continuous", "real", "real_answers", "on_part")},
            "part": self.part,
            "split": [str(share) for share in self.exact_split.shares] if self.part else None,
            **self.limits.as_dict(),
        }


class Changes(TypedDict, total=False):
    """Single settings by name, for type checkers: each field of StreamSettings, with its type."""

    selection: Selection
    part: str | None
    split: GivenSplit
    start: int
    stop: int | None
    limits: Limits
    columns: tuple[str, ...]
    workers: int | None
    ahead: int
    rank: int | None
    world_size: int | None
