"""How often an integrator is right: on held-out problems, by beam, by length, by operators, and near by.

corpus ──problems──▶ integrator (a thread) ──answers──▶ judging (worker processes) ──▶ Report
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from asyncgen.learn.data.batches import Numbers, batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.vocabulary import tokens_of
from asyncgen.learn.integrator import Integrator
from asyncgen.learn.judging import Answered, Judged, Verdict, judged
from asyncgen.learn.objectives import next_token
from asyncgen.learn.training import validated
from asyncgen.scheduler import Scheduler

Tokens = tuple[str, ...]
Tell = Callable[[int, int], object]  # problems that are done, of how many
_AT_A_TIME = 64  # problems whose answers are searched for together
_LENGTHS = (10, 20, 30, 40, 60, 80, 120, 200, 512)  # ends of the classes of lengths


@dataclass(slots=True)
class Tally:
    """Problems, and of how many an answer was right."""

    problems: int = 0
    right: int = 0

    @property
    def share(self) -> float:
        """Of them, those with a right answer."""
        return self.right / self.problems if self.problems else 0.0

    def add(self, is_right: bool) -> None:
        """Count a problem."""
        self.problems += 1
        self.right += is_right


@dataclass(slots=True)
class ByBeam:
    """What came of one width of the beam: problems by the best verdict, and by what they are.

    exact: problems whose first answer is the one in the data, token by token.
    """

    beam: int
    problems: int = 0
    exact: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, Verdict), 0))
    by_operators: dict[int, Tally] = field(default_factory=dict)
    by_length: dict[int, Tally] = field(default_factory=dict)  # by the most tokens of a class
    by_kind: dict[str, Tally] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the problems, those with a right answer."""
        return self.verdicts[Verdict.RIGHT] / self.problems if self.problems else 0.0


@dataclass(slots=True)
class Report:
    """How good an integrator is.

    token_accuracy: share of right tokens of the answers in the data, each said when those before are given.
    probes: of problems that were solved with the widest beam, how many are when they are changed a little.
    """

    problems: int
    token_accuracy: float
    loss: float
    beams: list[ByBeam]
    probes: dict[str, Tally] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON values, with the share of right answers."""
        found = asdict(self)
        for beam, one in zip(self.beams, found["beams"], strict=True):
            one["right"] = beam.share
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: problems of a corpus by their numbers, widths of the beam, and whether probes are."""

    corpus: Corpus
    numbers: Numbers
    beams: Sequence[int]
    probes: bool = False

    @classmethod
    def of(cls, corpus: Corpus, most: int, beams: Sequence[int], probes: bool) -> "Plan":
        """That of at most so many problems, the first of an order that is always the same."""
        order = np.random.default_rng(0).permutation(len(corpus))
        return cls(corpus, order[:most], beams, probes)


async def evaluate(integrator: Integrator, plan: Plan, judges: "Judges") -> Report | None:
    """Have an integrator answer problems, and judge it; None where it was stopped."""
    corpus, numbers = plan.corpus, plan.numbers
    loss, accuracy = await asyncio.to_thread(_teacher_forced, integrator, corpus, numbers)
    report = Report(len(numbers), accuracy, loss, [])
    problems = [tokens_of(corpus.problem(number)) for number in numbers]
    solved: list[Tokens] = []
    for beam in plan.beams:
        found = ByBeam(beam)
        solved = []
        async for one in judges.judged(integrator, problems, beam):
            number = int(numbers[one.answered.index])
            _count(found, corpus, number, one.best[1], one.answered.answers)
            if one.place is not None:
                solved.append(one.answered.problem)
        report.beams.append(found)
    for name, near in probes(solved).items() if plan.probes else ():
        tally = report.probes[name] = Tally()
        async for one in judges.judged(integrator, near, plan.beams[-1]):
            tally.add(one.place is not None)
    return None if judges.stop.is_set() else report


@dataclass(frozen=True, slots=True)
class Judges:
    """Answers and judges: the model in a thread, the check in worker processes. stop: ends it early."""

    scheduler: Scheduler
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    tell: Tell = lambda done, of: None

    async def judged(
        self, integrator: Integrator, problems: Sequence[Tokens], beam: int
    ) -> AsyncGenerator[Judged, None]:
        """Each problem with its answers and the verdicts on them, in their order."""
        done = 0
        async with aclosing(judged(self.scheduler, answered(integrator, problems, beam))) as found:
            async for one in found:
                done += 1
                self.tell(done, len(problems))
                yield one
                if self.stop.is_set():
                    return


async def answered(integrator: Integrator, problems: Sequence[Tokens], beam: int) -> AsyncIterator[Answered]:
    """Each problem with the model's answers, in their order; the model works in a thread."""
    for start in range(0, len(problems), _AT_A_TIME):
        some = problems[start : start + _AT_A_TIME]
        for place, written in enumerate(await asyncio.to_thread(integrator.answers, some, beam)):
            yield Answered(start + place, some[place], [one.answer for one in written])


def probes(solved: Sequence[Tokens]) -> dict[str, list[Tokens]]:
    """Problems near those that were solved (Welleck et al. 2022, arXiv 2109.13986)."""
    integrals = [problem for problem in solved if not any(token[0] == "Y" for token in problem)]
    return {
        "k*f(x)": [("mul", *_integer(place), *one) for place, one in enumerate(integrals)],
        "f(k*x)": [_with_x(one, ("mul", *_integer(place), "x")) for place, one in enumerate(integrals)],
        "f(x) + g(x)": [("add", *one, *other) for one, other in _pairs(integrals)],
    }


def _integer(place: int) -> Tokens:
    """A factor of 2 to 9."""
    return "INT+", str(2 + place % 8)


def _with_x(problem: Tokens, x: Tokens) -> Tokens:
    return tuple(part for token in problem for part in (x if token == "x" else (token,)))


def _pairs(problems: Sequence[Tokens]) -> Iterator[tuple[Tokens, Tokens]]:
    yield from zip(problems[::2], problems[1::2], strict=False)


def _teacher_forced(integrator: Integrator, corpus: Corpus, numbers: Numbers) -> tuple[float, float]:
    """The loss and the share of right tokens."""
    batches = (batch_of(corpus, some) for some in batches_of(corpus, numbers, _AT_A_TIME))
    return validated(integrator.network, next_token, batches, integrator.device)


def _count(found: ByBeam, corpus: Corpus, number: int, verdict: Verdict, answers: Sequence[Tokens]) -> None:
    row = corpus.index[number]
    found.problems += 1
    found.verdicts[verdict] += 1
    found.exact += bool(answers) and answers[0] == tokens_of(corpus.answer(number))
    length = int(_LENGTHS[min(np.searchsorted(_LENGTHS, row["problem"]), len(_LENGTHS) - 1)])
    for tally in (
        found.by_operators.setdefault(int(row["operators"]), Tally()),
        found.by_length.setdefault(length, Tally()),
        found.by_kind.setdefault(corpus.kind(number), Tally()),
    ):
        tally.add(verdict is Verdict.RIGHT)
