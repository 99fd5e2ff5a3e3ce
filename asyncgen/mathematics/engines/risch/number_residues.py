"""Sums of residues times logarithms as real functions (Bronstein 5.6).

The residues are the roots of one polynomial. Those that are rational, or rational in square roots of
integers, are numbers modulo p, each with the greatest common divisor that stands in its logarithm. Of all
others the sum is written as a sum over roots.
"""

from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import primitive_part
from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied, raised
from asyncgen.mathematics.engines.risch.extensions import Algebraic, Extension, divisor_at_root
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.real_logarithms import Multiple, real_part
from asyncgen.mathematics.engines.risch.residues import rational_roots
from asyncgen.mathematics.engines.risch.sums import sum_of
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.modular import Univariate, fits_word
from asyncgen.mathematics.fields.univariate import common_divisor

ROOT = "z"  # the name of the root that a sum runs over
LARGEST_SUM = 24  # degree of the polynomial of a sum over roots


class SumOverNumbers:
    """The terms of one sum whose residues are numbers, or `scale` times numbers.

    In the second case the numerator is what is left without the constant `scale`.
    """

    def __init__(self, writer: Writer, logarithms: Logarithms, scale: Element | None = None) -> None:
        self.writer, self.field, self.scale = writer, writer.field, scale
        self.v, self.denominator = logarithms.v, logarithms.denominator
        self.numerator = logarithms.numerator
        self.residues = logarithms.residues
        self.slope = self.field.derive(self.field.of(self.denominator))
        parts = self.numerator, self.field.of(self.denominator)
        self.has_real_parts = scale is None and all(map(writer.conjugation.is_real, parts))
        self.is_real = self.has_real_parts or (
            scale is None and writer.conjugation.is_real(self.numerator / parts[1])
        )

    def terms(self) -> Iterator[Node]:
        factors = self._rational_factors()
        if factors is None:  # over another field than the rationals: only roots that are numbers
            yield from self._of_numbers(self._roots())
            return
        others = []
        for factor in factors:
            roots = _roots_of(factor)
            if roots is None:
                others.append(factor)
            else:
                yield from self._of_numbers(roots)
        for factor in others:
            yield self._over_roots(factor)

    def complex_terms(self) -> Iterator[Node]:
        """The same as complex logarithms, each number with its residue."""
        for root in self._all_roots():
            residue = self.field.numbers.residue(root)
            scale = self.field.one if self.scale is None else self.scale
            c = self.writer.complex(scale * self.field.residue(residue))
            divisor = self._divisor(residue)
            for sign, argument in ((1, divisor), (-1, self._leading(divisor))):
                if self.field.level(argument) >= 0:
                    logarithm = ("ln", self.writer.complex(self.field.of(argument)))
                    yield multiplied(sign, multiplied(c, logarithm))

    def _all_roots(self) -> list[numbers.Number]:
        factors = self._rational_factors()
        if factors is None:
            return self._roots()
        found: list[numbers.Number] = []
        for factor in factors:
            roots = _roots_of(factor)
            if roots is None:
                raise Undecided("algebraic residues")
            found += roots
        return found

    # -- the polynomial of the residues ------------------------------------------------------------------

    def _rational_factors(self) -> list[fmpq_poly] | None:
        """The irreducible factors over the rationals; None where the polynomial is not rational."""
        coefficients = [self.field.numbers.number(int(c)) for c in self.residues.coeffs()]
        if not all(numbers.is_rational(c) for c in coefficients):
            return None
        values = [c.get(1, Fraction(0)) for c in coefficients]
        polynomial = fmpq_poly([fmpq(c.numerator, c.denominator) for c in values])
        return [factor for factor, _ in polynomial.factor()[1]]

    def _roots(self) -> list[numbers.Number]:
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

    # -- residues that are numbers -----------------------------------------------------------------------

    def _of_numbers(self, residues: list[numbers.Number]) -> Iterator[Node]:
        done: list[numbers.Number] = []
        for residue in residues:
            conjugate = numbers.conjugate(residue)
            if conjugate in done:
                continue
            divisor = self._divisor(self.field.numbers.residue(residue))
            leading = self._leading(divisor)
            is_paired = self.is_real and conjugate != residue and conjugate in residues
            if is_paired and (self.has_real_parts or self.field.level(leading) < 0):
                done.append(residue)  # both have the same real part
                yield self._term(numbers.times(residue, numbers.of(2)), divisor, is_paired=True)
            else:
                yield self._term(residue, divisor, is_paired=False)

    def _leading(self, divisor: Polynomial) -> Polynomial:
        parts = self.field.coefficients(divisor, self.v)
        return parts[max(parts)]

    def _divisor(self, root: int) -> Polynomial:
        """gcd(denominator, numerator - root * D(denominator)), primitive."""
        rest = self.numerator - self.slope * self.field.residue(root)
        divisor = common_divisor(self.field, self.field.of(self.denominator), rest, self.v)
        return primitive_part(self.field, divisor.numerator, self.v)

    def _term(self, c: numbers.Number, divisor: Polynomial, *, is_paired: bool) -> Node:
        """Re(c log g), g the divisor made monic in v: so its derivative is what the integration took away."""
        leading = self._leading(divisor)
        node = self._logarithm(c, divisor, is_paired=is_paired)
        if self.field.level(leading) < 0:
            return node
        return added(node, self._logarithm(numbers.minus(c), leading, is_paired=is_paired))

    def _logarithm(self, c: numbers.Number, p: Polynomial, *, is_paired: bool) -> Node:
        writer = self.writer
        if self.scale is None:
            return real_part(writer, Multiple(*writer.parts(c), is_paired), p, self.v)
        factor = self.scale * self.field.residue(self.field.numbers.residue(c))
        imaginary = writer.real_quotient(writer.conjugation.imaginary_part(factor))
        return real_part(writer, Multiple(writer.real(factor), imaginary, is_paired), p, self.v)

    # -- all others --------------------------------------------------------------------------------------

    def _over_roots(self, factor: fmpq_poly) -> Node:
        """The sum over the roots z of a factor of z log(gcd(denominator, numerator - z D(denominator)))."""
        if factor.degree() > LARGEST_SUM or self.writer.conjugation.imaginary or self.scale is not None:
            raise Undecided("algebraic residues")
        field = self.field
        polynomial = [field.number(_fraction(c).numerator, _fraction(c).denominator) for c in factor.coeffs()]
        divisor = divisor_at_root(Extension(field, polynomial), self.numerator, self.denominator, self.v)
        return sum_over_roots(factor, written_at_root(self.writer, divisor, self.v))


