"""Problems that are built together with their answers: attempts are made until one gives a row.

A kind of problem is a module with `attempt`, which builds a row or raises Dropped, and, where its rows are
not integrals, `judge`. Which attempt gives the row follows from the draws alone, and so does the row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from asyncgen.mathematics.answer_forms import form_at_sight
from asyncgen.mathematics.check import Check, Finding, Ground, Verdict, check
from asyncgen.mathematics.constancy import is_constant, is_multiple_of_x
from asyncgen.mathematics.engines.portfolio import describe
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.additive_constants import without_constant_terms
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.kinds import ATTEMPTS, EQUATIONS, Draw
from asyncgen.problems.published import (
    MOST_NESTED,
    in_published_notation,
    nested_exponentials,
    operators_of,
)
from asyncgen.problems.records import EMPTY, Form, Outcome, Problem, Status, dropped_text

Tokens = tuple[str, ...]

LONGEST = 512  # tokens of a problem or an answer
MOST_WORK = 128 * 15**2  # operators, squared, of all draws at an index: no clock decides how many there are
LEAST_LEFT = 0.5  # of the operators that were drawn, in a published answer


class Dropped(Exception):
    """An attempt gives no row: `reason` is a plain word or two, such as "constant", that many share."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        if not reason.replace(" ", "").replace("-", "").isalnum():
            raise ValueError(f"a row could not hold the reason {reason!r}: it must be plain words")
        self.reason = reason


class Row(NamedTuple):
    """What an attempt has built, in tokens, and the internal nodes of what was drawn for it."""

    problem: Tokens
    answer: Tokens
    operators: int


class Judged(NamedTuple):
    """What the check says of a row; the form is that of an answer that was confirmed."""

    status: Status
    reason: str | None = None
    form: Form | None = None


class Construction(Protocol):
    """The module of a kind; it may have a `judge` of its own in the place of `judge_integral`."""

    def attempt(self, draw: Draw) -> Row:
        """A row from one draw. Raises Dropped, and Undecided or Degenerate where its fields do."""
        ...


Judge = Callable[[Row], Judged]


def construct(
    problem: Problem, draws: Callable[[int], Draw], module: Construction, published: bool
) -> Outcome:
    """The first row that an attempt gives, or that none did; the outcome counts those that were dropped.

    `draws` gives what is random in attempt number 0, 1, ... Raises UsageError where nothing can be built.
    """
    judge: Judge = getattr(module, "judge", judge_integral)
    dropped: Counter[str] = Counter()
    for draw in _affordable(map(draws, range(ATTEMPTS))):
        try:
            row = filtered(tidied(module.attempt(draw), problem.kind), published)
            return _counted(_outcome(problem, row, judge(row)), dropped)
        except Dropped as drop:
            dropped[drop.reason] += 1
        except Degenerate:
            dropped["undefined"] += 1
        except Undecided:
            dropped["too large"] += 1
        except MemoryError:
            return _counted(problem.outcome(Status.MEMORY), dropped)
        except Exception as error:  # a bug of ours, which one row shows and others outlive
            if isinstance(error, UsageError) and not isinstance(error, ParseError):
                raise
            return _counted(problem.outcome(Status.ERROR, reason=describe(error)), dropped)
    ((most_frequent, _),) = dropped.most_common(1)
    return _counted(problem.outcome(Status.DEGENERATE, reason=EMPTY + most_frequent), dropped)


def _affordable(draws: Iterable[Draw]) -> Iterator[Draw]:
    """As many draws as cost no more than MOST_WORK: fewer where they are large, and one at least."""
    work = 0
    for draw in draws:
        if work > MOST_WORK:
            return
        work += draw.operators**2
        yield draw


def tidied(row: Row, kind: str) -> Row:
    """The row without constants that are terms of an antiderivative."""
    return row if kind in EQUATIONS else row._replace(answer=without_constant_terms(row.answer))


def filtered(row: Row, published: bool) -> Row:
    """The row, in the published notation if so asked. Raises Dropped for what is not wanted of it."""
    if published:
        row = row._replace(
            problem=in_published_notation(row.problem), answer=in_published_notation(row.answer)
        )
        if operators_of(row.answer) < row.operators * LEAST_LEFT:
            raise Dropped("shrunk")
        if max(map(nested_exponentials, (row.problem, row.answer))) > MOST_NESTED:
            raise Dropped("nested exponentials")
    if max(len(row.problem), len(row.answer)) > LONGEST:
        raise Dropped("long")
    return row


def judge_integral(row: Row) -> Judged:
    """Whether the answer's derivative is the problem, on the real line.

    Raises Dropped for a problem that is real at too few points to tell; what is wrong at one is unverified. A
    constant that no field has seen as one is degenerate, as where functions are drawn: nothing else is built
    in its place, so that every other problem stays what it was.
    """
    found = check(row.problem, row.answer)
    if found.ground is not Ground.REAL and not _is_wrong(found):
        raise Dropped("not real")
    if found.verdict is not Verdict.CONFIRMED:
        return Judged(Status.UNVERIFIED, found.reason)
    if not found.varies and is_constant(row.problem) and is_multiple_of_x(row.answer):
        return Judged(Status.DEGENERATE, "constant")
    return Judged(Status.ELEMENTARY, form=form_at_sight(row.answer))


def _is_wrong(found: Check) -> bool:
    """Whether the answer is wrong at a point where the problem is real; the check looks farther then."""
    not_real = {point for point, finding in found.real if finding is Finding.COMPLEX}
    return any(finding is Finding.DIFFERS and point not in not_real for point, finding in found.real)


def _outcome(problem: Problem, row: Row, judged: Judged) -> Outcome:
    built = problem._replace(prefix=" ".join(row.problem), operators=row.operators)
    outcome = built.outcome(judged.status, answer=row.answer, reason=judged.reason)
    return outcome if judged.form is None else outcome.formed(judged.form)


def _counted(outcome: Outcome, dropped: Mapping[str, int]) -> Outcome:
    return outcome._replace(dropped=dropped_text(dropped))
