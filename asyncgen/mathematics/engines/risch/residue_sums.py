"""A sum over the roots c of the polynomial of the residues of c log(gcd(d, a - c Dd)): its roots, its parts.

The residues are the roots of one polynomial. Those that are rational, or rational in square roots of
integers, are numbers modulo p, each with the greatest common divisor that stands in its logarithm. For the
others that is computed once, in the extension by a root.
"""

from flint import fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import primitive_part
from asyncgen.mathematics.engines.risch.extensions import Algebraic, Extension, divisor_at_root
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.residues import rational_roots
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import Univariate, fits_word
from asyncgen.mathematics.fields.number_polynomials import fraction, rational_factors, roots_of_quadratic
from asyncgen.mathematics.fields.univariate import common_divisor


class ResidueSum:
    """One sum whose residues are numbers."""

    def __init__(self, field: DifferentialField, logarithms: Logarithms) -> None:
        self.field = field
        self.v, self.denominator = logarithms.v, logarithms.denominator
        self.numerator = logarithms.numerator
        self.residues = logarithms.residues
        self.slope = field.derive(field.of(self.denominator))

    def rational_factors(self) -> list[fmpq_poly] | None:
        """The irreducible factors over the rationals; None where the polynomial is not rational."""
        return rational_factors(self.field.numbers, self.residues)

    def roots(self) -> list[numbers.Number]:
        """The roots of the polynomial. Raises Undecided where one is no number, NeedsDigits, NeedsRoot."""
        found = roots_of_quadratic(self.field.numbers, self.residues)
        if found is not None:
            return found
        roots = rational_roots(self.residues)
        if len(roots) < _distinct_degree(self.residues):
            raise Undecided("algebraic residues")
        try:
            return [self.field.numbers.number(root) for root in roots]
        except NeedsDigits:
            if fits_word(self.field.prime):
                raise
            raise Undecided("algebraic residues") from None

    def divisor(self, root: int) -> Polynomial:
        """gcd(denominator, numerator - root * D(denominator)), primitive."""
        rest = self.numerator - self.slope * self.field.residue(root)
        divisor = common_divisor(self.field, self.field.of(self.denominator), rest, self.v)
        return primitive_part(self.field, divisor.numerator, self.v)

    def divisor_over(self, factor: fmpq_poly) -> list[Algebraic]:
        """The same for a root z of a factor, monic: a polynomial in v over K(z)."""
        field = self.field
        polynomial = [field.number(fraction(c).numerator, fraction(c).denominator) for c in factor.coeffs()]
        return divisor_at_root(Extension(field, polynomial), self.numerator, self.denominator, self.v)


def _distinct_degree(polynomial: Univariate) -> int:
    """How many different roots there are."""
    return int(sum(factor.degree() for factor, _ in polynomial.factor()[1]))


def constant_content(field: DifferentialField, p: Polynomial) -> Element:
    """The greatest common divisor of the coefficients of a polynomial over the constants."""
    common = field.null
    for coefficient in field.over_constants(p).values():
        common = common.gcd(coefficient)
    return field.of(common)
