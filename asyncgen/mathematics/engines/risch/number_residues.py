"""Sums of residues times logarithms as real functions (Bronstein 5.6).

The residues are the roots of one polynomial. Those that are rational, or rational in square roots of
integers, are numbers modulo p, each with the greatest common divisor that stands in its logarithm. Of all
others the sum is written as a sum over roots.
"""

from collections.abc import Iterator

from flint import fmpq_poly

from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied, raised
from asyncgen.mathematics.engines.risch.extensions import Algebraic
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.real_logarithms import Multiple, real_part
from asyncgen.mathematics.engines.risch.residue_sums import ResidueSum
from asyncgen.mathematics.engines.risch.sums import sum_of
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.number_polynomials import roots_of

ROOT = "z"  # the name of the root that a sum runs over
LARGEST_SUM = 24  # degree of the polynomial of a sum over roots


class SumOverNumbers(ResidueSum):
    """The terms of one sum whose residues are numbers, or `scale` times numbers.

    In the second case the numerator is what is left without the constant `scale`.
    """

    def __init__(self, writer: Writer, logarithms: Logarithms, scale: Element | None = None) -> None:
        super().__init__(writer.field, logarithms)
        self.writer, self.scale = writer, scale
        parts = self.numerator, self.field.of(self.denominator)
        self.has_real_parts = scale is None and all(map(writer.conjugation.is_real, parts))
        self.is_real = self.has_real_parts or (
            scale is None and writer.conjugation.is_real(self.numerator / parts[1])
        )

    def terms(self) -> Iterator[Node]:
        factors = self.rational_factors()
        if factors is None:  # over another field than the rationals: only roots that are numbers
            yield from self._of_numbers(self.roots())
            return
        others = []
        for factor in factors:
            roots = roots_of(factor)
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
            divisor = self.divisor(residue)
            for sign, argument in ((1, divisor), (-1, self._leading(divisor))):
                if self.field.level(argument) >= 0:
                    logarithm = ("ln", self.writer.complex(self.field.of(argument)))
                    yield multiplied(sign, multiplied(c, logarithm))

    def _all_roots(self) -> list[numbers.Number]:
        factors = self.rational_factors()
        if factors is None:
            return self.roots()
        found: list[numbers.Number] = []
        for factor in factors:
            roots = roots_of(factor)
            if roots is None:
                raise Undecided("algebraic residues")
            found += roots
        return found

    # -- residues that are numbers -----------------------------------------------------------------------

    def _of_numbers(self, residues: list[numbers.Number]) -> Iterator[Node]:
        done: list[numbers.Number] = []
        for residue in residues:
            conjugate = numbers.conjugate(residue)
            if conjugate in done:
                continue
            divisor = self.divisor(self.field.numbers.residue(residue))
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
        return sum_over_roots(factor, written_at_root(self.writer, self.divisor_over(factor), self.v))


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
