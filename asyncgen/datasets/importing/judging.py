"""What a worker does with records: reads them, checks their answers, works out by what duplicates are known.

The top level is light: the parent names `judge`, and the mathematics comes in inside the functions.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.datasets.importing.pairs import Pair, order_of, pair_of
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.datasets.safe_marks import safe_marks
from asyncgen.datasets.selection import MAX_TOKENS
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.problems.tokens import ARBITRARY, ARITY, SPECIAL, SUMS

PARSE_SECONDS = 0.25  # CPU seconds for the first look at a function
CHECK_SECONDS = 1.0  # and for the check of an answer, and for a look at its form

_LONGEST_REASON = 300  # characters


class Limits(NamedTuple):
    """What decides the status of a record besides the record: tokens, and CPU seconds."""

    max_tokens: int = MAX_TOKENS
    parse: float = PARSE_SECONDS
    check: float = CHECK_SECONDS


class Judged(NamedTuple):
    """The row of a record; of a right one also the mark that it shares with others of the same problem."""

    outcome: Outcome
    form: bytes | None = None


def load() -> None:
    """Import the mathematics, so that workers inherit it."""
    import asyncgen.mathematics.kinds.equations.judging
    import asyncgen.mathematics.kinds.forward
    import asyncgen.mathematics.marks  # noqa: F401


def judge(records: Sequence[Record], layout: Layout, limits: Limits) -> list[Judged]:
    """The row of each record."""
    return [_judged(record, layout, limits) for record in records]


def unjudged(record: Record, layout: Layout, status: Status, reason: str) -> Judged:
    """The row of a record whose worker came to no end: its problem is read again, and nothing more."""
    return Judged(_problem(pair_of(record, layout)).outcome(status, reason=reason))


def _judged(record: Record, layout: Layout, limits: Limits) -> Judged:
    cpu, wall = time.process_time(), time.perf_counter()
    pair = pair_of(record, layout)
    outcome = outcome_of(pair, limits)
    form = safe_marks(pair.problem).form if outcome.success else None
    return Judged(outcome.timed(time.process_time() - cpu, time.perf_counter() - wall), form)


def _problem(pair: Pair) -> Problem:
    operators = sum(token in ARITY or token in SUMS for token in pair.problem)
    return Problem(pair.index, " ".join(pair.problem), operators, pair.kind)


def outcome_of(pair: Pair, limits: Limits) -> Outcome:
    """The row, as far as it is known without those of other records."""
    problem = _problem(pair)
    if pair.fault is not None:
        return problem.outcome(Status.ERROR, reason=f"unreadable:{pair.fault}"[:_LONGEST_REASON])
    if pair.answer is None:
        return problem.outcome(Status.UNSOLVED, reason="no answer")
    longest = max(len(pair.problem), len(pair.answer))
    if longest > limits.max_tokens:
        return problem.outcome(Status.UNVERIFIED, answer=pair.answer, reason=f"length:{longest}")
    try:
        look = _of_equation if order_of(pair.kind) else _of_integral
        return look(problem, pair.problem, pair.answer, limits)
    except MemoryError:
        return problem.outcome(Status.MEMORY)
    except Exception as error:  # whatever flint makes of a strange function: others outlive it
        from asyncgen.mathematics.engines.portfolio import describe

        return problem.outcome(Status.ERROR, reason=describe(error))


def _of_integral(
    problem: Problem, integrand: tuple[str, ...], answer: tuple[str, ...], limits: Limits
) -> Outcome:
    """A constant is degenerate, and keeps the text of an antiderivative that is right."""
    from asyncgen.mathematics.engines.interface import Integrand
    from asyncgen.mathematics.engines.portfolio import judge as checked
    from asyncgen.mathematics.kinds.forward import form_within, refusal

    refused = refusal(Integrand(integrand), limits.parse)
    if refused is not None and refused.reason != "constant":
        return problem.outcome(refused.status, answer=answer, reason=refused.reason)._replace(integral=None)
    found = checked(integrand, answer, None, limits.check)
    if refused is not None:
        outcome = problem.outcome(refused.status, answer=answer, reason=refused.reason)
        return outcome if found.status.success else outcome._replace(integral=None)
    outcome = problem.outcome(found.status, answer=answer, reason=found.reason)
    return outcome.formed(form_within(integrand, answer, limits.check)) if outcome.success else outcome


def _of_equation(
    problem: Problem, equation: tuple[str, ...], answer: tuple[str, ...], limits: Limits
) -> Outcome:
    from asyncgen.mathematics.cpu_limit import EXPIRED, within
    from asyncgen.mathematics.kinds.construction import Dropped
    from asyncgen.mathematics.kinds.equations.judging import LEAST_SHARE, evidence

    constants = ARBITRARY[: order_of(problem.kind)]
    try:
        found = within(limits.check, lambda: evidence(equation, answer, constants))
    except Dropped:
        return problem.outcome(Status.UNVERIFIED, answer=answer, reason="constants")
    if found is EXPIRED:
        reason = "cpu:check"
    elif found.differing and not found.agreeing:
        reason = "refuted"
    elif found.differing and found.agreeing < LEAST_SHARE * found.decided:
        reason = f"differs:{found.agreeing / found.decided:.2f}"
    elif found.is_thin:
        reason = "points"
    elif found.differing:
        reason = f"part:{found.agreeing / found.decided:.2f}"
    else:
        special = not SPECIAL.keys().isdisjoint(answer)
        return problem.outcome(Status.SPECIAL if special else Status.ELEMENTARY, answer=answer)
    return problem.outcome(Status.UNVERIFIED, answer=answer, reason=reason)
