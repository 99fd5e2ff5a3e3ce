"""What integration asks for where it would end: the same integral with special functions."""

from collections.abc import Mapping
from functools import cached_property
from itertools import islice

from asyncgen.mathematics.engines.risch.conjugation import Conjugation
from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.integration import (
    Integral,
    Logarithms,
    NotLimited,
    Obstruction,
    ResiduesVary,
)
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.residues import residue_polynomials
from asyncgen.mathematics.engines.risch.special.exponentials import Exponentials, Solved
from asyncgen.mathematics.engines.risch.special.logarithmic_integrals import next_to_logarithm
from asyncgen.mathematics.engines.risch.special.polylogarithms import Polylogarithms, Power
from asyncgen.mathematics.engines.risch.special.radicals import integrate_root
from asyncgen.mathematics.engines.risch.special.terms import Root
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.roots import Subset

Names = Mapping[int, tuple[Node, Element]]  # of the roots: trees, each with the element that divides it


class SpecialForms:
    """The special functions of one tower; each obstruction that is overcome adds terms to an integral."""

    def __init__(self, tower: Tower, names: Names | None = None, way: int = 0) -> None:
        self.tower, self.field = tower, tower.field
        self._names, self._way = names or {}, way  # of its roots; which way of their integrals is taken
        self.used_root = False  # whether its integrals are special functions
        self._kernels: dict[int, Kernel] = {kernel.v: kernel for kernel in tower.kernels}
        self._polylogarithms = Polylogarithms(self.field, self._is_positive, self._is_inside)
        self._exponentials = Exponentials(self.field, self._kernels)
        self._first: tuple[Element, int, int, Solved] | None = None  # what `exponential` found last

    def overcome(self, obstruction: Obstruction) -> bool:
        """Whether there are special functions for what ended the integration."""
        integral = Integral()
        if isinstance(obstruction, ResiduesVary):
            return self.residues(obstruction.f, obstruction.v, integral) is not None
        if isinstance(obstruction, NotLimited):
            return self.primitive(obstruction.f, obstruction.v, 1, integral) is not None
        if obstruction.roots:
            return self.radical(obstruction.g, obstruction.roots, obstruction.level, integral)
        if obstruction.v not in self._kernels:
            return False
        multiple = self.field.integer(obstruction.f / self.field.logarithmic_derivative(obstruction.v))
        if not multiple:
            return False
        return self.exponential(obstruction.g, obstruction.v, multiple, integral) is not None

    def exponential(self, g: Element, v: int, j: int, integral: Integral) -> Element | None:
        """y with g v^j = D(y v^j) + the derivatives of terms that are added; None if there is none."""
        if self._first is None or self._first[:3] != (g, v, j):
            w, level = self._kernels[v].exponent.scaled(j), self.field.tower.index(v) - 1
            found = self._exponentials.integrate(w, g, level)
            if found is None:
                return None
            self._first = g, v, j, found
        integral.special += self._first[3].terms
        return self._first[3].y

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

    @cached_property
    def _conjugation(self) -> Conjugation:
        return Conjugation(self.tower)

    def _is_positive(self, z: Element, a: Element) -> bool:
        """Whether z is real, and the constant a > 0."""
        try:
            return self._conjugation.is_real(z) and bool(self.tower.constants.ball(a).real > 0)
        except Undecided:
            return False

    def _is_inside(self, w: Element, a: Element) -> bool:
        """Whether w = iu for a real u, and the constant a lies inside the unit circle."""
        try:
            return self._conjugation.of(w) == -w and bool(self.tower.constants.ball(a).abs_upper() < 1)
        except Undecided:
            return False

    def radical(self, b: Element, subset: Subset, level: int, integral: Integral) -> bool:
        """Whether b S, S a root over K_level, was integrated by what is added."""
        (v, *others) = subset
        if others or v not in self._names:
            return False
        radicand = next(root.radicand for root in self.field.roots if root.v == v)
        root = Root(v, self.field.of(radicand), self._names[v][1])
        found = integrate_root(self.tower, self._kernels, root, b, level)
        terms = next(islice(found, self._way, None), None)
        if terms is None:
            return False
        integral.special += terms
        self.used_root = True
        return True
