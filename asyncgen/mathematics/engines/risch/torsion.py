"""Has a curve S^2 = R(v) no unit with zeros and poles at infinity only? (Davenport 1981, Trager 1984)

Such a unit exists exactly if the divisor of the two places at infinity has finite order n in the Jacobian.
Good reduction modulo a prime p, the other variables at random values, keeps the part of n that is prime to p.
So two reductions with orders that differ in another prime show that n is infinite. Over a finite field the
order is the degree of the fundamental unit, which the continued fraction of sqrt(R) finds (Adams and Razar
1980).
"""

import random
from collections.abc import Iterator

from flint import fmpz, nmod_poly

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsRoot
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.numbers import Residues
from asyncgen.mathematics.fields.primes import square_root

PRIMES = (5, 13, 17, 29, 37, 41)  # 1 modulo 4, for i
TRIES = 6  # of random values for each prime
MOST_STEPS = 3_000  # of all continued fractions together


def has_infinite_order(
    field: DifferentialField, radicand: Element, v: int, pole: Element | None = None
) -> bool:
    """Whether the places over infinity, or over v = pole, have a divisor that is shown to be no torsion.

    radicand: a squarefree polynomial in v, free of roots, of even degree unless there is a pole, a constant.
    """
    left, known = [MOST_STEPS], dict[int, int]()
    for prime, curve in _reductions(field, radicand, v, pole):
        order = _order_at_infinity(curve, left)
        if order is None:
            continue
        if any(_differ(order, other, prime * p) for p, other in known.items() if p != prime):
            return True
        known[prime] = order
    return False


def _differ(first: int, second: int, excluded: int) -> bool:
    """Whether some prime that is not excluded divides one more often than the other."""
    common = int(fmpz(first).gcd(fmpz(second)))
    rest = (first // common) * (second // common)
    return any(excluded % int(p) for p, _ in fmpz(rest).factor())


# -- reduction -------------------------------------------------------------------------------------------


def _reductions(
    field: DifferentialField, radicand: Element, v: int, pole: Element | None
) -> Iterator[tuple[int, nmod_poly]]:
    """Curves of good reduction over small fields, their places at infinity those that are asked for."""
    source = random.Random(field.prime)
    for prime in PRIMES:
        residues = Residues(prime)
        for _ in range(TRIES):
            values = [source.randrange(prime) for _ in range(field.size)]
            try:
                curve = _reduced(field, radicand, v, values, residues)
                if pole is not None:
                    number = field.numbers.number(int(pole.numerator.leading_coefficient())) if pole else {}
                    curve = _moved(curve, residues.residue(number))
            except (NeedsRoot, ZeroDivisionError, ValueError):
                break
            degree = field.degree(radicand.numerator, v)
            wanted = degree + degree % 2
            if curve.degree() == wanted and curve.gcd(curve.derivative()).degree() == 0:
                yield prime, curve
                break


def _reduced(
    field: DifferentialField, radicand: Element, v: int, values: list[int], residues: Residues
) -> nmod_poly:
    """The radicand as a polynomial in v over a small field. Raises NeedsRoot, ValueError."""
    p = radicand.numerator
    coefficients = [0] * (field.degree(p, v) + 1)
    for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
        term = residues.residue(field.numbers.number(int(coefficient)))
        for w, exponent in enumerate(monomial):
            if w != v:
                term *= values[w] ** int(exponent)
        coefficients[int(monomial[v])] += term
    return nmod_poly([c % residues.prime for c in coefficients], residues.prime)


def _moved(curve: nmod_poly, pole: int) -> nmod_poly:
    """The curve in u with v = pole + 1/u: R(pole + 1/u) u^d, d even."""
    shifted = curve(nmod_poly([pole, 1], curve.modulus()))
    coefficients = [int(c) for c in shifted.coeffs()]
    return nmod_poly(([0] * (len(coefficients) % 2 == 0)) + coefficients[::-1], curve.modulus())


# -- continued fractions ---------------------------------------------------------------------------------


def _order_at_infinity(curve: nmod_poly, left: list[int]) -> int | None:
    """The order of the difference of the two places at infinity; None if they are one, or it is large."""
    root = _polynomial_root(curve)
    if root is None:
        return None
    p, q = nmod_poly([0], curve.modulus()), nmod_poly([1], curve.modulus())
    order = 0
    while left[0] > 0:
        left[0] -= 1
        quotient = (p + root) // q
        order += quotient.degree()
        p = quotient * q - p
        q = (curve - p * p) // q
        if q.degree() == 0:
            return order
    return None


def _polynomial_root(curve: nmod_poly) -> nmod_poly | None:
    """The polynomial part of the square root at infinity, None where the leading coefficient is no square."""
    prime, degree = curve.modulus(), curve.degree() // 2
    leading = square_root(int(curve[2 * degree]), prime)
    if not leading:
        return None
    coefficients = [0] * degree + [leading]
    for j in range(degree - 1, -1, -1):
        square = nmod_poly(coefficients, prime) ** 2
        rest = int(curve[degree + j]) - int(square[degree + j])
        coefficients[j] = rest * pow(2 * leading, -1, prime) % prime
    return nmod_poly(coefficients, prime)
