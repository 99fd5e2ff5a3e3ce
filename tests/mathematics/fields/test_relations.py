"""Rules of integer relations between elements of a field."""

from fractions import Fraction
from math import gcd

import pytest
from towers import element, small_field

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.primes import LARGE, are_squares
from asyncgen.mathematics.fields.relations import integer_relation

WITH_ROOTS = next(prime for prime in LARGE if are_squares(frozenset({2, 3}), prime))


def found(field: DifferentialField, elements: list[Element]) -> list[int] | None:
    """The relation with a positive first number."""
    relation = integer_relation(field, elements)
    return relation if relation is None or relation[0] > 0 else [-c for c in relation]


@pytest.mark.parametrize("text", ["1/x", "x + t", "l/(t - c)", "(x**2 + c)/(x*t)"])
@pytest.mark.parametrize(
    "fraction", [Fraction(2), Fraction(-3, 2), Fraction(100000), Fraction(1, 100000), Fraction(7, 60)]
)
def test_multiples_are_found(text: str, fraction: Fraction) -> None:
    """The relation n u + m v = 0 is found for u = q v, whatever rational number q is."""
    field = small_field()
    v = element(field, text)
    u = v * field.number(fraction.numerator, fraction.denominator)
    assert found(field, [u, v]) == [fraction.denominator, -fraction.numerator]


@pytest.mark.parametrize(("n", "a", "b"), [(1, 2, -3), (6, 3, 2), (5, 0, 1), (2, -7, 100000)])
def test_combinations_are_found(n: int, a: int, b: int) -> None:
    """The relation n w = a u + b v is found, without a common divisor."""
    field = small_field()
    u, v = element(field, "1/x"), element(field, "(c + l)/(x + 1)")
    w = (u.scaled(a) + v.scaled(b)) * field.number(1, n)
    relation = found(field, [w, u, v])
    assert relation == [n, -a, -b]
    assert gcd(*relation) == 1


def test_numbers_that_are_no_rationals_are_in_relations_too() -> None:
    """3 (i/x + 1) = 3i/x + 3 is found among elements with i in them."""
    field = small_field()
    x = element(field, "1/x")
    u, v = field.i * x, field.one
    assert found(field, [(u + v).scaled(3), u, v]) == [1, -3, -3]


def test_zero_is_in_relation_by_itself() -> None:
    """The element 0 needs no others."""
    field = small_field()
    assert integer_relation(field, [field.zero, field.one]) == [1, 0]
    assert integer_relation(field, [field.zero]) == [1]
    assert integer_relation(field, [field.one]) is None


@pytest.mark.parametrize(
    ("first", "second"), [("1/x", "1/(x + 1)"), ("x", "t"), ("1", "c"), ("c/x", "1/x"), ("l", "x*l")]
)
def test_independent_elements_have_none(first: str, second: str) -> None:
    """Elements such as the logarithmic derivatives of x and x + 1 are in no relation."""
    field = small_field()
    assert integer_relation(field, [element(field, first), element(field, second)]) is None


def test_one_and_i_have_none() -> None:
    """1 and i depend on each other modulo a prime, but not over the rationals."""
    field = small_field()
    assert integer_relation(field, [field.one, field.i]) is None
    x = element(field, "1/x")
    assert integer_relation(field, [x, field.i * x]) is None


def test_roots_have_none() -> None:
    """sqrt(2), sqrt(3) and 1 are linearly independent over the rationals."""
    field = small_field(WITH_ROOTS)
    two, three = field.residue(field.numbers.root(2)), field.residue(field.numbers.root(3))
    assert integer_relation(field, [two, three]) is None
    assert integer_relation(field, [field.one, two, three]) is None
    assert found(field, [two + three, two, three]) == [1, -1, -1]
