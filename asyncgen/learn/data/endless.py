"""Rows without end as examples: made in worker processes while they are learned from.

Guarantees: a problem's part follows from its values, by the rule of `asyncgen export` with the same shares.
    What is learned from has neither the form nor the values of anything that is held out, whatever the seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Union

from asyncgen.datasets.selection import Selection
from asyncgen.datasets.streaming.settings import StreamSettings
from asyncgen.datasets.streaming.stream import RowStream, stream
from asyncgen.learn.data.examples import Example, from_row
from asyncgen.learn.data.prepare import Wanted
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import FORWARD
from asyncgen.problems.spec import Spec

_COLUMNS = ("kind", "status", "problem_prefix", "answer_prefix", "form_mark", "values_mark")
Source = Union[Sequence[Path], "Endless"]  # of what a model learns: stores, an export's folder, a stream
_AHEAD = 4096  # rows that are made before they are asked for


class Parted(NamedTuple):
    """An example, its part, and the mark of its form, by which an export has each problem once."""

    example: Example
    part: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endless:
    """A stream of rows. settings: its limits and workers; all else follows from what is wanted.

    held_out: rows of each part besides `train` that are made before the training.
    """

    spec: Spec
    settings: StreamSettings = field(default_factory=StreamSettings)
    held_out: int = 2000

    def check(self, wanted: Wanted) -> None:
        """Raise UsageError for what cannot be learned from these rows."""
        kinds = {share.kind for share in self.spec.shares}
        if wanted.split_by != "values":
            raise UsageError(f"--split-by {wanted.split_by}: a stream is parted by values")
        needed = ("train", "validation") if wanted.task == "integrator" else ("train", "validation", "test")
        if missing := [part for part in needed if part not in wanted.split.parts]:
            raise UsageError(f"--split: with --stream the part {missing[0]} needs a share above 0")
        if wanted.task == "classifier" and FORWARD not in kinds:
            raise UsageError(
                f"--kind {self.spec.kind}: these rows are all built with their answers: a classifier learns "
                f"from --kind {FORWARD}"
            )

    def rows(self, wanted: Wanted, workers: int | None = None) -> RowStream:
        """The stream, from its first row on, made by so many processes. Raises UsageError."""
        settings = replace(
            self.settings,
            selection=Selection(statuses=wanted.statuses),
            columns=_COLUMNS,
            workers=workers or self.settings.workers,
            ahead=_AHEAD,
            rank=0,
            world_size=1,
        )
        return stream(self.spec, settings=settings)


def parted(row: Mapping[str, Any], wanted: Wanted) -> Parted | None:
    """A row of the stream as an example, with its part.

    None where it teaches nothing, or has no mark, as when its worker was killed.
    """
    if row["values_mark"] is None:
        return None
    example, part = from_row(row), wanted.split.part(bytes.fromhex(row["values_mark"]))
    return Parted(example, part, row["form_mark"]) if wanted.teaches(example) else None
