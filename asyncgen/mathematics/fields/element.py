"""An element of a field: a fraction of polynomials, reduced, its denominator monic and free of roots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncgen.mathematics.fields.errors import Undecided

if TYPE_CHECKING:
    from asyncgen.mathematics.fields.fraction_field import FractionField

Polynomial = Any  # flint's nmod_mpoly, which has no type of its own for checkers
MOST_PRODUCTS = 300_000  # of terms, in one multiplication


def product(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product of two polynomials. Raises Undecided where it would take too long."""
    if len(p) * len(q) > MOST_PRODUCTS:
        raise Undecided("too much work")
    return p * q


class Element:
    """numerator/denominator in lowest terms, the denominator's leading coefficient 1.

    Two elements of one field are equal exactly if their parts are. Elements of two fields must not meet:
    flint would not notice where their rings have the same size.
    """

    __slots__ = ("denominator", "field", "numerator")

    def __init__(self, numerator: Polynomial, denominator: Polynomial, field: FractionField) -> None:
        self.numerator = numerator
        self.denominator = denominator
        self.field = field

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return NotImplemented
        return bool(self.numerator == other.numerator and self.denominator == other.denominator)

    __hash__ = None  # type: ignore[assignment]  # flint's polynomials have none that is cheap

    def __neg__(self) -> Element:
        return Element(-self.numerator, self.denominator, self.field)

    def __add__(self, other: Element) -> Element:
        a, b = self.denominator, other.denominator
        if a == b:
            total = self.numerator + other.numerator
            return Element(total, a, self.field) if a.is_one() else self.field.reduced(total, a)
        if b.is_one():
            return Element(self.numerator + other.numerator * a, a, self.field)
        if a.is_one():
            return Element(other.numerator + self.numerator * b, b, self.field)
        return self._add_fraction(other)

    def _add_fraction(self, other: Element) -> Element:
        """The sum over the least common denominator (Henrici's way, Knuth 4.5.1)."""
        a, b = self.denominator, other.denominator
        common = a.gcd(b)
        if common.is_one():
            return Element(self.numerator * b + other.numerator * a, a * b, self.field)
        left, right = a / common, b / common
        return self.field.reduced(self.numerator * right + other.numerator * left, left * b)

    def __sub__(self, other: Element) -> Element:
        return self + -other

    def __mul__(self, other: Element) -> Element:
        if not self.numerator or not other.numerator:
            return self.field.zero
        a, b = self.denominator, other.denominator
        if a.is_one() and b.is_one():
            return self.field.of(product(self.numerator, other.numerator))
        return self.field.reduced(product(self.numerator, other.numerator), product(a, b))

    def inverse(self) -> Element:
        """1/self. Raises ZeroDivisionError."""
        if not self.numerator:
            raise ZeroDivisionError
        if self.field.roots:
            return self.field.reduced(self.denominator, self.numerator)
        return self.field.monic(self.denominator, self.numerator)

    def __truediv__(self, other: Element) -> Element:
        return self * other.inverse()

    def __pow__(self, exponent: int) -> Element:
        if exponent < 0:
            return self.inverse() ** -exponent
        if self.field.roots:
            return self.field.reduced(self.numerator**exponent, self.denominator**exponent)
        return Element(self.numerator**exponent, self.denominator**exponent, self.field)

    def scaled(self, integer: int) -> Element:
        """An integer times the element."""
        if integer == 1:
            return self
        return self * self.field.number(integer)

    def __repr__(self) -> str:
        return f"({self.numerator})/({self.denominator})"
