"""Sums of residues times logarithms as real functions (Bronstein 5.6, and 2.8 after Rioboo).

Residues that are rational, or rational in square roots of integers, have a logarithm each. Of all others the
sum is written as a sum over roots.
"""

from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq_poly, nmod_poly

from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied, number, raised, split
from asyncgen.mathematics.engines.risch.extensions import Algebraic
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.residue_sums import ResidueSum, constant_content
from asyncgen.mathematics.engines.risch.residues import residue_polynomials
from asyncgen.mathematics.engines.risch.writing import (
    Terms,
    Writer,
    product_of,
    scaled,
    shifted,
    sum_of,
)
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided

ROOT = "z"  # the name of the root that a sum runs over
LARGEST_SUM = 24  # degree of the polynomial of a sum over roots


def written(writer: Writer, logarithms: Logarithms) -> Node:
    """The real part of a sum of residues times logarithms. Raises Undecided, NeedsRoot."""
    factor = _common_constant(writer, logarithms)
    if factor is None:
        return sum_of(_Sum(writer, logarithms).terms())
    numerator = logarithms.numerator / factor
    polynomials = residue_polynomials(
        writer.field, numerator, logarithms.denominator, logarithms.v, wanted=2, constants_move=True
    )
    if polynomials[0] != polynomials[1]:
        raise Undecided("residues with constants")
    reduced = Logarithms(logarithms.v, numerator, logarithms.denominator, polynomials[0])
    return multiplied(writer.real_quotient(factor), sum_of(_Sum(writer, reduced).terms()))


def _common_constant(writer: Writer, logarithms: Logarithms) -> Element | None:
    """A real constant that all residues have as a factor; None where no constants stand in them."""
    field, numerator, denominator = writer.field, logarithms.numerator, logarithms.denominator
    if not field.contains_any(numerator, field.constants) and not any(
        field.degree(denominator, c) for c in field.constants
    ):
        return None
    factor = None
    if field.degree(denominator, logarithms.v) == 1:
        factor = numerator / field.derive(field.of(denominator))
    if factor is None or not field.is_constant(factor):
        content = constant_content(field, numerator.numerator)
        factor = content / constant_content(field, numerator.denominator)
    for turned in (factor, factor * field.i):
        if writer.conjugation.is_real(turned):
            return turned
    raise Undecided("residues with constants")


class _Sum(ResidueSum):
    """The terms of one sum whose residues are numbers."""

    def __init__(self, writer: Writer, logarithms: Logarithms) -> None:
        super().__init__(writer.field, logarithms)
        self.writer = writer
        parts = self.numerator, self.field.of(self.denominator)
        self.is_real = all(writer.conjugation.is_real(part) for part in parts)

    def terms(self) -> Iterator[Node]:
        factors = self.rational_factors()
        if factors is None:  # over another field than the rationals: only roots that are numbers
            yield from self._of_numbers(self.residues)
            return
        split = [factor for factor in factors if self.admits(factor)]
        for factor in split:
            yield from self._of_numbers(self.modulo_prime(factor))
        for factor in factors:
            if factor not in split:
                yield self._over_roots(factor)

    # -- residues that are numbers -----------------------------------------------------------------------

    def _of_numbers(self, polynomial: nmod_poly) -> Iterator[Node]:
        residues = self.numbers_of(polynomial)
        done: list[numbers.Number] = []
        for root, residue in residues.items():
            conjugate = numbers.conjugate(residue)
            if conjugate in done:
                continue
            divisor = self.divisor(root)
            factor = residue
            if self.is_real and conjugate != residue and conjugate in residues.values():
                done.append(residue)  # both have the same real part
                factor = numbers.times(residue, numbers.of(2))
            yield self._term(factor, divisor)

    def _term(self, c: numbers.Number, divisor: Polynomial) -> Node:
        """Re(c log g), g the divisor made monic in v: so its derivative is what the integration took away."""
        parts = self.field.coefficients(divisor, self.v)
        leading = parts[max(parts)]
        node = self.logarithm(c, divisor)
        if leading.is_constant():
            return node
        return added(node, self.logarithm(numbers.minus(c), leading))

    def logarithm(self, c: numbers.Number, p: Polynomial) -> Node:
        """Re(c log p), up to a constant."""
        writer = self.writer
        real = {d: part for d, part in c.items() if d > 0}
        imaginary = {-d: part for d, part in c.items() if d < 0}
        terms = writer.terms_of(writer.with_functions(p))
        shift = writer.centre(terms)
        terms = shifted(terms, shift)
        node: Node = 0
        for v in writer.conjugation.imaginary:  # log p = log(p E^s) - s iw, with E = exp(iw)
            if shift[v] and imaginary:
                node = added(
                    node,
                    multiplied(multiplied(writer.number(imaginary), number(shift[v])), writer.exponent(v)),
                )
        factor = writer.factor_to_real(terms)
        if factor is not None:
            return added(node, self._times_log(real, scaled(terms, factor)))
        half = numbers.times(real, numbers.of(Fraction(1, 2)))
        node = added(node, self._times_log(half, product_of(terms, writer.conjugated(terms))))
        return added(node, self._times_argument(imaginary, terms))

    def _times_log(self, c: numbers.Number, terms: Terms) -> Node:
        if not c:
            return 0
        writer = self.writer
        argument = writer.sum(writer.primitive(terms))
        return 0 if argument == 1 else multiplied(writer.number(c), ("ln", argument))

    def _times_argument(self, c: numbers.Number, terms: Terms) -> Node:
        """-c arg(terms) as c atan(Re/Im), which has fewer jumps: the imaginary part is of less degree."""
        if not c:
            return 0
        writer = self.writer
        turned = scaled(terms, numbers.minus(numbers.IMAGINARY))
        factor, ratio = split(writer.quotient(terms, turned))
        sign = -1 if factor < 0 else 1
        return multiplied(
            multiplied(sign, writer.number(c)), ("atan", multiplied(number(abs(factor)), ratio))
        )

    # -- all others --------------------------------------------------------------------------------------

    def _over_roots(self, factor: fmpq_poly) -> Node:
        """The sum over the roots z of a factor of z log(gcd(denominator, numerator - z D(denominator)))."""
        if factor.degree() > LARGEST_SUM or self.writer.conjugation.imaginary:
            raise Undecided("algebraic residues")
        divisor = self.divisor_over(factor)
        return ("rootsum", self._integral(factor), multiplied(ROOT, ("ln", self._written(divisor))))

    def _integral(self, factor: fmpq_poly) -> Node:
        """The polynomial with integer coefficients."""
        integral = factor.numer()
        terms = (
            multiplied(int(integral[j]), raised(ROOT, j) if j else 1)
            for j in range(integral.degree(), -1, -1)
        )
        return sum_of(terms)

    def _written(self, divisor: list[Algebraic]) -> Node:
        """A polynomial in v whose coefficients are polynomials in z."""
        total: Node = 0
        variable = self.writer.variable_or_exponential(self.v)
        for j in range(len(divisor) - 1, -1, -1):
            coefficient: Node = 0
            for k in range(len(divisor[j]) - 1, -1, -1):
                if divisor[j][k]:
                    part = self.writer.real_quotient(divisor[j][k])
                    coefficient = added(coefficient, multiplied(part, raised(ROOT, k)) if k else part)
            total = added(total, multiplied(coefficient, raised(variable, j)) if j else coefficient)
        return total
