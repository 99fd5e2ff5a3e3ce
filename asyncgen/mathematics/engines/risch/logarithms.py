"""Sums of residues times logarithms as real functions (Bronstein 5.6, and 2.8 after Rioboo).

The residues are the roots of one polynomial. Those that are rational, or rational in square roots of
integers, are numbers modulo p, each with the greatest common divisor that stands in its logarithm. Of all
others the sum is written as a sum over roots.
"""

from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import primitive_part
from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied, number, raised, split
from asyncgen.mathematics.engines.risch.extensions import Algebraic, Extension, lifted
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.residues import rational_roots, residue_polynomials
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
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.modular import Univariate, fits_word
from asyncgen.mathematics.fields.univariate import coefficients_of

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
        factor = _constant_content(writer, numerator.numerator) / _constant_content(
            writer, numerator.denominator
        )
    for turned in (factor, factor * field.i):
        if writer.conjugation.is_real(turned):
            return turned
    raise Undecided("residues with constants")


def _constant_content(writer: Writer, p: Polynomial) -> Element:
    """The greatest common divisor of the coefficients of a polynomial over the constants."""
    field = writer.field
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


class _Sum:
    """The terms of one sum whose residues are numbers."""

    def __init__(self, writer: Writer, logarithms: Logarithms) -> None:
        self.writer, self.field = writer, writer.field
        self.v, self.denominator = logarithms.v, logarithms.denominator
        self.numerator = logarithms.numerator
        self.residues = logarithms.residues
        self.slope = self.field.derive(self.field.of(self.denominator))
        parts = self.numerator, self.field.of(self.denominator)
        self.is_real = all(writer.conjugation.is_real(part) for part in parts)

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
            factor = residue
            if self.is_real and conjugate != residue and conjugate in residues:
                done.append(residue)  # both have the same real part
                factor = numbers.times(residue, numbers.of(2))
            yield self._term(factor, self._divisor(self.field.numbers.residue(residue)))

    def _divisor(self, root: int) -> Polynomial:
        """gcd(denominator, numerator - root * D(denominator)), primitive."""
        rest = (self.numerator - self.slope * self.field.residue(root)).numerator
        return primitive_part(self.field, self.denominator.gcd(rest), self.v) if rest else self.denominator

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
        terms = writer.terms_of(p)
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
        return multiplied(writer.number(c), ("ln", writer.sum(writer.primitive(terms))))

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
        field = self.field
        polynomial = [field.number(_fraction(c).numerator, _fraction(c).denominator) for c in factor.coeffs()]
        extension = Extension(field, polynomial)
        common = field.of(self.numerator.denominator)
        above = coefficients_of(field, self.numerator * common, self.v)
        slope = coefficients_of(field, self.slope * common, self.v)
        second = [_pair(field.zero, above, slope, j) for j in range(max(len(above), len(slope)))]
        divisor = extension.monic_gcd(
            lifted(coefficients_of(field, field.of(self.denominator), self.v)), second
        )
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


def _pair(zero: Element, above: list[Element], slope: list[Element], j: int) -> Algebraic:
    """above_j - z slope_j."""
    constant = above[j] if j < len(above) else zero
    if j < len(slope) and slope[j]:
        return [constant, -slope[j]]
    return [constant] if constant else []


def _fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))


def _distinct_degree(polynomial: Univariate) -> int:
    """How many different roots there are."""
    return int(sum(factor.degree() for factor, _ in polynomial.factor()[1]))
