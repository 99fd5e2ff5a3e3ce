"""Terms of an integral that are no elements and no logarithms: a factor times a special function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from asyncgen.mathematics.fields.element import Element


class Function(Enum):
    """A function F, by its derivative; the letters are the arguments of a term, in this order.

    Its parameters are the integers in it, in the order n, j, m.
    """

    EI = "Ei(u), DF = e^u Du/u"
    LI = "li(b), DF = Db/log(b)"
    POWER = "F(q, k), DF = e^(k q^n) q^(j-1) Dq"
    POWER_WITH_ROOT = "F(q, k, l, s), DF = e^(k q^n + l) q^(j-1) Dq, where e^l = q^(m s) up to a constant"
    POLYLOGARITHM = "Li_n(z), DF = Li_(n-1)(z) Dz/z"
    DILOGARITHM = "F(z, b) = Li_2(1 - z) - log(b) log(1 - z)"


@dataclass(frozen=True, slots=True)
class Term:
    """factor * e^shift * function(arguments), where shift is constant."""

    factor: Element
    shift: Element
    function: Function
    arguments: tuple[Element, ...]
    parameters: tuple[int, ...] = ()

    def times(self, factor: Element) -> Term:
        """The term times an element."""
        return replace(self, factor=self.factor * factor)
