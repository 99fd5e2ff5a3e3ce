"""Rules of square roots of elements: which are there, and which are adjoined."""

import pytest
from towers import reading

from asyncgen.mathematics.engines.risch.square_roots import adjoin, square_root, squarefree_radicand


@pytest.mark.parametrize(
    "text",
    [
        "x**2*exp(x)**2",
        "(x**3 + 1)*sqrt(x**3 + 1)**2",
        "(x + sqrt(x**2 + 1))**2",
        "2*x**2 + 2*x*sqrt(x**2 + 1) + 1",
        "(sqrt(x) + sqrt(x**3 + 1)*exp(x))**2",
        "x*(1 + sqrt(x))**2",
        "(1 + log(x)*sqrt(exp(x) + sqrt(x)))**2",
    ],
)
def test_a_square_in_the_field_has_its_root_there(text: str) -> None:
    """Whether it holds roots or not, and also where only with a root it is a square."""
    found = reading(text, extended=True)
    root = square_root(found.tower, found.element)
    assert root is not None
    assert root * root == found.element


@pytest.mark.parametrize("text", ["x", "sqrt(x)", "x + sqrt(x**3 + 1)", "exp(x) + sqrt(x)", "sin(x)"])
def test_what_is_no_square_has_no_root(text: str) -> None:
    """No root is found for a variable, a root, or a sum whose norm is no square."""
    found = reading(text, extended=True)
    assert square_root(found.tower, found.element) is None


@pytest.mark.parametrize(
    "text",
    ["x**3 + x", "x**2*(x + 1)/(x - 1)**3", "exp(x) + sqrt(x)", "x + log(x)", "x/pi + 1", "cosh(x + 3)"],
)
def test_an_adjoined_root_is_one(text: str) -> None:
    """The product q S squares to u for the new S and its factor q."""
    found = reading(text, extended=True)
    v, factor = adjoin(found.tower, found.element)
    root = factor * found.tower.field.variable(v)
    assert root * root == found.element


def test_a_radicand_is_squarefree() -> None:
    """It is u = q^2 r with r a squarefree polynomial."""
    found = reading("5*x**3*(x + 1)**2/((x - 1)*(x + 2)**2)")
    q, r = squarefree_radicand(found.tower.field, found.element)
    assert q * q * r == found.element
    assert r.denominator.is_one()
    assert r.numerator.gcd(r.numerator.derivative(0)).is_constant()
