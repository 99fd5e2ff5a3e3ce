"""Rules of Hermite reduction: f = Dg + h + r, h simple and r reduced."""

import pytest
from towers import EXP, LOG, X, element, small_field

from asyncgen.mathematics.engines.risch.denominators import normal_part, repeated_part
from asyncgen.mathematics.engines.risch.hermite import hermite_reduce
from asyncgen.mathematics.fields.field import Kind

FUNCTIONS = [
    (X, "(x**3 + 1)/(x**2*(x - 1)**3)"),
    (X, "x**4 + 2*c"),
    (X, "1/(x**2 + c)**3"),
    (X, "(x**7 - 24*x**4 - 4*x**2 + 8*x - 8)/(x**8 + 6*x**6 + 12*x**4 + 8*x**2)"),
    (EXP, "1/(t + x)**2"),
    (EXP, "(t**3 + x)/(t**2*(t - 1)**2)"),
    (EXP, "x/t**3 + t**2"),
    (EXP, "(x*t + c)/((t + 1)**3*(t - x)*t)"),
    (LOG, "1/l**3"),
    (LOG, "(t*l**4 + x)/(l - x)**2"),
    (LOG, "(l + t)/((l**2 - x)**2*(l + 1))"),
    (LOG, "1/(x*(l + c)**4) + l/x"),
]


@pytest.mark.parametrize(("v", "text"), FUNCTIONS)
def test_the_parts_add_up(v: int, text: str) -> None:
    """F = Dg + h + r."""
    field = small_field()
    f = element(field, text)
    integrated, simple, reduced = hermite_reduce(field, f, v)
    assert field.derive(integrated) + simple + reduced == f


@pytest.mark.parametrize(("v", "text"), FUNCTIONS)
def test_the_simple_part_is_simple(v: int, text: str) -> None:
    """H is a proper fraction with a squarefree denominator that is normal."""
    field = small_field()
    simple = hermite_reduce(field, element(field, text), v).simple
    normal = normal_part(field, simple.denominator, v)
    assert field.degree(normal, v) == field.degree(simple.denominator, v)
    assert field.degree(repeated_part(field, normal, v), v) == 0
    assert not simple or field.degree(simple.numerator, v) < field.degree(normal, v)


@pytest.mark.parametrize(("v", "text"), FUNCTIONS)
def test_the_reduced_part_is_reduced(v: int, text: str) -> None:
    """R's denominator holds no v, or a power of it where v is hyperexponential."""
    field = small_field()
    reduced = hermite_reduce(field, element(field, text), v).reduced
    assert field.degree(normal_part(field, reduced.denominator, v), v) == 0
    assert field.kind[v] is Kind.EXPONENTIAL or field.degree(reduced.denominator, v) == 0


def test_the_example_of_the_book() -> None:
    """Bronstein 2.2: the integral is 1/x + 6x/(x^2 + 2)^2 - (x - 3)/(x^2 + 2) and that of 1/x."""
    field = small_field()
    f = element(field, FUNCTIONS[3][1])
    integrated, simple, reduced = hermite_reduce(field, f, X)
    assert integrated == element(field, "1/x + 6*x/(x**2 + 2)**2 - (x - 3)/(x**2 + 2)")
    assert simple == element(field, "1/x")
    assert not reduced


def test_a_derivative_leaves_nothing() -> None:
    """Of the derivative of a fraction in log(x) that vanishes at infinity, all is integrated."""
    field = small_field()
    g = element(field, "(x*l + t)/(l**2 - x)**2")
    integrated, simple, reduced = hermite_reduce(field, field.derive(g), LOG)
    assert (integrated, simple, reduced) == (g, field.zero, field.zero)
