"""Rules of the loop that builds rows: attempts in their order, what is dropped counted, nothing hidden."""

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import fake_kinds
import pytest

from asyncgen import worker
from asyncgen.mathematics import kinds
from asyncgen.mathematics.kinds import construction
from asyncgen.mathematics.kinds.construction import Dropped, Judged, Row, construct
from asyncgen.mathematics.kinds.forward import solve
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.kinds import ATTEMPTS, CONSTRUCTED
from asyncgen.problems.records import (
    CpuLimits,
    Form,
    Known,
    Outcome,
    Problem,
    Status,
    dropped_counts,
    dropped_text,
)

PROBLEM = Problem(7, "", 0, "backward")
DOUBLE = Row(("mul", "INT+", "2", "x"), ("pow2", "x"), 3)
LIMITS = CpuLimits(engines=())
Attempt = Callable[[int], Row]


class Numbered:
    """A draw that is nothing but the number of its attempt."""

    def __init__(self, number: int, operators: int = 3) -> None:
        self.number = number
        self.operators = operators


def built(attempt: Attempt, problem: Problem = PROBLEM, **judge: object) -> Outcome:
    """What comes of a kind whose attempt number i is `attempt(i)`."""
    module = SimpleNamespace(attempt=lambda draw: attempt(draw.number), **judge)
    return construct(problem, Numbered, module, False)  # type: ignore[arg-type]


def raising(*errors: Exception) -> Attempt:
    """Attempts that raise these one after the other, and then give a row."""
    rest: Iterator[Exception] = iter(errors)

    def attempt(_: int) -> Row:
        for error in rest:
            raise error
        return DOUBLE

    return attempt


@pytest.mark.parametrize(
    ("problem", "answer"),
    [
        ("mul ln atanh tanh INT+ 1 cos x", "mul ln atanh tanh INT+ 1 sin x"),  # 0
        ("add pow2 sin x pow2 cos x", "x"),
        ("sub ln mul INT+ 2 exp x x", "mul ln INT+ 2 x"),
    ],
)
def test_a_constant_that_is_not_seen_to_be_one_is_degenerate(problem: str, answer: str):
    """As a function that is drawn; the index keeps what was built for it, and no attempt is made instead."""
    found = built(lambda _: Row(tuple(problem.split()), tuple(answer.split()), 3))
    assert (found.status, found.reason, found.dropped) == (Status.DEGENERATE, "constant", None)
    assert (found.problem_prefix, found.answer_prefix) == (problem, answer)
    drawn = solve(Problem(0, problem, 3), CpuLimits(engines=(("risch", 1.0),)))
    assert (drawn.status, drawn.reason) == (Status.DEGENERATE, "constant")


def test_what_is_no_constant_is_not_taken_for_one():
    """Nor if it is 0 at some points, or nearly constant, or constant wherever anybody looked."""
    far = "sub x INT+ 5 0 0 0"
    for problem, answer in [
        ("sin x", "mul INT- 1 cos x"),
        ("tanh x", "ln cosh x"),
        ("sign x", "abs x"),
        (f"sign {far}", f"abs {far}"),
    ]:
        assert built(lambda _, p=problem, a=answer: Row(tuple(p.split()), tuple(a.split()), 3)).success


def test_large_draws_are_fewer():
    """So that the work at an index is bounded without a clock."""
    numbers = []

    def attempt(draw: Numbered) -> Row:
        numbers.append(draw.number)
        raise Dropped("constant")

    construct(PROBLEM, lambda number: Numbered(number, 100), SimpleNamespace(attempt=attempt), False)
    assert numbers == [0, 1, 2]


def test_the_first_row_is_kept():
    """With its problem, its answer and its operators; nothing was dropped."""
    outcome = built(lambda _: DOUBLE)
    assert (outcome.status, outcome.index, outcome.kind) == (Status.ELEMENTARY, 7, "backward")
    assert (outcome.problem_prefix, outcome.answer_prefix) == ("mul INT+ 2 x", "pow2 x")
    assert (outcome.integrand, outcome.integral, outcome.operators) == ("2*x", "x**2", 3)
    assert (outcome.reason, outcome.engine, outcome.dropped) == (None, None, None)


def test_what_is_dropped_is_counted():
    """By reason, sorted by name; the row is that of the next attempt."""
    outcome = built(raising(Dropped("long"), Dropped("constant"), Dropped("long")))
    assert (outcome.status, outcome.dropped) == (Status.ELEMENTARY, "constant=1,long=2")


def test_attempts_have_their_numbers():
    """From 0, so that each draws anew."""
    seen: list[int] = []

    def attempt(number: int) -> Row:
        seen.append(number)
        if number < 3:
            raise Dropped("long")
        return DOUBLE

    built(attempt)
    assert seen == [0, 1, 2, 3]


def test_an_index_may_stay_empty():
    """After so many attempts; the reason is the most frequent one, and the row has no problem."""
    outcome = built(raising(*[Dropped("long")] * 2, *[Dropped("constant")] * (ATTEMPTS - 2)))
    assert (outcome.status, outcome.reason, outcome.is_empty) == (Status.DEGENERATE, "empty:constant", True)
    assert outcome.dropped == f"constant={ATTEMPTS - 2},long=2"
    assert (outcome.problem_prefix, outcome.integrand, outcome.answer_prefix) == ("", "", None)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ZeroDivisionError("of ours"), Status.ERROR, "ZeroDivisionError: of ours"),
        (ParseError("no function"), Status.ERROR, "ParseError: no function"),
        (MemoryError(), Status.MEMORY, None),
    ],
)
def test_a_bug_ends_the_index(error: Exception, status: Status, reason: str | None):
    """It is shown in the row, with what was dropped before; no further attempt hides it."""
    outcome = built(raising(Dropped("long"), error))
    assert (outcome.status, outcome.reason, outcome.dropped) == (status, reason, "long=1")