def sum_over_roots(factor: fmpq_poly, argument: Node) -> Node:
    """The sum of z log(argument) over the roots z of a polynomial, which gets integers for coefficients."""
    integral = factor.numer()
    terms = (
        multiplied(int(integral[j]), raised(ROOT, j) if j else 1) for j in range(integral.degree(), -1, -1)
    )
    return ("rootsum", sum_of(terms), multiplied(ROOT, ("ln", argument)))


def written_at_root(writer: Writer, divisor: list[Algebraic], v: int, scale: Node = 1) -> Node:
    """A polynomial in v whose coefficients are polynomials in a root, scale * z."""
    total: Node = 0
    variable = writer.variable_or_exponential(v)
    root = multiplied(scale, ROOT)
    for j in range(len(divisor) - 1, -1, -1):
        coefficient: Node = 0
        for k in range(len(divisor[j]) - 1, -1, -1):
            if divisor[j][k]:
                part = writer.real_quotient(divisor[j][k])
                coefficient = added(coefficient, multiplied(part, raised(root, k)) if k else part)
        total = added(total, multiplied(coefficient, raised(variable, j)) if j else coefficient)
    return total


def _roots_of(factor: fmpq_poly) -> list[numbers.Number] | None:
    """The roots of an irreducible polynomial if they are rational in square roots of integers, else None."""
    if factor.degree() == 1:
        return [numbers.of(-_fraction(factor[0]) / _fraction(factor[1]))]
    c, b = (_fraction(factor[j]) / _fraction(factor[factor.degree()]) for j in (0, factor.degree() // 2))
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


def _fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))


def _distinct_degree(polynomial: Univariate) -> int:
    """How many different roots there are."""
    return int(sum(factor.degree() for factor, _ in polynomial.factor()[1]))
