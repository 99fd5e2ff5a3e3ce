"""Polynomials in one variable whose coefficients are numbers: those that are rational, and their roots."""

from collections.abc import Iterable
from fractions import Fraction

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.number_roots import square_root_of


def rational_polynomial(coefficients: Iterable[numbers.Number]) -> fmpq_poly | None:
    """The polynomial, the constant coefficient first; None where one of them is not rational."""
    found = list(coefficients)
    if not all(map(numbers.is_rational, found)):
        return None
    values = [c.get(1, Fraction(0)) for c in found]
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in values])


def rational_factors(residues: numbers.Residues, polynomial: Univariate) -> list[fmpq_poly] | None:
    """The irreducible factors over the rationals of a monic polynomial; None where it is not rational.

    Raises Undecided, NeedsDigits where its coefficients cannot be read.
    """
    found = rational_polynomial(residues.number(int(c)) for c in polynomial.coeffs())
    return None if found is None else [factor for factor, _ in found.factor()[1]]


def roots_of(factor: fmpq_poly) -> list[numbers.Number] | None:
    """The roots of an irreducible polynomial if they are rational in square roots of integers, else None."""
    if factor.degree() == 1:
        return [numbers.of(-fraction(factor[0]) / fraction(factor[1]))]
    c, b = (fraction(factor[j]) / fraction(factor[factor.degree()]) for j in (0, factor.degree() // 2))
    if factor.degree() == 2:
        root = numbers.square_root(b * b / 4 - c)
        return [numbers.plus(numbers.of(-b / 2), part) for part in (root, numbers.minus(root))]
    if factor.degree() != 4 or factor[1] or factor[3]:
        return None
    # z^4 + b z^2 + c with c = s^2 has the roots +-sqrt(m) +- sqrt(n) with m, n = -b/4 +- s/2
    s = numbers.rational_square_root(c)
    if s is None:
        return None
    first, second = numbers.square_root(-b / 4 + s / 2), numbers.square_root(-b / 4 - s / 2)
    sums = [numbers.plus(first, part) for part in (second, numbers.minus(second))]
    return [*sums, *map(numbers.minus, sums)]


def roots_of_quadratic(residues: numbers.Residues, polynomial: Univariate) -> list[numbers.Number] | None:
    """The different roots of a monic polynomial of degree 2 with numbers for coefficients, if they are such.

    Raises Undecided, NeedsDigits where its coefficients cannot be read.
    """
    if polynomial.degree() != 2:
        return None
    c, b = (residues.number(int(polynomial[j])) for j in (0, 1))
    half = numbers.times(b, numbers.of(Fraction(-1, 2)))
    root = square_root_of(numbers.plus(numbers.times(half, half), numbers.minus(c)))
    if not root:
        return None if root is None else [half]
    return [numbers.plus(half, part) for part in (root, numbers.minus(root))]


def fraction(q: fmpq) -> Fraction:
    """A rational number of flint."""
    return Fraction(int(q.p), int(q.q))
