"""Roots of constants: numbers where they are such, else variables w of the field with w^n = c.

w^n - c is irreducible over a field that holds i exactly if c is a q-th power in it for no prime q that
divides n (Capelli; Lang, Algebra, VI.9). Where a place shows that it is none, w is a new variable. Otherwise
the q-th root is looked for in the field, also next to the roots that are there, as sqrt(6) is next to sqrt(2)
and sqrt(3). If it is not found, the function stays undecided.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from flint import acb, ctx, fmpz

from asyncgen.mathematics.fields.constant_roots import normalised
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.number_roots import root_by_lattice, root_of, square_root_of
from asyncgen.mathematics.fields.points import ConstantRoot
from asyncgen.mathematics.fields.powers import is_shown_no_power

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.constants import Constants

LARGEST_DEGREE = 60  # of a root
LARGEST_NEW_DEGREE = 12  # of one that is no number
MOST_RELATIVES = 3  # roots of the same degree next to which one is looked for
PRECISION = 512  # bits of the balls


@dataclass(frozen=True, slots=True)
class ConstantRootKernel:
    """A root as a variable: its value, and the element of which it is the exponential, for a root of unity.

    Without an exponent it is the principal root.
    """

    root: ConstantRoot
    value: acb
    exponent: Element | None


class ConstantRoots:
    """The roots of constants in a tower."""

    def __init__(self, constants: "Constants") -> None:
        self.constants = constants
        self.field = constants.field
        self.kernels: list[ConstantRootKernel] = []
        self._shown_with: frozenset[int] = frozenset()

    def root(self, c: Element, n: int, value: acb | None = None, exponent: Element | None = None) -> Element:
        """The n-th root of c with this value, else the principal one. `exponent`: its logarithm, if known.

        Raises Undecided, NeedsPrime, Refined.
        """
        if n == 1 or not c:
            return c
        if n > LARGEST_DEGREE:
            raise Undecided("the root of a constant")
        c = normalised(self.field, c)
        with ctx.workprec(PRECISION):
            if value is None and n == 2 and self._is_negative(c):
                return self.root(-c, 2) * self.field.i
            wanted = self._principal(c, n) if value is None else value
        self._refine(c, n)
        known = self._known(c, n, wanted)
        if known is not None:
            return known
        for q in _prime_factors(n):
            power = self._found(c, q)
            if power is not None:
                power = self._turned(power, q, wanted, n // q)
                return self.root(power, n // q, value, exponent)
        return self._new(c, n, wanted, exponent)

    def _is_negative(self, c: Element) -> bool:
        ball = self.constants.ball(c)
        return bool(ball.imag.contains(0) and ball.real < 0)

    def _principal(self, c: Element, n: int) -> acb:
        with ctx.workprec(PRECISION):
            return (self.constants.ball(c).log() / n).exp()

    def _refine(self, c: Element, n: int) -> None:
        """A power of an exponential has a root that is one. Raises Refined to have it."""
        if len(c.numerator) != 1 or len(c.denominator) != 1:
            return
        for kernel in self.constants.kernels:
            if kernel.is_exponential:
                e = self.field.degree(c.numerator, kernel.v) - self.field.degree(c.denominator, kernel.v)
                if e % n:
                    self.constants.tower.refine(kernel, n)

    # -- roots that are there ----------------------------------------------------------------------------

    def _known(self, c: Element, n: int, wanted: acb) -> Element | None:
        """The root as a power of one of the same constant that is there."""
        for kernel in self.kernels:
            e = kernel.root.degree // n
            if kernel.root.degree == e * n and kernel.root.radicand == c:
                with ctx.workprec(PRECISION):
                    if (kernel.value**e).overlaps(wanted):
                        return self.field.power(kernel.root.v, e)
        return None

    def _found(self, c: Element, q: int) -> Element | None:
        """A q-th root of c; None if there is shown to be none. Raises Undecided if that is unclear."""
        power = self._simple(c, q)
        if power is not None or is_shown_no_power(self.field, c, q):
            return power
        for factor, root in self._relatives(q):
            power = self._simple(normalised(self.field, c * factor), q, quick=False)
            if power is not None:
                return normalised(self.field, power / root)
        number = self.constants.number_of(c)
        if number is None:
            raise Undecided("the root of a constant")
        found = root_by_lattice(number, q, self.field.numbers.met)
        if found is None:
            raise Undecided("a root in a root")
        return self.constants.element_of(found)

    def _simple(self, c: Element, q: int, *, quick: bool = True) -> Element | None:
        """A q-th root by the formulas for numbers, or of a product of q-th powers and a number."""
        number = self.constants.number_of(c)
        if number is not None:
            root = square_root_of(number) if q == 2 else root_of(number, q)
            if root is None and not quick:
                root = root_by_lattice(number, q, self.field.numbers.met)
            return None if root is None else self.constants.element_of(root)
        return self.constants.tower.root_of_power(c, q)

    def _relatives(self, q: int) -> Iterator[tuple[Element, Element]]:
        """Products of powers of radicands, each with a q-th root."""
        known = [kernel.root for kernel in self.kernels if kernel.root.degree % q == 0][:MOST_RELATIVES]
        for exponents in product(range(q), repeat=len(known)):
            if any(exponents):
                factor = root = self.field.one
                for k, e in zip(known, exponents, strict=True):
                    factor = factor * k.radicand**e
                    root = root * self.field.power(k.v, k.degree // q * e)
                yield factor, root

    def _turned(self, power: Element, q: int, wanted: acb, n: int) -> Element:
        """The q-th root among those of the same number that wanted^n is."""
        with ctx.workprec(PRECISION):
            ratio = wanted**n / self.constants.ball(power)
        for unit in self._units(q):
            if self.constants.ball(unit).overlaps(ratio):
                return normalised(self.field, power * unit)
        raise Undecided("the root of a constant")

    def _units(self, q: int) -> Iterator[Element]:
        """The q-th roots of 1, those that square roots of integers, and of one more number, give."""
        one = self.field.one
        yield one
        if q == 2:
            yield -one
        elif q == 3:
            for sign in (1, -1):
                yield self.constants.element_of({1: Fraction(-1, 2), -3: Fraction(sign, 2)})
        elif q == 5:
            sine = self.root(self.constants.element_of({1: Fraction(5, 8), 5: Fraction(1, 8)}), 2)
            cosine = self.constants.element_of({1: Fraction(-1, 4), 5: Fraction(1, 4)})
            for e in (1, 2, 3, 4):
                yield normalised(self.field, (cosine + sine * self.field.i) ** e)

    # -- new roots ---------------------------------------------------------------------------------------

    def _new(self, c: Element, n: int, value: acb, exponent: Element | None) -> Element:
        with ctx.workprec(PRECISION):
            if not value.is_finite() or value.contains(0):
                raise Undecided("a constant without a value")
            if self._principal(c, n).overlaps(value):
                exponent = exponent if exponent is not None and value.imag != 0 else None
            elif exponent is None:
                raise Undecided("the branch of a constant")
        if n > LARGEST_NEW_DEGREE:
            raise Undecided("the root of a constant")
        v = self.constants.tower.new_variable()
        root = self.field.add_constant_root(v, n, c)
        self.kernels.append(ConstantRootKernel(root, value, exponent))
        self._shown_with = self.field.numbers.met
        return self.field.variable(v)

    def certify(self) -> None:
        """Show again that no root lies in the field of those before, with all numbers that were met since.

        Raises Refined, or Undecided if it cannot be shown.
        """
        if not self.kernels or self._shown_with == self.field.numbers.met:
            return
        for count, root in enumerate(self.field.constant_roots):
            for q in _prime_factors(root.degree):
                if not is_shown_no_power(self.field, root.radicand, q, count):
                    self.constants.tower.know_numbers()
                    raise Undecided("constants that may depend on each other")
        self._shown_with = self.field.numbers.met


def _prime_factors(n: int) -> list[int]:
    return [int(p) for p, _ in fmpz(n).factor()]
