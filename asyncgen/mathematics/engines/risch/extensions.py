"""Greatest common divisors over an algebraic extension K(z), P(z) = 0, of the field of a tower.

An element of K(z) is a list of elements of K, by powers of z; a polynomial over K(z) is a list of those.
"""

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    difference,
    divided,
    inverse_modulo,
    product,
)

Algebraic = Coefficients  # of degree less than P


class Extension:
    """K(z) for a polynomial P over K, irreducible or at least without a factor that matters."""

    def __init__(self, field: DifferentialField, polynomial: Coefficients) -> None:
        self.field, self.polynomial = field, polynomial

    def times(self, a: Algebraic, b: Algebraic) -> Algebraic:
        """a b."""
        return divided(self.field, product(self.field, a, b), self.polynomial)[1]

    def inverse(self, a: Algebraic) -> Algebraic:
        """1/a. Raises Undecided for a divisor of zero."""
        try:
            return inverse_modulo(self.field, a, self.polynomial)
        except ZeroDivisionError:
            raise Undecided("a divisor of zero") from None

    def monic_gcd(self, a: list[Algebraic], b: list[Algebraic]) -> list[Algebraic]:
        """The monic greatest common divisor of two polynomials over K(z), by Euclid's algorithm."""
        while b:
            b = self._monic(b)
            a, b = b, self._remainder(a, b)
        return self._monic(a)

    def _monic(self, a: list[Algebraic]) -> list[Algebraic]:
        if a[-1] == [self.field.one]:
            return a
        inverse = self.inverse(a[-1])
        return [*(self.times(c, inverse) for c in a[:-1]), [self.field.one]]

    def _remainder(self, a: list[Algebraic], b: list[Algebraic]) -> list[Algebraic]:
        """a modulo b, b monic."""
        rest = list(a)
        while len(rest) >= len(b):
            leading = rest.pop()
            shift = len(rest) - len(b) + 1
            if leading:
                for j, c in enumerate(b[:-1]):
                    rest[shift + j] = difference(self.field, rest[shift + j], self.times(leading, c))
        while rest and not rest[-1]:
            rest.pop()
        return rest


def divisor_at_root(
    extension: Extension, numerator: Element, denominator: Polynomial, v: int
) -> list[Algebraic]:
    """gcd(denominator, numerator - z D(denominator)), monic in v: what stands in the logarithm at z."""
    field = extension.field
    common = field.of(numerator.denominator)
    above = coefficients_of(field, numerator * common, v)
    slope = coefficients_of(field, field.derive(field.of(denominator)) * common, v)
    second = [_pair(field.zero, above, slope, j) for j in range(max(len(above), len(slope)))]
    return extension.monic_gcd(lifted(coefficients_of(field, field.of(denominator), v)), second)


def _pair(zero: Element, above: list[Element], slope: list[Element], j: int) -> Algebraic:
    """above_j - z slope_j."""
    constant = above[j] if j < len(above) else zero
    if j < len(slope) and slope[j]:
        return [constant, -slope[j]]
    return [constant] if constant else []


def lifted(elements: list[Element]) -> list[Algebraic]:
    """A polynomial over K as one over K(z)."""
    return [[c] if c else [] for c in elements]
