"""Rules of integration in a tower: what is elementary, and which obstruction rules it out."""

import pytest
import sympy
from towers import answer, integral, reading

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch.integration import NoSolution, NotLimited, ResiduesVary, integrate
from asyncgen.problems.infix import read_infix


@pytest.mark.parametrize(
    ("text", "obstruction"),
    [
        ("exp(x**2)", NoSolution),
        ("exp(x)/x", NoSolution),
        ("sin(x)/x", NoSolution),
        ("cos(x**2)", NoSolution),
        ("exp(exp(x))", NoSolution),
        ("x**x", NoSolution),
        ("x**2*exp(-x**2)", NoSolution),
        ("sinh(x)/x**2", NoSolution),
        ("log(x)*exp(x)", NoSolution),
        ("exp(1/x)", NoSolution),
        ("1/log(x)", ResiduesVary),
        ("1/(exp(x) + x)", ResiduesVary),
        ("x/(exp(x) + 1)", ResiduesVary),
        ("x*tan(x)", ResiduesVary),
        ("(2*log(x)**2 - log(x) - x**2)/(log(x)**3 - x**2*log(x))", ResiduesVary),
        ("(2*x**2 - x - log(x)**2)/(log(x)**3 - x**2*log(x))", ResiduesVary),
        ("1/log(x)**2", ResiduesVary),
        ("log(x)/(x + 1)", NotLimited),
        ("log(x + 1)/x", NotLimited),
        ("atan(x)/x", NotLimited),
        ("log(x)**2/(x - 1)", NotLimited),
        ("log(exp(x) + 1)", ResiduesVary),
        ("log(log(x))", ResiduesVary),
        ("log(sin(x))", ResiduesVary),
    ],
)
def test_what_rules_out_an_elementary_integral(text: str, obstruction: type) -> None:
    """The functions of the textbooks without an elementary integral end at the obstruction of the book."""
    assert isinstance(integral(text).obstruction, obstruction)


EXACT = [
    "(log(x) - 1)/log(x)**2",
    "x**x*(log(x) + 1)",
    "x*exp(x)",
    "(2*x**2 - 1)*exp(-x**2)",
    "log(x)**3",
    "exp(exp(x) + x)",
    "exp(x)*(1/x + log(x))",
    "x**3*sin(x)",
    "cos(log(x))",
    "2**x*x",
    "x**2*log(x)**2",
    "exp(x)*sin(x)*x",
    "(x - 1)*exp(x)/x**2",
    "log(x)/x",
    "exp(x/2) + exp(x/3)",
    "x**4 + 1/x**3",
    "atan(x)/(x**2 + 1)",
    "log(log(x))/(x*log(x))",
    "exp(x)/(exp(x) + 1)**2",
]


@pytest.mark.parametrize("text", EXACT)
def test_an_integral_without_new_logarithms_is_exact(text: str) -> None:
    """The derivative of what is found is the function, as an element of the tower."""
    found = reading(text)
    field = found.tower.field
    result = integrate(field, found.element)
    assert result.obstruction is None
    assert not result.logarithms
    total = field.zero
    for part in result.elements:
        total = total + field.derive(part)
    assert total == found.element


ANTIDERIVATIVES = [
    "x*log(x)/(x + log(x))",
    "log(x + exp(x))",
    "exp(x)*log(log(x))",
    "tan(x)**2/x",
    "log(x)*log(x + 1)*x",
    "log(log(log(x)))*x",
    "exp(x**2)/(x + 1)",
    "log(exp(x) + log(x))",
    "atan(x*log(x))",
    "atan(exp(x))/x",
    "exp(exp(x))*sin(x)",
    "x**x/(x + 1)",
    "x/(exp(x) - x)**2",
    "log(x**3 - x + 1)*exp(x)",
    "cosh(x)*log(tanh(x))",
    "log(1 + log(x)**2)",
    "exp(1/log(x))",
    "pi*x**2*exp(2)*log(2*x)",
    "1/(1 + exp(x) + exp(x**2))",
]


@pytest.mark.parametrize("text", ANTIDERIVATIVES)
def test_a_derivative_has_an_integral(text: str) -> None:
    """SymPy's derivative of an elementary function is never ruled out."""
    x = sympy.Symbol("x")
    derivative = str(sympy.diff(text, x))
    assert integral(derivative).obstruction is None


@pytest.mark.parametrize("text", ANTIDERIVATIVES)
def test_the_answer_to_a_derivative_is_not_refuted(text: str) -> None:
    """What is written for a derivative has that derivative where the check can tell."""
    x = sympy.Symbol("x")
    derivative = str(sympy.diff(text, x))
    found = answer(derivative)
    assert found is not None
    assert check(read_infix(derivative), found).verdict is not Verdict.REFUTED


@pytest.mark.parametrize("text", ["exp(x**2)", "1/log(x)", "log(x)/(x + 1)"])
def test_a_derivative_more_does_not_help(text: str) -> None:
    """A function without elementary integral has none with an elementary derivative added."""
    assert integral(f"{text} + (log(x) - 1)/log(x)**2 + 2*x*exp(x) + x**2*exp(x)").obstruction is not None
