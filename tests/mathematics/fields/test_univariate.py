"""Rules of polynomials in one variable over a field."""

import pytest
from towers import EXP, element, small_field

from asyncgen.mathematics.fields.univariate import (
    coefficients_of,
    difference,
    divided,
    element_of,
    extended_euclidean,
    inverse_modulo,
    product,
)

PAIRS = [
    ("t**3 + x*t + 1", "x*t - l"),
    ("t**5", "t**2 + c"),
    ("(t - x)**2*(t + 1)", "t**2 - 3*x*t + 2"),
    ("x", "t + 1"),
    ("t**4/(x + 1) - l", "(x*t**2 + t)/l"),
    ("0", "t - 1"),
    ("t + l", "c*x"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_division_with_remainder(first: str, second: str) -> None:
    """Division gives a = q b + r with deg r < deg b."""
    field = small_field()
    f, g = element(field, first), element(field, second)
    a, b = coefficients_of(field, f, EXP), coefficients_of(field, g, EXP)
    quotient, remainder = divided(field, a, b)
    assert len(remainder) < len(b)
    assert element_of(field, quotient, EXP) * g + element_of(field, remainder, EXP) == f


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_products_and_differences_are_those_of_elements(first: str, second: str) -> None:
    """Lists multiply and subtract as the elements that they stand for, without zeros at the end."""
    field = small_field()
    f, g = element(field, first), element(field, second)
    a, b = coefficients_of(field, f, EXP), coefficients_of(field, g, EXP)
    assert product(field, a, b) == coefficients_of(field, f * g, EXP)
    assert difference(field, a, b) == coefficients_of(field, f - g, EXP)
    assert difference(field, a, a) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("t + x", "t**2 + 1"), ("l", "t**3 - c"), ("t**4", "t**2 - x"), ("t**2 + t", "x*t - 1")],
)
def test_inverse_modulo(first: str, second: str) -> None:
    """The inverse s of a has s a = 1 modulo b."""
    field = small_field()
    a, b = (coefficients_of(field, element(field, text), EXP) for text in (first, second))
    assert divided(field, product(field, inverse_modulo(field, a, b), a), b)[1] == [field.one]


@pytest.mark.parametrize(("first", "second"), [("t**2 - 1", "(t + 1)*(t + x)"), ("0", "t"), ("t**2", "t")])
def test_no_inverse_with_a_common_factor(first: str, second: str) -> None:
    """What shares a factor with b has no inverse modulo b."""
    field = small_field()
    a, b = (coefficients_of(field, element(field, text), EXP) for text in (first, second))
    with pytest.raises(ZeroDivisionError):
        inverse_modulo(field, a, b)


@pytest.mark.parametrize("right", ["1", "t", "l*t**3 + x", "t**6 - c"])
@pytest.mark.parametrize(
    ("first", "second"), [("t + x", "t**2 + 1"), ("t**3 - l", "(t - 1)**2"), ("t**2", "x*t + 1")]
)
def test_extended_euclid(first: str, second: str, right: str) -> None:
    """For any c there are s, t with s a + t b = c and deg s < deg b."""
    field = small_field()
    f, g, h = (element(field, text) for text in (first, second, right))
    a, b, c = (coefficients_of(field, e, EXP) for e in (f, g, h))
    s, t = extended_euclidean(field, a, b, c)
    assert len(s) < len(b)
    assert element_of(field, s, EXP) * f + element_of(field, t, EXP) * g == h
