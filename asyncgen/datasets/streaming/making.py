"""Rows of a stream: drawn here, made in workers, in the order of their indices.

indices ──sampler──▶ Drawn ──▶ scheduler ──▶ worker: solve, mark ──▶ selection ──▶ Made
"""

from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from asyncgen.calls.pickled import PickledOnce
from asyncgen.calls.settings import Settings
from asyncgen.calls.stream import CallResult
from asyncgen.datasets import marking
from asyncgen.datasets.columns import Row, row_of
from asyncgen.datasets.marking import Marked, Wanted
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.streaming.curriculum import Curriculum
from asyncgen.datasets.streaming.settings import StreamSettings
from asyncgen.jobs.labelling import outcome_of, scheduler_settings
from asyncgen.jobs.limits import Workforce
from asyncgen.problems.distributions import with_law
from asyncgen.problems.kinds import is_constructed
from asyncgen.problems.records import CpuLimits, Outcome, Problem
from asyncgen.problems.spec import Law, Spec
from asyncgen.sampler import Sampler
from asyncgen.scheduler import Scheduler
from asyncgen.worker import solve


class Drawn(NamedTuple):
    """A problem as a worker is given it, and the law that it was drawn by, if not its specification's."""

    problem: Problem
    law: Law | None


class Answered(NamedTuple):
    """What a worker makes of it; `marked` where the outcome is one that is wanted: or why it is no row."""

    outcome: Outcome
    marked: Marked | str | None


class Made(NamedTuple):
    """What became of an index: a row, or none that is wanted."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    row: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What workers know besides a problem; `spec` is that of the stream, where problems are built from it."""

    limits: CpuLimits
    spec: Spec | None
    selection: Selection
    wanted: Wanted
    with_steps: bool


class Maker:
    """Makes the rows of a specification under a curriculum, as the settings say."""

    def __init__(self, spec: Spec, settings: StreamSettings, curriculum: Curriculum, undrawn: int) -> None:
        self.spec = spec
        self.settings = settings
        self.curriculum = curriculum
        self.undrawn = undrawn  # every index from this one on is still to be drawn

    async def rows(self, indices: Iterable[int], workers: int) -> AsyncGenerator[Made, None]:
        """What becomes of each of these indices, in their order. Raises UsageError for what cannot be drawn.

        The next index is taken when a worker is free, or soon will be, and then its law is asked for.
        """
        function = PickledOnce(make, how=self._making())
        async with Scheduler(self._scheduler_settings(workers)) as scheduler:
            stream = scheduler.stream(function, self._drawn(indices), ordered=True, chunk=1)
            async with stream as results:
                async for result in results:
                    yield self._made(result)

    def _making(self) -> Making:
        return Making(
            limits=self.settings.limits.cpu,
            spec=self.spec if is_constructed(self.spec) else None,
            selection=self.settings.selection,
            wanted=Wanted(
                self.settings.selection.max_tokens,
                published=False,
                marks=self.settings.marks,
                **marking.notations(self.settings.columns)._asdict(),
            ),
            with_steps=self.settings.has_steps,
        )

    def _scheduler_settings(self, workers: int) -> Settings:
        found = scheduler_settings(self.settings.limits, Workforce(workers=workers), self.spec)
        steps = marking.PRELOAD_FOR_STEPS if self.settings.has_steps else ()
        return replace(found, preload=(*found.preload, *marking.PRELOAD, *steps))

    def _drawn(self, indices: Iterable[int]) -> Iterator[Drawn]:
        for index in indices:
            self.undrawn = index + 1
            law = self.curriculum.law(index)
            yield Drawn(_sampler(self.spec, law).problem(index), law)

    def _made(self, result: CallResult[Drawn, Answered]) -> Made:
        problem, law = result.item
        found, marked = result.value or Answered(outcome_of(_failed(result)), None)
        outcome = found.timed(result.cpu_seconds, result.wall_seconds)
        if isinstance(marked, str) or self.settings.selection.reason(outcome) is not None:
            return Made(problem.index, None)
        if self.settings.part is not None and not self._is_in_part(marked):
            return Made(problem.index, None)
        return Made(problem.index, self._row(outcome, marked, _digest(self.spec, law)))

    def _is_in_part(self, marked: Marked | None) -> bool:
        return marked is not None and self.settings.exact_split.part(marked.values) == self.settings.part

    def _row(self, outcome: Outcome, marked: Marked | None, spec: str) -> Row:
        shown = self.settings.selection.shown(outcome)
        row = row_of(
            shown if marked is None else shown._replace(answer_prefix=marked.answer),
            spec=spec,
            input=None if marked is None else marked.source,
            output=None if marked is None else marked.target,
            form_mark=marked.form.hex() if marked else None,
            values_mark=marked.values.hex() if marked else None,
            steps=marked.steps if marked else None,
        )
        return {name: row[name] for name in self.settings.columns}


def make(drawn: Drawn, how: Making) -> Answered:
    """What a worker makes of a problem."""
    spec = how.spec
    if spec is not None:
        spec = _under(spec, drawn.law)
    outcome = solve(drawn.problem, how.limits, spec)
    if how.selection.reason(outcome) is not None:
        return Answered(outcome, None)
    (marked,) = marking.mark([marking.task_of(outcome, how.selection, how.with_steps)], how.wanted)
    return Answered(outcome, marked)


def _failed(result: CallResult[Drawn, Answered]) -> CallResult[Problem, Outcome]:
    """The end of a call whose worker gave no answer, as of a call with the problem alone."""
    return CallResult(result.item.problem, None, result.error, result.cpu_seconds, result.wall_seconds)


@lru_cache(maxsize=64)
def _under(spec: Spec, law: Law | None) -> Spec:
    return spec if law is None else with_law(spec, law)


@lru_cache(maxsize=64)
def _sampler(spec: Spec, law: Law | None) -> Sampler:
    return Sampler(_under(spec, law))


@lru_cache(maxsize=64)
def _digest(spec: Spec, law: Law | None) -> str:
    return _under(spec, law).digest().hex()
