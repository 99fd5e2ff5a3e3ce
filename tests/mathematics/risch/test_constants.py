"""Rules of constants: roots of any kind are known exactly, and what is equal is the same element."""

from contextlib import suppress

import mpmath
import pytest
from towers import reading

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.problems.infix import read_infix

ZEROS = [
    "log(sqrt(2)) - log(2)/2",
    "sin(pi/4) - sqrt(2)/2",
    "cos(pi/5) - (1 + sqrt(5))/4",
    "tan(pi/8) - sqrt(2) + 1",
    "exp(I*pi/3) - (1 + I*sqrt(3))/2",
    "2**(1/3)*4**(1/3) - 2",
    "5**(2/3) - 25**(1/3)",
    "2**(1/3)*2**(1/6) - sqrt(2)",
    "(1 + sqrt(2))**(1/3)*(1 + sqrt(2))**(2/3) - 1 - sqrt(2)",
    "(7 + 5*sqrt(2))**(1/3) - 1 - sqrt(2)",
    "(-8)**(1/3) - 1 - I*sqrt(3)",
    "sqrt(1 + sqrt(2))*sqrt(sqrt(2) - 1) - 1",
    "sqrt(1 + sqrt(2))*sqrt(1 - sqrt(2)) - I",
    "sqrt(6 + 3*sqrt(2)) - sqrt(3)*sqrt(2 + sqrt(2))",
    "sqrt(2 + sqrt(2)) - 2*cos(pi/8)",
    "sqrt(1 + I)*sqrt(1 - I) - sqrt(2)",
    "sqrt(10 - 2*sqrt(5)) - 4*sin(pi/5)",
    "4*cos(pi/9)**3 - 3*cos(pi/9) - 1/2",
    "sin(pi/16)**2 - (1 - cos(pi/8))/2",
    "sqrt(sqrt(sqrt(2))) - 2**(1/8)",
    "sqrt(tan(1))*sqrt(1/tan(1)) - 1",
    "sqrt(4*pi) - 2*sqrt(pi)",
    "pi**(1/3)*pi**(2/3) - pi",
    "sqrt(E) - exp(1/2)",
    "sqrt(cos(3))**2 - cos(3)",
    "1/(1 + sqrt(pi)) - (1 - sqrt(pi))/(1 - pi)",
    "log(sqrt(pi)) - log(pi)/2",
    "exp(log(pi)/2) - sqrt(pi)",
    "log(log(4)) - log(2) - log(log(2))",
    "log(1 + sqrt(2)) + log(sqrt(2) - 1)",
    "log(2 + sqrt(2)) - log(1 + sqrt(2)) - log(2)/2",
    "exp(asinh(tan(1))) - tan(1) - 1/cos(1)",
    "sin(asin(acos(4))) - acos(4)",
    "sqrt(2)**sqrt(2) - 2**(sqrt(2)/2)",
    "exp(sqrt(1 + sqrt(2)))**2 - exp(2*sqrt(1 + sqrt(2)))",
    "(sqrt(pi)*x + pi)/(x + sqrt(pi)) - sqrt(pi)",
]


@pytest.mark.parametrize("text", ZEROS)
def test_what_is_zero_is_zero(text: str) -> None:
    """A constant in which roots and logarithms cancel is the element 0."""
    assert not reading(text).element


@pytest.mark.parametrize("text", [text for text in ZEROS if "x" not in text.replace("exp", "")])
def test_a_little_more_is_not_zero(text: str) -> None:
    """The constants above are known from others, however close: 10^-4 more is not 0."""
    assert reading(f"{text} + 1/10000").element


@pytest.mark.parametrize(
    "text",
    [
        *("sqrt(2 + sqrt(3))*sqrt(5)", "sqrt(cos(3))", "asin(log(5))", "(1 + sqrt(2))**(1/3)", "2**(3/4)"),
        *("sin(pi/9)", "tan(pi/5)", "sqrt(asin(4))", "exp(2*I*pi/5)", "log(sqrt(tan(1)))", "pi**(2/3)"),
        *("acosh(3)", "(2 + I)**(1/3)", "sqrt(1 - sqrt(2))", "sqrt(log(log(2)))", "asinh(tan(1))"),
    ],
)
def test_a_constant_has_its_value(text: str) -> None:
    """The ball of a constant holds what mpmath computes for it."""
    found = reading(text)
    value = complex(found.tower.constants.ball(found.element).mid())
    names = {
        name: getattr(mpmath, name) for name in ("sqrt", "cos", "sin", "tan", "asin", "exp", "log", "pi")
    }
    names |= {"acosh": mpmath.acosh, "asinh": mpmath.asinh, "I": mpmath.mpc(0, 1)}
    expected = complex(eval(text, names))
    assert value == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        *("sqrt(pi)/(x + sqrt(1 + E))", "x*exp(2**(1/3)*x)", "sqrt(asin(4))*x", "sin(pi/8)*x*exp(x)"),
        *("log(x + sqrt(pi))", "1/(sqrt(2) + 5**(1/3) + x)", "x**(sqrt(1 + sqrt(2)))", "sqrt(cos(3))/x"),
        *("(sqrt(pi)**2 - pi)*exp(x**2) + x", "sqrt(x*pi)", "cos(pi/9)*log(x)", "sqrt(tan(1))/(x + tan(1))"),
    ],
)
def test_functions_with_such_constants_are_integrated(text: str) -> None:
    """The answer is confirmed by the check."""
    tokens = read_infix(text)
    found = decide(parsed(tokens))
    verdicts = {check(tokens, tokens_of(answer)).verdict for answer in found.candidates}
    assert Verdict.CONFIRMED in verdicts


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(pi)*exp(x**2)",
        "exp(2**(1/3)*x)/x",
        "(sqrt(2)*sqrt(pi) - sqrt(3))/log(x)",
        "exp(sqrt(cos(3))*x**2)",
    ],
)
def test_functions_with_such_constants_are_ruled_out(text: str) -> None:
    """A constant that is not 0 before a function without an elementary integral does not help."""
    assert decide(parsed(read_infix(text))).is_proof


def test_a_relation_that_is_missed_while_integrating_is_no_proof() -> None:
    """1/(x^2 - pi) - 1/((x - w)(x + w)) is 0 for w^2 = pi: a proof must not rest on w being free."""
    text = "(1/(x**2 - pi) - 1/((x - sqrt(pi))*(x + sqrt(pi))))*exp(x**2)/x"
    with suppress(Undecided):
        assert not decide(parsed(read_infix(text))).is_proof
