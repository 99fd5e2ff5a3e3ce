"""e^w g as D(y e^w) and derivatives of special functions: candidates, and one equation for all of them.

What combination of the candidates is needed, the parametric Risch differential equation finds. Where it has
no solution, e^w g may be the sum of several e^(w + n E) h with e^E = P in the field, each of its own kind.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.equations import solve
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.special.candidates import candidates, with_power
from asyncgen.mathematics.engines.risch.special.logarithmic_integrals import in_powers
from asyncgen.mathematics.engines.risch.special.roots import is_large, top_of
from asyncgen.mathematics.engines.risch.special.terms import Term
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField


class Solved(NamedTuple):
    """e^w g = D(y e^w) + D(terms)."""

    y: Element
    terms: list[Term]


class Part(NamedTuple):
    """product * g, where product = e^exponent."""

    product: Element
    exponent: Element
    g: Element


class Exponentials:
    """Those of one field; its kernels by their variables."""

    def __init__(self, field: DifferentialField, kernels: Mapping[int, Kernel]) -> None:
        self.field, self._kernels = field, kernels

    def integrate(self, w: Element, g: Element, level: int) -> Solved | None:
        """(y, terms), y in K_level; None if there are none of these kinds, or no terms are needed."""
        for parts in self._decompositions(w, g, level):
            y, terms = self.field.zero, list[Term]()
            for part in parts:
                is_whole = len(parts) == 1 and not part.exponent
                found = self._solved(w + part.exponent, part.g, level, is_whole)
                if found is None:
                    break
                y, terms = y + found.y * part.product, terms + found.terms
            else:
                return Solved(y, terms)
        return None

    def _solved(self, w: Element, g: Element, level: int, is_whole: bool) -> Solved | None:
        field, slope = self.field, self.field.derive(w)
        if not slope or is_large(slope) or is_large(g):
            return None
        tried = list(candidates(field, w, slope, g))
        for kernel in self._kernels.values():
            if not kernel.is_exponential and field.contains(w, kernel.v):
                tried += with_power(field, w, kernel)
        if is_whole and not tried:
            return None
        right = [g, *(candidate.slope for candidate in tried)]
        for constants, y in solve(field, slope, right, level):
            if constants[0]:
                scale = -constants[0].inverse()
                pairs = zip(constants[1:], tried, strict=True)
                return Solved(-(y * scale), [one.term.times(c * scale) for c, one in pairs if c])
        return None

    # -- e^w g as a sum ----------------------------------------------------------------------------------

    def _decompositions(self, w: Element, g: Element, level: int) -> Iterator[list[Part]]:
        yield self._by_exponentials(w, g, level)
        for v in self.field.tower[: level + 1]:
            kernel = self._kernels.get(v)
            if kernel is not None and self.field.contains(w, v):
                yield from self._moved(w, g, kernel) if kernel.is_exponential else self._in_powers(g, kernel)

    def _by_exponentials(self, w: Element, g: Element, level: int) -> list[Part]:
        """By the products of other exponentials in g, if these stand in no w and in no other denominator."""
        field = self.field
        parts = [Part(field.one, field.zero, g)]
        for v in field.tower[: level + 1]:
            if not field.is_exponential(v) or not field.contains(g, v) or field.contains(w, v):
                continue
            if field.degree(normal_part(field, g.denominator, v), v):
                continue
            exponent = self._kernels[v].exponent
            parts = [
                Part(part.product * field.power(v, j), part.exponent + exponent.scaled(j), c)
                for part in parts
                for j, c in field.laurent(part.g, v).items()
            ]
        return parts

    def _moved(self, w: Element, g: Element, kernel: Kernel) -> Iterator[list[Part]]:
        """e^(e^x + x) as e^(e^x) e^x: without the exponent of a kernel whose power stands in w, too."""
        field = self.field
        v = top_of(field, kernel.exponent)
        if field.degree(w.denominator, v) or field.degree(kernel.exponent.denominator, v):
            return
        inside, own = field.laurent(w, v), field.laurent(kernel.exponent, v)
        highest = max(own)
        multiple = field.integer(inside[highest] / own[highest]) if highest in inside else None
        if multiple:
            product = kernel.power**-multiple
            yield [Part(product, -kernel.exponent.scaled(multiple), g / product)]

    def _in_powers(self, g: Element, kernel: Kernel) -> Iterator[list[Part]]:
        """e^(log(b)^2) as e^(log(b)^2 + log(b)) Db/b: by powers of b, where log(b) stands in w."""
        slope = self.field.derive(kernel.exponent)
        parts = in_powers(self.field, g / slope, kernel.power)
        if parts is not None:
            yield [Part(kernel.power**n, kernel.exponent.scaled(n), c * slope) for n, c in parts.items()]
