"""Answers under the check that labels go through, in worker processes.

The top level is light: the parent names `judge`, and the mathematics comes in inside it.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from asyncgen.calls.settings import Settings
from asyncgen.datasets.importing import judging
from asyncgen.datasets.importing.pairs import Pair
from asyncgen.learn.data.examples import constants_of
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Outcome, Status
from asyncgen.scheduler import Scheduler

A = TypeVar("A")
Tokens = tuple[str, ...]
_CALL_SECONDS = 60.0  # of CPU, for all answers to a problem
_MEMORY = 1 << 30  # bytes of a worker


class Verdict(StrEnum):
    """What the check says of an answer."""

    RIGHT = "right"
    PART = "right on a part"
    WRONG = "wrong"
    UNDECIDED = "undecided"


class Answered(NamedTuple):
    """A problem and the answers to it, best first."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    problem: Tokens
    answers: Sequence[Tokens]


class Judged(NamedTuple):
    """A problem with its answers, and the verdicts on these, up to the first that is right."""

    answered: Answered
    verdicts: Sequence[Verdict]

    @property
    def place(self) -> int | None:
        """The place of the right answer; None where none is."""
        return len(self.verdicts) - 1 if Verdict.RIGHT in self.verdicts else None

    @property
    def best(self) -> tuple[Tokens | None, Verdict]:
        """The answer of which the check says most, and what it says."""
        return best_of(self.answered.answers, self.verdicts)


def best_of(answers: Sequence[A], verdicts: Sequence[Verdict]) -> tuple[A | None, Verdict]:
    """The answer of which the check says most, and what it says."""
    for verdict in Verdict:
        if verdict in verdicts:
            return answers[verdicts.index(verdict)], verdict
    return None, Verdict.UNDECIDED


def settings_for(workers: int) -> Settings:
    """The settings of a scheduler whose workers judge."""
    return Settings(
        workers=workers,
        cpu_limit=_CALL_SECONDS,
        memory_limit=_MEMORY,
        preload=(f"{judging.__name__}:load",),
    )


def judge(answered: Answered) -> list[Verdict]:
    """What the check says of each answer, up to the first that is right."""
    constants = constants_of(answered.problem)
    kind = EQUATIONS[constants - 1] if constants else "forward"
    verdicts = []
    for answer in answered.answers:
        outcome = judging.outcome_of(Pair(0, kind, answered.problem, answer), judging.Limits())
        verdicts.append(verdict_on(outcome))
        if verdicts[-1] is Verdict.RIGHT:
            break
    return verdicts


def verdict_on(outcome: Outcome) -> Verdict:
    """The verdict in a row's words."""
    reason = (outcome.reason or "").partition(":")[0]
    if outcome.success:
        return Verdict.RIGHT
    if outcome.status is Status.DEGENERATE and outcome.integral is not None:
        return Verdict.RIGHT  # an antiderivative of a constant
    if reason in ("part", "branch"):
        return Verdict.PART
    return Verdict.WRONG if reason in ("refuted", "differs") else Verdict.UNDECIDED


async def judged(
    scheduler: Scheduler, answered: AsyncIterable[Answered] | Iterable[Answered]
) -> AsyncGenerator[Judged, None]:
    """Each problem with the verdicts on its answers, in order; a worker that is lost decides nothing."""
    async with scheduler.stream(judge, answered, ordered=True) as results:
        async for result in results:
            undecided = [Verdict.UNDECIDED] * len(result.item.answers)
            yield Judged(result.item, undecided if result.value is None else result.value)
