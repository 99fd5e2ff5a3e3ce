"""What integration asks for where it would end: the same integral with special functions."""

from collections.abc import Iterator

from asyncgen.mathematics.engines.risch.conjugation import Conjugation
from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.integration import (
    Integral,
    Logarithms,
    NotLimited,
    Obstruction,
    ResiduesVary,
)
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.residues import residue_polynomials
from asyncgen.mathematics.engines.risch.special.exponentials import integrate_exponential
from asyncgen.mathematics.engines.risch.special.logarithmic_integrals import next_to_logarithm
from asyncgen.mathematics.engines.risch.special.polylogarithms import Polylogarithms, Power
from asyncgen.mathematics.engines.risch.special.terms import Term
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided


class SpecialForms:
    """The special functions of one tower; each obstruction that is overcome adds terms to an integral."""

    def __init__(self, tower: Tower) -> None:
        self.tower, self.field = tower, tower.field
        self._kernels: dict[int, Kernel] = {kernel.v: kernel for kernel in tower.kernels}
        self._polylogarithms = Polylogarithms(self.field, self._is_positive)
        self._first: tuple[Element, int, int, Element, list[Term]] | None = None  # what `exponential` found

    def overcome(self, obstruction: Obstruction) -> bool:
        """Whether there are special functions for what ended the integration."""
        integral = Integral()
        if isinstance(obstruction, ResiduesVary):
            return self.residues(obstruction.f, obstruction.v, integral) is not None
        if isinstance(obstruction, NotLimited):
            return self.primitive(obstruction.f, obstruction.v, 1, integral) is not None
        if obstruction.v not in self._kernels:
            return False
        multiple = self.field.integer(obstruction.f / self.field.logarithmic_derivative(obstruction.v))
        if not multiple:
            return False
        return self.exponential(obstruction.g, obstruction.v, multiple, integral) is not None

    def exponential(self, g: Element, v: int, j: int, integral: Integral) -> Element | None:
        """y with g v^j = D(y v^j) + the derivatives of terms that are added; None if there is none.

        Other exponentials in g are joined with v^j: each of their products is integrated on its own.
        """
        field, level = self.field, self.field.tower.index(v) - 1
        if self._first is not None and self._first[:3] == (g, v, j):
            integral.special += self._first[4]
            return self._first[3]
        w = self._kernels[v].exponent.scaled(j)
        total, terms = field.zero, []
        for product, exponent, part in self._by_exponentials(g, w, level):
            found = integrate_exponential(field, w + exponent, part, level)
            if found is None:
                return None
            total = total + found[0] * product
            terms += found[1]
        self._first = self._first or (g, v, j, total, terms)
        integral.special += terms
        return total

    def _by_exponentials(
        self, g: Element, w: Element, level: int
    ) -> Iterator[tuple[Element, Element, Element]]:
        """(product, exponent, part) for g = the sum of the part * product, where product = e^exponent.

        Exponentials that stand in w, or in g's denominator other than as a factor, stay in the parts.
        """
        field = self.field
        parts = [(field.one, field.zero, g)]
        for v in field.tower[: level + 1]:
            if not field.is_exponential(v) or not field.contains(g, v) or field.contains(w, v):
                continue
            if field.degree(normal_part(field, g.denominator, v), v):
                continue
            kernel = self._kernels[v]
            parts = [
                (product * field.power(v, j), exponent + kernel.exponent.scaled(j), c)
                for product, exponent, part in parts
                for j, c in field.laurent(part, v).items()
            ]
        yield from parts

    def residues(self, simple: Element, v: int, integral: Integral) -> Element | None:
        """r free of v with `simple` = r + the derivatives of what is added; None if there is none."""
        kernel = self._kernels.get(v)
        if kernel is None:
            return None
        if kernel.is_exponential:
            found = self._polylogarithms.next_to_exponential(simple, v, kernel.exponent)
            if found is None:
                return None
            integral.special += found[1]
            return found[0]
        found = next_to_logarithm(self.field, simple, v, kernel.power, kernel.exponent)
        if found is None:
            return None
        rest, terms = found
        if rest:
            integral.logarithms.append(self._logarithms(rest, v))
        integral.special += terms
        return self.field.zero

    def _logarithms(self, simple: Element, v: int) -> Logarithms:
        """The integral of what has constant residues at its poles in a logarithm."""
        field = self.field
        denominator = normal_part(field, simple.denominator, v)
        numerator = field.reduced(simple.numerator, simple.denominator / denominator)
        (polynomial,) = residue_polynomials(field, numerator, denominator, v, wanted=1)
        return Logarithms(v, numerator, denominator, polynomial)

    def primitive(self, a: Element, v: int, j: int, integral: Integral) -> tuple[Element, Element] | None:
        """(y, c) with a v^j = (Dy + c Dv) v^j + the derivatives of what is added; None if there is none."""
        kernel = self._kernels.get(v)
        if kernel is None:
            return None
        level = self.field.tower.index(v) - 1
        found = self._polylogarithms.limited(a, v, Power(kernel.power, kernel.exponent), j, level)
        if found is None:
            return None
        y, c, terms = found
        integral.special += terms
        return y, c

    def _is_positive(self, z: Element, a: Element) -> bool:
        """Whether z is real, and the constant a > 0."""
        try:
            return Conjugation(self.tower).is_real(z) and bool(self.tower.constants.ball(a).real > 0)
        except Undecided:
            return False
