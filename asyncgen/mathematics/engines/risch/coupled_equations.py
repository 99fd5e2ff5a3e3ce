"""D y + f y = sum c_i g_i for y in F(v)(S), S^2 = R a squarefree polynomial in v, where S stands in f.

The parts of y at 1 and at S are then coupled, and the equation is solved place by place. At finite places the
poles of f and g bound those of y, so that y is a known fraction times q = U + V S with polynomials U and V.
At infinity, where D raises no degree but lowers that of x^n, the highest term of q follows from f if f grows
there, or if v is x; and so on down. Otherwise nothing is claimed, unless the bounds leave q = 0.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from asyncgen.mathematics.engines.risch.linear import Vector, constraints, nullspace
from asyncgen.mathematics.engines.risch.places import LEFT_OPEN, known_fraction
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsExtension
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.roots import parted
from asyncgen.mathematics.fields.univariate import at_infinity, degree_at_infinity

MOST_TERMS = 60  # of a solution

Size = Fraction  # the order of growth at infinity, where v has 1 and S half the degree of R
SMALLEST = Fraction(-(10**9))  # that of 0


class CoupledEquation:
    """The equation over F(v)(S), v the variable of the level and S the only root over it.

    Assumes that exp(integral of f) is transcendental over F(v)(S). Raises NeedsExtension if it cannot tell.
    """

    def __init__(
        self, field: DifferentialField, f: Element, g: Sequence[Element], level: int, s: int
    ) -> None:
        self.field, self.s = field, s
        self.v = field.tower[level]
        self.kind = field.kind[self.v]
        radicand = field.variable(s) ** 2
        if field.contains_any(radicand, [root.v for root in field.roots]):
            raise NeedsExtension(LEFT_OPEN)
        self.fraction = known_fraction(field, f, g, radicand, level, s)
        self.f = f + field.derive(self.fraction) / self.fraction  # of the equation for q = y/fraction
        self.g = [g_i / self.fraction for g_i in g]
        degree = field.degree(radicand.numerator, self.v)
        self.half_degree = Fraction(degree, 2)
        self.leading = field.of(field.coefficients(radicand.numerator, self.v)[degree])
        self.growth = self._size(self.f)
        if self.kind is Kind.BASE:  # D counts as much as an f that falls like 1/x
            self.growth = max(self.growth, Size(-1))

    def solutions(self) -> list[tuple[Vector, Element]]:
        """A basis of the (c, y)."""
        field = self.field
        found = [field.zero] * len(self.g)
        rests = list(self.g)
        for size in self._sizes():
            for j, rest in enumerate(rests):
                if rest:
                    term = self._term(rest, size)
                    found[j] = found[j] + term
                    rests[j] = rest - field.derive(term) - self.f * term
        vectors = nullspace(field, constraints(field, rests), len(rests))
        return [(vector, self._sum(vector, found) * self.fraction) for vector in vectors]

    def _sum(self, factors: Vector, elements: Sequence[Element]) -> Element:
        total = self.field.zero
        for factor, element in zip(factors, elements, strict=True):
            total = total + factor * element
        return total

    # -- sizes at infinity -------------------------------------------------------------------------------

    def _size(self, f: Element) -> Size:
        even, odd = parted(self.field, f, self.s)
        size = Size(degree_at_infinity(self.field, even, self.v)) if even else SMALLEST
        if odd:
            size = max(size, degree_at_infinity(self.field, odd, self.v) + self.half_degree)
        return size

    def _sizes(self) -> Iterator[Size]:
        """The sizes that terms of q may have, the largest first."""
        right = max(map(self._size, self.g), default=SMALLEST)
        if self.kind is Kind.BASE or self.growth > 0:
            highest = right - self.growth
            if self.growth == -1:
                self._require_no_larger(highest)
        elif self.kind is Kind.EXPONENTIAL and self.growth < 0:  # D y is as large as y, unless y is bounded
            highest = max(right, -self._size(self.fraction))
            if highest >= 0:
                raise NeedsExtension(LEFT_OPEN)
        else:
            raise NeedsExtension(LEFT_OPEN)
        if highest > MOST_TERMS:
            raise NeedsExtension(LEFT_OPEN)
        while highest >= 0:
            yield highest
            highest -= Fraction(1, 2)

    def _require_no_larger(self, highest: Size) -> None:
        """See to it that for no x^n with n > highest the highest terms of D y + f y cancel."""
        diagonal, other = self._matrix(Size(0))  # that of n is diagonal + n
        values = [self.field.number_of(e) for e in (diagonal, other * other * self.leading)]
        if any(value is None or not numbers.is_rational(value) for value in values):
            raise NeedsExtension(LEFT_OPEN)
        a, square = (value.get(1, Fraction(0)) for value in values if value is not None)
        root = numbers.rational_square_root(square)
        if root is not None and max(root, -root) - a > highest:
            raise NeedsExtension(LEFT_OPEN)

    # -- terms -------------------------------------------------------------------------------------------

    def _matrix(self, size: Size) -> tuple[Element, Element]:
        """(a, b): D + f multiplies the highest term of this size by a + b S, up to a power of v."""
        even, odd = self._coefficients(self.f, self.growth)
        if self.kind is Kind.BASE and self.growth == -1:
            even = even + self.field.number(size.numerator, size.denominator)
        return even, odd

    def _coefficients(self, f: Element, size: Size) -> tuple[Element, Element]:
        """The coefficients of what has this size, in the part of f at 1 and in the part at S."""
        parts = parted(self.field, f, self.s)
        return self._coefficient(parts[0], size), self._coefficient(parts[1], size - self.half_degree)

    def _coefficient(self, f: Element, degree: Fraction) -> Element:
        if degree.denominator != 1:
            return self.field.zero
        return at_infinity(self.field, f, self.v, int(degree)).get(int(degree), self.field.zero)

    def _term(self, rest: Element, size: Size) -> Element:
        """The term of q of this size that takes away the rest's highest one, as far as it is a polynomial."""
        field = self.field
        a, b = self._matrix(size)
        even, odd = self._coefficients(rest, size + self.growth)
        determinant = a * a - b * b * self.leading
        if not determinant:
            raise NeedsExtension(LEFT_OPEN)
        u = (a * even - b * self.leading * odd) / determinant
        w = (a * odd - b * even) / determinant
        term = u * field.power(self.v, int(size)) if u else field.zero
        degree = size - self.half_degree
        return (
            term + w * field.power(self.v, int(degree)) * field.variable(self.s)
            if w and degree >= 0
            else term
        )
