"""A sum over the roots c of the polynomial of the residues of c log(gcd(d, a - c Dd)): its roots, its parts.

The residues are the roots of one polynomial. Those that are rational, or rational in square roots of
integers, are numbers modulo p, each with the greatest common divisor that stands in its logarithm. For the
others that is computed once, in the extension by a root.
"""

from fractions import Fraction

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import primitive_part
from asyncgen.mathematics.engines.risch.extensions import Algebraic, Extension, divisor_at_root
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.residues import rational_roots
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import Univariate, fits_word
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
        coefficients = [self.field.numbers.number(int(c)) for c in self.residues.coeffs()]
        if not all(numbers.is_rational(c) for c in coefficients):
            return None
        values = [c.get(1, Fraction(0)) for c in coefficients]
        polynomial = fmpq_poly([fmpq(c.numerator, c.denominator) for c in values])
        return [factor for factor, _ in polynomial.factor()[1]]

    def roots(self) -> list[numbers.Number]:
        """The roots of the polynomial. Raises Undecided where one of them is no number, NeedsDigits."""
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


def fraction(q: fmpq) -> Fraction:
    """A rational number of flint."""
    return Fraction(int(q.p), int(q.q))


def _distinct_degree(polynomial: Univariate) -> int:
    """How many different roots there are."""
    return int(sum(factor.degree() for factor, _ in polynomial.factor()[1]))


def constant_content(field: DifferentialField, p: Polynomial) -> Element:
    """The greatest common divisor of the coefficients of a polynomial over the constants."""
    constants = frozenset(field.constants)
    groups: dict[tuple[int, ...], dict[tuple[int, ...], object]] = {}
    for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
        outer = tuple(0 if v in constants else int(e) for v, e in enumerate(monomial))
        inner = tuple(int(e) if v in constants else 0 for v, e in enumerate(monomial))
        groups.setdefault(outer, {})[inner] = coefficient
    common = field.null
    for group in groups.values():
        common = common.gcd(field.ring.from_dict(group))
    return field.of(common)
