"""Rules of residues: their polynomial at points, their roots, their sum."""

import pytest
import sympy
from flint import nmod_poly
from towers import LOG, X, element, small_field

from asyncgen.mathematics.engines.risch.residues import (
    characteristic_polynomial,
    integer_roots,
    rational_roots,
    residue_polynomials,
    sum_of_residues,
)
from asyncgen.mathematics.fields.primes import LARGE

x, z = sympy.symbols("x z")


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [
        ("1", "x**3 + x"),
        ("x**4 - 3*x**2 + 6", "x**6 - 5*x**4 + 5*x**2 + 4"),
        ("x", "x**2 - 2"),
        ("3*x + 1", "(x - 1)*(x - 2)*(x + 5)"),
        ("1", "x**5 + x + 1"),
    ],
)
def test_the_polynomial_is_the_resultant(numerator: str, denominator: str) -> None:
    """The residues are the roots of resultant(a - z d', d), monic, as SymPy computes it (Bronstein 2.4)."""
    field = small_field()
    a, d = element(field, numerator), element(field, denominator).numerator
    (found,) = residue_polynomials(field, a, d, X, wanted=1)
    u, v = sympy.sympify(numerator), sympy.sympify(denominator)
    resultant = sympy.Poly(sympy.resultant(u - z * sympy.diff(v, x), v, x), z)
    unit = pow(int(resultant.LC()), -1, field.prime)
    expected = [int(c) * unit % field.prime for c in reversed(resultant.all_coeffs())]
    assert [int(c) for c in found.coeffs()] == expected


BRONSTEIN = "2*l**2 - l - x**2", "l**3 - x**2*l"  # Example 5.6.2


def test_residues_that_vary_show_at_two_points() -> None:
    """(2 log(x)^2 - log(x) - x^2)/(log(x)^3 - x^2 log(x)) has the residue x at 0 (Bronstein 5.6)."""
    field = small_field()
    numerator, denominator = (element(field, text) for text in BRONSTEIN)
    first, second = residue_polynomials(field, numerator, denominator.numerator, LOG, wanted=2)
    assert first != second
    half = int(field.number(1, 2).numerator.leading_coefficient())
    assert {half, field.prime - half} <= set(rational_roots(first)) & set(rational_roots(second))


def test_residues_that_are_constant_agree_at_all_points() -> None:
    """c/x/(log(x) - c) + 1/x/log(x) has the residues c and 1 everywhere, c being a constant."""
    field = small_field()
    f = element(field, "c/(x*(l - c)) + 1/(x*l)")
    denominator = element(field, "l*(l - c)").numerator
    numerator = f * field.of(denominator)
    polynomials = residue_polynomials(field, numerator, denominator, LOG, wanted=3)
    assert polynomials[0] == polynomials[1] == polynomials[2]
    assert 1 in integer_roots(field, polynomials[0])


def test_constants_may_move_with_the_points() -> None:
    """With constants that move, the residue c of c/x/(log(x) - c) is another one at each point."""
    field = small_field()
    numerator, denominator = element(field, "c/x"), element(field, "l - c").numerator
    first, second = residue_polynomials(field, numerator, denominator, LOG, wanted=2, constants_move=True)
    assert first != second


def test_the_sum_of_residues() -> None:
    """The residues x, 1/2 and -1/2 of the book's example add up to x."""
    field = small_field()
    numerator, denominator = (element(field, text) for text in BRONSTEIN)
    assert sum_of_residues(field, numerator, denominator.numerator, LOG) == field.variable(X)


@pytest.mark.parametrize(
    ("numerator", "denominator", "total"),
    [
        ("1", "x**2 + c", "0"),
        ("x**2 + c", "x**3 - x + 1", "1"),
        ("c*x + 1", "x**2 - 2", "c"),
        ("5", "2*x - 1", "5/2"),
    ],
)
def test_residues_of_a_proper_fraction_in_x_add_up_to_that_at_infinity(
    numerator: str, denominator: str, total: str
) -> None:
    """The sum of the residues is the coefficient of 1/x at infinity."""
    field = small_field()
    p = element(field, denominator).numerator
    expected = field.number(5, 2) if total == "5/2" else element(field, total)
    assert sum_of_residues(field, element(field, numerator), p, X) == expected


def test_characteristic_polynomial_has_the_values_at_the_roots() -> None:
    """Modulo (x - 1)(x - 2)(x - 5), multiplication by e has the eigenvalues e(1), e(2), e(5)."""
    prime = LARGE[0]
    modulus, expected = nmod_poly([1], prime), nmod_poly([1], prime)
    e = nmod_poly([3, -1, 2], prime)
    for root in (1, 2, 5):
        modulus *= nmod_poly([-root, 1], prime)
        expected *= nmod_poly([-int(e(root)), 1], prime)
    assert characteristic_polynomial(e, modulus) == expected


def test_roots_of_a_polynomial() -> None:
    """The roots modulo p are all found; those that are small integers are told apart."""
    field = small_field()
    prime = field.prime
    half = pow(2, -1, prime)
    p = nmod_poly([-3, 1], prime) * nmod_poly([7, 1], prime) * nmod_poly([-half, 1], prime)
    assert sorted(rational_roots(p)) == sorted([3, prime - 7, half])
    assert sorted(integer_roots(field, p)) == [-7, 3]
    assert rational_roots(nmod_poly([-8, 2], prime)) == [4]
