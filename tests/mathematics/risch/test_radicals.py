"""Rules of integration over square roots: what is elementary, and what is not."""

import pytest
from derivatives import derivative, tree
from towers import integral

from asyncgen.mathematics.engines.risch.expressions import tokens_of
from asyncgen.mathematics.engines.risch.integration import NoSolution, NotLimited, ResiduesVary
from asyncgen.mathematics.fields.errors import NeedsExtension
from asyncgen.problems.infix_text import to_infix


def text_of_derivative(text: str) -> str:
    """The derivative of a function as text."""
    return to_infix(tokens_of(derivative(tree(text))))


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x**3 + 1)",
        "1/sqrt(x**4 + x + 1)",
        "x/sqrt(x**4 + x + 1)",
        "sqrt(sin(x))",
        "sqrt(log(x))",
        "sqrt(x + exp(x))",
        "sqrt(x + log(x))/x",
        "asin(x**2)",
        "asinh(x**3 + x)*x",
        "exp(x)*asin(x**2)",
        "asin(x)*sqrt(x + 2)",
        "sqrt(x)*sqrt(x + 1)*sqrt(x + 2)",
        "sqrt(sin(x) + sqrt(x))",
        "exp(sqrt(x**3 + 1))",
        "exp(sqrt(sin(x)))",
        "exp(asin(x**2))",
        "sin(x*acos(x**2))",
        "exp(x*asin(x**2) + x)",
        "log(x + sqrt(x**3 + 1))*exp(x)",
        "sqrt(x + asin(x))",
        "1/asin(x**2)",
        "asinh(4*atanh(x)/x)",
        "tan(sqrt(x**3 + x))",
    ],
)
def test_what_has_no_elementary_integral(text: str) -> None:
    """Elliptic integrals, kernels over roots, roots of kernels: each ends at an obstruction."""
    found = integral(text, extended=True).obstruction
    assert isinstance(found, NoSolution | NotLimited | ResiduesVary)


@pytest.mark.parametrize(
    "text",
    [
        "x*sqrt(x**3 + 1)",
        "exp(x)*sqrt(x**3 + 1)",
        "asin(x**2)*log(x)",
        "asinh(x**3 + x)*x",
        "asin(x**2)**2*sqrt(x + 1)",
        "sqrt(sin(x) + sqrt(x))*x",
        "exp(sqrt(x**3 + 1))/x",
        "x*exp(sqrt(sin(x)))",
        "exp(asin(x**2))*x",
        "sin(x*acos(x**2))",
        "log(asin(x**2) + x)",
        "log(x + asinh(exp(x) + x))*sqrt(x)",
        "sqrt(x + asin(x))*exp(x)",
        "log(x**2 + sqrt(x**4 + 1))*x",
        "exp(x*log(x + sqrt(x**3 + 1)))",
        "asinh(4*atanh(x)/x)*x",
    ],
)
def test_derivatives_are_integrated(text: str) -> None:
    """No derivative of a function over roots is ruled out."""
    assert integral(text_of_derivative(text), extended=True).obstruction is None


@pytest.mark.parametrize(
    "text",
    [
        "(5*x - 1)/sqrt(x**4 + 2*x**2 - 4*x + 1)",
        "x/sqrt(x**4 + 10*x**2 - 96*x - 71)",
        "1/(x*sqrt(x**3 + 1))",
        "2*x/sqrt(x**4 + 1)",
        "1/(x*sqrt(log(x)**2 + 2))",
    ],
)
def test_a_divisor_of_finite_order_gives_a_logarithm(text: str) -> None:
    """Pseudo-elliptic integrals, Chebyshev's among them, end at a unit whose logarithm they are."""
    found = integral(text, extended=True)
    assert found.obstruction is None
    assert len(found.units) == 1


@pytest.mark.parametrize(
    "text", ["log(1 + sqrt(1 - x**4)) + asin(x**2)**3", "atanh(sqrt(x**4 + 1)) + asinh(x**2)"]
)
def test_a_unit_at_other_places_proves_nothing(text: str) -> None:
    """asin(x^2) is the logarithm of a unit at infinity, and these have residues at x = 0."""
    assert integral(text_of_derivative(text), extended=True).obstruction is None


@pytest.mark.parametrize("text", ["1/((x**2 - 2)*sqrt(x**3 + 1))", "1/((x - 1)*sqrt(x**4 + 1)*x)"])
def test_several_residues_are_left_open(text: str) -> None:
    """Where the residues stand at several pairs of places, nothing is claimed."""
    with pytest.raises(NeedsExtension):
        integral(text, extended=True)
