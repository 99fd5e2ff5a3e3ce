"""The flags of commands that learn from rows without files, and the stream that they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.command.learn_options import TrainingOptions
from asyncgen.command.options import (
    LimitOptions,
    SamplingOptions,
    at_least_one,
    check_engines,
    count,
    flag,
    number_of_workers,
    whole,
)
from asyncgen.problems.errors import UsageError

if TYPE_CHECKING:
    from asyncgen.learn.data.endless import Source

_STREAM = Group("Rows made meanwhile", sort_key=4)
_STEPS = 1000  # batches of an epoch, where rows have no end


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class StreamOptions(SamplingOptions, LimitOptions):
    """Rows that are made while they are learned from: which, and what making one may use."""

    stream: Annotated[
        bool,
        flag(
            _STREAM,
            "In the place of DATA: rows without end, made while they are learned from. The flags of what is "
            "sampled say which.",
        ),
    ] = False
    held_out: Annotated[
        int,
        count(
            _STREAM,
            "With --stream: rows of each part besides train that are made before; repeats count, and are "
            "kept once.",
        ),
    ] = 2000
    seed: Annotated[
        int,
        Parameter(
            name="--stream-seed", group=_STREAM, help="Another seed, other functions.", converter=whole
        ),
    ] = 0

    def source(self, data: Sequence[Path], workers: int | None) -> "Source":
        """What is learned from: these data, or a stream. Raises UsageError.

        workers: processes that make its rows; None for one on every other core.
        """
        if not self.stream:
            self._check_unused()
            return data
        if data:
            raise UsageError(f"--stream makes the rows meanwhile: leave {data[0]} out, or --stream")
        from asyncgen.datasets.streaming.settings import StreamSettings
        from asyncgen.learn.data.endless import Endless

        spec = self.spec()
        check_engines(spec, self.engines)
        processes = max(1, usable_cores() // 2) if workers is None else number_of_workers(workers)
        return Endless(
            spec=spec,
            settings=StreamSettings(limits=self.limits(), workers=processes),
            held_out=at_least_one("--held-out", self.held_out),
        )

    def paced(self, training: TrainingOptions) -> TrainingOptions:
        """How it is trained: an epoch of a stream needs a number of batches."""
        return replace(training, steps=training.steps or _STEPS) if self.stream else training

    def _check_unused(self) -> None:
        """Raise UsageError where a flag is given that is of a stream only."""
        for one in fields(self):
            if getattr(self, one.name) != one.default:
                name = "stream-seed" if one.name == "seed" else one.name.replace("_", "-")
                raise UsageError(f"--{name} is for --stream: rows of stores and folders are made already")