def test_a_row_that_cannot_be_written_is_a_bug():
    """Its tokens are no expression, or none that is known."""
    outcome = built(
        lambda _: DOUBLE._replace(answer=("pow2", "q")), judge=lambda row: Judged(Status.ELEMENTARY)
    )
    assert outcome.status is Status.ERROR
    assert "unknown token 'q'" in str(outcome.reason)


def test_a_reason_is_plain_words():
    """Counts of them stand in one text, and are read back."""
    for reason in ("a=1", "a,b", '"', ""):
        with pytest.raises(ValueError, match="plain words"):
            Dropped(reason)
    assert dropped_counts("not real=2,x-free=10") == {"not real": 2, "x-free": 10}
    assert dropped_text({"x-free": 10, "not real": 2}) == "not real=2,x-free=10"
    assert dropped_text({}) is None
    assert dropped_counts(None) == {}


def test_a_misuse_ends_the_job():
    """A table that cannot be read would fail for every index."""
    with pytest.raises(UsageError, match="the table"):
        built(raising(UsageError("the table")))


class TestJudging:
    """What the check says decides the status."""

    def test_a_wrong_answer_is_unverified(self):
        """The reason is the check's; the answer is kept as evidence."""
        outcome = built(lambda _: DOUBLE._replace(answer=("pow3", "x")))
        assert (outcome.status, outcome.reason) == (Status.UNVERIFIED, "refuted")
        assert (outcome.answer_prefix, outcome.integral) == ("pow3 x", None)

    def test_what_is_real_nowhere_is_dropped(self):
        """Such a problem is no function of a real variable."""
        root = ("sqrt", "sub", "mul", "INT-", "1", "pow2", "x", "INT+", "1")
        outcome = built(lambda _: Row(root, root, 4))
        assert outcome.reason == "empty:not real"

    def test_a_kind_may_judge_itself(self):
        """And may drop rows then; the form of an answer is taken over."""

        def judge(row: Row) -> Judged:
            if row.operators == 3:
                raise Dropped("small")
            return Judged(Status.ELEMENTARY, form=Form(Known.YES, Known.NO))

        outcome = built(lambda number: DOUBLE._replace(operators=3 + number), judge=judge)
        assert (outcome.operators, outcome.dropped) == (4, "small=1")
        assert (outcome.continuous, outcome.real) == ("yes", "no")


@pytest.mark.parametrize("kind", ["ode1", "ode2"])
def test_an_equation_is_written_as_one(kind: str):
    """People see that it is to be 0; the tokens are those of its left side."""
    outcome = built(
        lambda _: DOUBLE, PROBLEM._replace(kind=kind), judge=lambda row: Judged(Status.ELEMENTARY)
    )
    assert (outcome.integrand, outcome.problem_prefix) == ("2*x = 0", "mul INT+ 2 x")


# -- in a worker ---------------------------------------------------------------------------------------


@pytest.fixture
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(construction, "ATTEMPTS", fake_kinds.FEW)
    for kind in CONSTRUCTED:
        monkeypatch.setitem(kinds.KINDS, kind, fake_kinds.NAME)


@pytest.mark.usefixtures("_fakes")
def test_a_worker_builds_from_the_specification():
    """The same row whenever the index comes; a published one is in the published notation."""
    found = load_configuration(None, kind="backward")
    spec = specification(found, found.laws)
    published = specification(found, found.laws, published=True)
    rows = [worker.solve(PROBLEM._replace(index=i), LIMITS, spec) for i in range(60)]
    again = [worker.solve(PROBLEM._replace(index=i), LIMITS, spec) for i in reversed(range(60))]
    assert rows == again[::-1]
    assert {row.status for row in rows} == {Status.ELEMENTARY, Status.UNVERIFIED, Status.DEGENERATE}
    assert len({row.problem_prefix for row in rows}) > 40
    others = [worker.solve(PROBLEM._replace(index=i), LIMITS, published) for i in range(60)]
    assert all(" pow x INT+ " in row.answer_prefix for row in others if row.answer_prefix)


def test_a_worker_without_a_specification_is_a_misuse():
    """There is nothing to build from."""
    with pytest.raises(UsageError, match="built from a specification"):
        worker.solve(PROBLEM, LIMITS)


def test_every_kind_has_a_module():
    """By its name; those with a hyphen have an underscore there."""
    assert kinds.KINDS["parts-lookup"] == "asyncgen.mathematics.kinds.parts_lookup"
    assert list(kinds.KINDS) == ["forward", *CONSTRUCTED]
    with pytest.raises(UsageError, match="sideways"):
        kinds.builder("sideways")


def test_what_builds_rows_may_be_imported_early(monkeypatch: pytest.MonkeyPatch):
    """So that forked workers share it; a module that is missing does no harm before it is asked for."""
    monkeypatch.setitem(kinds.KINDS, "backward", "fake_kinds")
    monkeypatch.setitem(kinds.KINDS, "tower", "no_such_module")
    monkeypatch.delitem(sys.modules, "fake_kinds")
    worker.load_constructions()
    assert "fake_kinds" in sys.modules
