"""A function as a product: a rational number, powers of kernels, powers of sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import fmpq

if TYPE_CHECKING:
    from asyncgen.mathematics.forms.field import Field

Polynomial = Any  # flint's fmpz_mpoly, whose annotations say less than this file needs
Powers = dict[int, int]  # exponents, not 0, by the numbers of kernels
Sums = list[tuple[Polynomial, int]]


class Element:
    """coefficient * product of kernel**e * product of sum**e.

    Each sum is a polynomial in kernels with integer coefficients: of two terms or more, with no common factor
    among its coefficients, divisible by no kernel, its leading coefficient positive. Sums with exponents of
    opposite signs have no common factor. Elements of two fields must not meet: flint would not notice.
    """

    __slots__ = ("coefficient", "field", "powers", "sums")

    def __init__(self, coefficient: fmpq, powers: Powers, sums: Sums, field: Field) -> None:
        self.coefficient = coefficient
        self.powers = powers
        self.sums = sums
        self.field = field

    def __bool__(self) -> bool:
        return bool(self.coefficient)

    def __neg__(self) -> Element:
        return Element(-self.coefficient, self.powers, self.sums, self.field)

    def __mul__(self, other: Element) -> Element:
        return self.field.product(self, other)

    def __truediv__(self, other: Element) -> Element:
        return self.field.product(self, other**-1)

    def __pow__(self, exponent: int) -> Element:
        return self.field.power(self, exponent)

    def __add__(self, other: Element) -> Element:
        return self.field.sum((self, other))

    def __sub__(self, other: Element) -> Element:
        return self.field.sum((self, -other))

    def scaled(self, numerator: int, denominator: int = 1) -> Element:
        """A rational number, not 0, times the element."""
        coefficient = self.coefficient * fmpq(numerator, denominator)
        return Element(coefficient, self.powers, self.sums, self.field)

    @property
    def is_number(self) -> bool:
        """Whether it is a rational number."""
        return not self.powers and not self.sums

    @property
    def monic(self) -> Element:
        """The element without its rational factor."""
        return Element(fmpq(1), self.powers, self.sums, self.field)

    def only_kernel(self) -> tuple[int, int] | None:
        """(kernel, exponent) if the element is that power and nothing else."""
        if self.sums or len(self.powers) != 1 or self.coefficient != 1:
            return None
        return next(iter(self.powers.items()))

    def key(self) -> tuple[Any, ...]:
        """What is equal exactly for equal elements of a field, and can be a dictionary's key."""
        sums = sorted((key_of(p), e) for p, e in self.sums)
        return (
            int(self.coefficient.p),
            int(self.coefficient.q),
            tuple(sorted(self.powers.items())),
            tuple(sums),
        )


def key_of(p: Polynomial) -> tuple[Any, ...]:
    """A polynomial as a dictionary's key. Its str would do, but leaks 640 bytes a call (python-flint 0.9)."""
    return tuple(p.monoms()), tuple(p.coeffs())
