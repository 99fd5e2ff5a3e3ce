"""Rules of roots of constants: their form, their values modulo p, and that they are no numbers."""

import pytest

from asyncgen.mathematics.fields.constant_roots import cleared, normalised
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsAnotherPrime, Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.fraction_field import POINTS
from asyncgen.mathematics.fields.points import nth_roots
from asyncgen.mathematics.fields.powers import is_shown_no_power
from asyncgen.mathematics.fields.primes import LARGE, square_root
from asyncgen.mathematics.fields.specialisation import Specialisation

X, T, C, W, U = range(5)
PRIME = LARGE[0]


@pytest.fixture
def field() -> DifferentialField:
    """C(x, t) with t = exp(w x), a constant c, w^2 = c + 1 and u^3 = w."""
    field = DifferentialField(PRIME, 5)
    field.add_monomial(X, Kind.BASE, field.one)
    field.add_constant(C)
    field.add_constant_root(W, 2, field.variable(C) + field.one)
    field.add_constant_root(U, 3, field.variable(W))
    field.add_monomial(T, Kind.EXPONENTIAL, field.variable(W) * field.variable(T))
    return field


def elements(field: DifferentialField) -> list[Element]:
    return [field.variable(v) for v in (X, T, C, W, U)]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
@pytest.mark.parametrize("value", [4, 81, 7, 123456789])
def test_nth_roots_are_roots(value: int, n: int) -> None:
    """Each root to the n-th is the number; an n-th power has its base among its roots."""
    assert all(pow(root, n, PRIME) == value for root in nth_roots(value, n, PRIME))
    assert value in nth_roots(pow(value, n, PRIME), n, PRIME)


def test_zero_has_no_roots() -> None:
    """The value 0 would make one value of several roots."""
    assert nth_roots(0, 2, PRIME) == ()


def test_at_each_point_a_root_is_a_root(field: DifferentialField) -> None:
    """w^2 = c + 1 and u^3 = w hold for the values at every point."""
    points = list(field.places())
    assert len(points) == POINTS
    for point in points:
        assert pow(point[W], 2, PRIME) == (point[C] + 1) % PRIME
        assert pow(point[U], 3, PRIME) == point[W]


def test_constants_have_the_same_values_where_they_must_not_move(field: DifferentialField) -> None:
    """Points at the constants' values differ in x and t alone."""
    first, second, *_ = field.places(constants_move=False)
    assert first[X] != second[X]
    assert [first[v] for v in (C, W, U)] == [second[v] for v in (C, W, U)]


def test_a_number_without_a_root_needs_another_prime() -> None:
    """Where the radicand is a number, no choice of values helps."""
    number = next(n for n in range(2, 100) if square_root(n, PRIME) is None)
    field = DifferentialField(PRIME, 3)
    field.add_monomial(X, Kind.BASE, field.one)
    with pytest.raises(NeedsAnotherPrime):
        field.add_constant_root(1, 2, field.number(number))


def test_what_is_zero_is_cleared(field: DifferentialField) -> None:
    """(w^2 - c - 1) f is 0, also in a sum; u^6 is c + 1."""
    x, t, c, w, u = elements(field)
    assert not cleared(field, (w * w - c - field.one) * x / t)
    assert not cleared(field, (x + w) * (x - w) - x * x + c + field.one)
    assert not cleared(field, u**6 * t - t * (c + field.one))


def test_what_is_not_zero_is_left_as_it_is(field: DifferentialField) -> None:
    """(x + w)^2 stays a square."""
    x, _, _, w, _ = elements(field)
    square = (x + w) ** 2
    assert cleared(field, square) == square


def test_a_constant_has_one_form(field: DifferentialField) -> None:
    """1/(1 + w) and (1 - w)/(1 - w^2) are the same, with a denominator free of w; u/u^4 is 1/w."""
    _, _, c, w, u = elements(field)
    first, second = (field.one + w).inverse(), (field.one - w) / (-c)
    assert normalised(field, first) == normalised(field, second)
    assert not field.contains(field.of(normalised(field, first).denominator), W)
    assert normalised(field, u / u**4) == normalised(field, w.inverse())


def test_a_denominator_that_is_zero_is_noticed(field: DifferentialField) -> None:
    """1/(w^2 - c - 1) is no element."""
    x, _, c, w, _ = elements(field)
    below = w * w - c - field.one
    with pytest.raises(Undecided):
        cleared(field, x / below)
    with pytest.raises(Undecided):
        normalised(field, below.inverse())


def test_a_place_shows_that_a_constant_is_no_power(field: DifferentialField) -> None:
    """c, w and 2 are no squares beside w and u; c + 1 is one of w, its cube root one of u."""
    _, _, c, w, u = elements(field)
    for element in (c, w, c * w, u, field.one + w):
        assert is_shown_no_power(field, element, 2)
    for element in (c + field.one, field.number(9), field.number(-1), (field.one + w) ** 2):
        assert not is_shown_no_power(field, element, 2)
    assert is_shown_no_power(field, c, 3)
    assert not is_shown_no_power(field, w, 3)
    assert is_shown_no_power(field, w, 3, count=1)  # before u is there
    assert not is_shown_no_power(field, field.number(-8), 3)


def test_square_roots_that_were_met_belong_to_the_field() -> None:
    """2 + sqrt(3) is a square beside sqrt(2), and none without."""
    field = DifferentialField(next(p for p in LARGE if square_root(2, p) and square_root(3, p)), 2)
    field.add_monomial(X, Kind.BASE, field.one)
    number = field.number(2) + field.residue(field.numbers.root(3))
    assert is_shown_no_power(field, number, 2)
    field.numbers.root(2)
    assert not is_shown_no_power(field, number, 2)


def test_the_image_with_numbers_keeps_sums_products_and_derivatives(field: DifferentialField) -> None:
    """Putting numbers for c, w and u is a homomorphism of differential fields, and takes w^2 - c - 1 to 0."""
    x, t, c, w, u = elements(field)
    image = Specialisation(field)
    f, g = (x + w) * t / (c + u), u * t**2 - x
    assert image.of(f + g) == image.of(f) + image.of(g)
    assert image.of(f * g) == image.of(f) * image.of(g)
    assert image.of(field.derive(f)) == image.field.derive(image.of(f))
    assert not image.of(w * w - c - field.one)
    assert image.field.is_special


def test_a_root_of_what_becomes_a_square_has_no_image() -> None:
    """sqrt(x^2 - 2 w x + c) with w^2 = c is x - w: no proof is done with it."""
    field = DifferentialField(PRIME, 4)
    field.add_monomial(X, Kind.BASE, field.one)
    field.add_constant(C)
    field.add_constant_root(W, 2, field.variable(C))
    x, c, w = field.variable(X), field.variable(C), field.variable(W)
    field.add_root(1, (x * x - w.scaled(2) * x + c).numerator)
    with pytest.raises(Undecided):
        Specialisation(field)
