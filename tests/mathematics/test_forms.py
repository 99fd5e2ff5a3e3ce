"""Rules of asking in several forms: which are tried, and what may be concluded from them."""

from collections.abc import Mapping

import pytest

from asyncgen.mathematics.engines.fricas import forms
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.fricas.forms import in_turn
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.engines.portfolio import judge
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import Status
from asyncgen.problems.tokens import to_infix

NONE = Answer(Finding.UNSOLVED, reason="incomplete")
NONELEMENTARY = Answer(Finding.NONELEMENTARY, reason="stub")


class Stub:
    """An engine that knows some answers, and keeps what it was asked."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, tokens: Tokens, share: float) -> Answer:
        assert 0 < share <= 1
        self.asked.append(to_infix(tokens))
        return self.answers.get(self.asked[-1], NONE)


def solved(text: str) -> Answer:
    return Answer(Finding.SOLVED, (read_infix(text),))


def test_a_decided_question_is_the_only_one() -> None:
    """Other forms are for what the first one leaves open."""
    stub = Stub({"x + exp(x)": NONELEMENTARY})
    assert in_turn(read_infix("x + exp(x)"), stub) is NONELEMENTARY
    assert stub.asked == ["x + exp(x)"]


def test_the_first_answer_stands_if_nothing_helps() -> None:
    """The reason of a row is that of the question as it was given."""
    stub = Stub({"sqrt(sin(x))": Answer(Finding.CUT)})
    answer = in_turn(read_infix("x + sqrt(sin(x))"), stub)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, "incomplete")
    assert len(stub.asked) == 2


def test_no_other_form_is_tried_after_a_cut() -> None:
    """A question that was cut has used up the time of all forms."""
    stub = Stub({"x + sqrt(sin(x))": Answer(Finding.CUT)})
    assert in_turn(read_infix("x + sqrt(sin(x))"), stub).finding is Finding.CUT
    assert len(stub.asked) == 1


def test_solved_parts_are_added() -> None:
    """The sum of the parts' antiderivatives is one of the whole."""
    stub = Stub({"x": solved("x**2/2"), "exp(x)": solved("exp(x)")})
    (answer,) = in_turn(read_infix("x + exp(x)"), stub).candidates
    assert to_infix(answer) == "x**2/2 + exp(x)"


@pytest.mark.parametrize(
    ("rest", "finding"),
    [
        (solved("x**2/2"), Finding.NONELEMENTARY),
        (solved("x**3"), Finding.UNSOLVED),
        (solved("x**2/2 + erf(x) - erf(x)"), Finding.UNSOLVED),
        (NONELEMENTARY, Finding.UNSOLVED),
        (NONE, Finding.UNSOLVED),
    ],
)
def test_one_part_rules_the_sum_out_if_all_others_are_elementary(rest: Answer, finding: Finding) -> None:
    """A wrong, a special, a second nonelementary or no answer for another part leaves the sum undecided."""
    stub = Stub({"x": rest, "exp(x**2)": NONELEMENTARY})
    assert in_turn(read_infix("x + exp(x**2)"), stub).finding is finding


def test_a_check_that_does_not_end_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of a part has a CPU limit, after which the sum is undecided."""

    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(forms, "check", endless)
    monkeypatch.setattr(forms, "CHECKING", 0.01)
    stub = Stub({"x": solved("x**2/2"), "exp(x**2)": NONELEMENTARY})
    assert in_turn(read_infix("x + exp(x**2)"), stub).finding is Finding.UNSOLVED


def test_a_verdict_in_another_variable_counts_unless_roots_depend() -> None:
    """The roots of the function are those of its other form: dependent ones spoil the verdict."""

    def everything_else(tokens: Tokens, share: float) -> Answer:
        return NONE if "ln" in tokens else NONELEMENTARY

    sound = read_infix("sqrt(log(x) + x**2)")
    doubtful = read_infix("sqrt(sin(x))*sqrt(sin(x)*log(x))")
    assert in_turn(sound, everything_else).finding is Finding.NONELEMENTARY
    assert in_turn(doubtful, everything_else).finding is Finding.UNSOLVED


@pytest.mark.engine
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("sqrt(acos(2*x))", Status.SPECIAL),
        ("x*(sqrt(log(x)) + x)", Status.SPECIAL),
        ("x - 1 + sqrt(acos(x + x))", Status.SPECIAL),
        ("sqrt(tan(x)) - (x + 2 + x)", Status.ELEMENTARY),
        ("cos(16*sqrt(x)*x**3)", Status.SPECIAL),
        ("x + sqrt(sqrt(x + x)) + sin(x**3) + 5*x", Status.SPECIAL),
    ],
)
def test_fricas_solves_more_in_other_forms(fricas: None, function: str, expected: Status) -> None:
    """Functions that FriCAS calls incomplete as they stand get an answer that the check confirms."""
    tokens = read_infix(function)
    engine = Fricas()
    answer = engine.integrate(Integrand(tokens), 10.0)
    found = [judge(tokens, candidate, "fricas", 10.0).status for candidate in answer.candidates]
    engine.close()
    assert expected in found


@pytest.mark.engine
@pytest.mark.parametrize("function", ["asinh(log(x))", "cos(sqrt(sqrt(x) + x + x))", "x + asinh(atanh(x))"])
def test_fricas_rules_more_out_in_other_forms(fricas: None, function: str) -> None:
    """The verdict on the other form is that on the function."""
    engine = Fricas()
    answer = engine.integrate(Integrand(read_infix(function)), 10.0)
    engine.close()
    assert answer.finding is Finding.NONELEMENTARY


def test_a_root_that_the_new_variable_makes_a_circular_function_spoils_a_verdict() -> None:
    """For x = sin(t) the root of 1 - x**2 is cos(t), and no new quantity."""

    def everything_else(tokens: Tokens, share: float) -> Answer:
        return NONE if "asin" in tokens else NONELEMENTARY

    doubtful = read_infix("x*exp(asin(x))/sqrt(1 - x**2)/asin(x)")
    assert in_turn(doubtful, everything_else).finding is Finding.UNSOLVED


@pytest.mark.engine
@pytest.mark.parametrize(
    "text",
    [
        "x*(1+asin(x)**2)**(-1/2)*(1-x**2)**(-1/2)*exp(asinh(asin(x)))+exp(asinh(asin(x)))",
        "2*x*acosh(sqrt(1+x**2))*exp(x**2)"
        "+x/sqrt(1+x**2)/sqrt(1+sqrt(1+x**2))/sqrt(-1+sqrt(1+x**2))*exp(x**2)",
        "exp(asin(x**2))/(x+1)*(2*x/sqrt(1-x**4) - 1/(x+1))*(log(exp(asin(x**2))/(x+1)) + 1)",
    ],
)
def test_the_derivative_of_an_elementary_function_is_not_ruled_out(fricas: None, text: str) -> None:
    """Of x*exp(asinh(asin(x))), with such a root in asin(x); of exp(x**2)*acosh(sqrt(x**2+1)), nested; of
    F*log(F) with F = exp(asin(x**2))/(x+1), where log(F) is asin(x**2) - log(x+1).
    """
    engine = Fricas()
    answer = engine.integrate(Integrand(read_infix(text)), 2.0)
    engine.close()
    assert answer.finding is not Finding.NONELEMENTARY
