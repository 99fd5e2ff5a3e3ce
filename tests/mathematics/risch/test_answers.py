"""Rules of answers: how antiderivatives are written, and that they are right."""

import pytest
from towers import answer

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import to_infix

WRITTEN = [
    ("x*exp(x)", "x*exp(x) - exp(x)"),
    ("tan(x)", "-log(cos(x))"),
    ("1/(x**2 + 1)", "atan(x)"),
    ("exp(x)/(exp(x) + 1)", "log(exp(x) + 1)"),
    ("log(x)/(x + 1) + log(x + 1)/x", "log(x)*log(x + 1)"),
    ("log(log(x))/x", "log(x)*log(log(x)) - log(x)"),
    ("exp(2)*x*exp(1)", "x**2*exp(3)/2"),
    ("exp(x/2) + exp(x/3)", "2*exp(x/2) + 3*exp(x/3)"),
    ("2*x*cos(x**2)", "sin(x**2)"),
    ("asin(3)*x", "x**2*asin(3)/2"),
    ("x**x*(log(x) + 1)", "exp(x*log(x))"),
    ("sin(2)*x + cos(1)", "sin(2)*x**2/2 + cos(1)*x"),
    ("2**x", "exp(x*log(2))/log(2)"),
    ("log(x**2) - 2*log(x) + x", "x**2/2"),
    ("1/(x**2 - 2)", "sqrt(2)*log(x - sqrt(2))/4 - sqrt(2)*log(x + sqrt(2))/4"),
    ("1/cos(x)", "log(cos(x/2) + sin(x/2)) - log(cos(x/2) - sin(x/2))"),
    ("sin(x)**3*cos(2*x)", "cos(5*x)/40 - cos(3*x)/8 + cos(x)/2"),
    ("log(2)/(x + log(2))", "log(2)*log(x + log(2))"),
    ("1/(x*log(x)*log(log(x)))", "log(log(log(x)))"),
    ("atan(x)*x", "x**2*atan(x)/2 - x/2 + atan(x)/2"),
    ("tanh(3*x)/2", "-x/2 + log(exp(6*x) + 1)/6"),
    ("(log(x) - 1)/log(x)**2", "x/log(x)"),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_how_an_antiderivative_is_written(text: str, expected: str) -> None:
    """The answer is the one that a reader expects."""
    found = answer(text)
    assert found is not None
    assert to_infix(found) == expected


RIGHT = [
    *(text for text, _ in WRITTEN),
    "1/(x**4 + 1)",
    "1/(x**2 + x + 1)",
    "1/(x**5 + x + 1)",
    "1/(x**5 + 1)",
    "1/(x**6 - 1)",
    "(x**3 + 2)/(x**4 + 4)",
    "1/(3 + cos(x))",
    "1/(2 + sin(x))",
    "x/sinh(x)**2",
    "x*sin(x)*exp(x)",
    "exp(-x**2)*(2*x**2 - 1)",
    "log(6)*x/log(2)",
    "atan(2)*x + atan(3) + atan(1)",
    "1/(1 + exp(x))",
    "tan(x)**3",
    "cosh(x)/(1 + sinh(x)**2)",
    "log(x**2 + 1)",
    "x*atan(x)**2/(x**2 + 1)**2*0 + atan(x)**2/(x**2 + 1)",
    "1/(exp(x) + exp(-x))",
    "1/(x*(log(x)**2 + 1))",
    "1/(x*(log(x)**2 - 3))",
    "1/(x**3 - 2*x + pi)*(3*x**2 - 2)",
    "I*exp(x) + 1/(x + I)",
    "E/(x + E)",
    "atanh(sqrt(2))*exp(x)",
    "1/((x + atanh(E))**2 + 1)",
    "sin(x)*sin(2*x)*sin(3*x)",
    "exp(2*x)*cos(3*x)",
    "cos(log(x))",
    "asin((x**2 - 1)/(x**2 + 1))*0 + acoth(x)",
]


@pytest.mark.parametrize("text", RIGHT)
def test_answers_are_confirmed(text: str) -> None:
    """The derivative of the answer is the function at all points that are looked at."""
    found = answer(text)
    assert found is not None
    assert check(read_infix(text), found).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("text", RIGHT)
def test_tokens_are_read_back(text: str) -> None:
    """The answer as infix, read again, is written the same way again, and so its tree as tokens."""
    found = answer(text)
    assert found is not None
    again = read_infix(to_infix(found))
    assert to_infix(again) == to_infix(found)
    assert list(tokens_of(parsed(found))) == found


def test_a_jump_is_a_branch() -> None:
    """An answer that takes atan(tan(x)) for x holds on an interval."""
    found = check(read_infix("atan(tan(x))"), read_infix("x**2/2"))
    assert found.verdict is Verdict.BRANCH
