"""Antiderivatives that do not jump where the form that comes first would: joined, and with polylogarithms."""

from fractions import Fraction

import pytest

from asyncgen.mathematics.continuity import jumps
from asyncgen.mathematics.engines.risch.expressions import parsed
from asyncgen.mathematics.engines.risch.sign_changes import only_change
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import CpuLimits, Problem
from asyncgen.worker import solve

LIMITS = CpuLimits(parse=10, engines=(("risch", 10),), check=10)

JOINED = [
    "sqrt(x**2 + 2*x + 1)",
    "abs(2*x - 3)*x",
    "x*sign(x - 2)",
    "abs(x - 1)*exp(x)",
    "abs(x - 1) + abs(x + 2)",
    "sqrt(x**2)*sin(x)",
    "sqrt((4 + x)*x**2)",
    "abs(x - 1)*log(x)",
    "sqrt((x**2 + 2)**2*(x - 1)**2)",
    "abs(x - 1/3)**3*log(x**2 + 1)",
]
ON_THE_UNIT_CIRCLE = [
    "log(cos(x) + 3)",
    "log(5 - 4*cos(x))",
    "x*sin(x)/(2 + cos(x))",
    "x**2*sin(x)/(2 + cos(x))",
    "x/(2 + sin(x))",
    "x*log(2 + sin(x))",
    "x*atan(2*tan(x))",
    "x**3/(5 + 4*sin(2*x + 1))",
    "atan(sin(x/2))",
]


ACROSS_A_CUT = ["cos(tan(x))", "cos(x)/(x**2 + 1)", "x*sin(x)/(x**2 + 3)", "1/(x**2 + x + 1)/sqrt(x)"]


@pytest.mark.parametrize("text", [*JOINED, *ON_THE_UNIT_CIRCLE, *ACROSS_A_CUT])
def test_the_answer_is_continuous(text: str) -> None:
    """Right by the check, and no jump is found."""
    tokens = read_infix(text)
    outcome = solve(Problem(0, " ".join(tokens), 3), LIMITS)
    assert outcome.success
    assert outcome.answer_prefix is not None
    answer = compile_tokens(outcome.answer_prefix.split())
    assert list(jumps(compile_tokens(tokens), answer)) == []
    assert outcome.continuous != "no"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(x + 1)**2", Fraction(-1)),
        ("x**2/(x - 5)", Fraction(0)),
        ("(3*x - 2)**6*(x**2 + 1)**2", Fraction(2, 3)),
        ("1/(x - 1/2)**2", Fraction(1, 2)),
        ("(x + 1)**4", None),
        ("x**2*(x - 1)**2", None),
        ("(x**2 - 2)**2", None),
        ("x + 1", None),
        ("sin(x)**2", None),
    ],
)
def test_the_place_where_a_sign_changes(text: str, place: Fraction | None) -> None:
    """Where the radicand has a zero or a pole of an order 2, 6, ..., if that is one rational place."""
    assert only_change(("sqrt", parsed(tuple(read_infix(text))))) == place


def test_what_joins_complex_logarithms_has_a_real_form() -> None:
    """No complex number is subtracted, so that absolute values mend it."""
    outcome = solve(Problem(0, " ".join(read_infix("1/(1 + abs(x))")), 3), LIMITS)
    assert outcome.real_answer is not None
    assert (outcome.shown.continuous, outcome.shown.real) == ("yes", "yes")


def test_opposite_sides_are_one_term() -> None:
    """Where one side is minus the other, nothing is added that comes to 0."""
    outcome = solve(Problem(0, " ".join(read_infix("sqrt((x - 1)**2)*exp(x)")), 3), LIMITS)
    assert outcome.integral == "sqrt((x - 1)**2)/(x - 1)*((x - 2)*exp(x) + E)"
