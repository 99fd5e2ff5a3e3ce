"""Terms of an integral that are no elements and no logarithms: a factor times a special function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from asyncgen.mathematics.fields.element import Element


class Function(Enum):
    """A function F, by its derivative; the letters are the arguments of a term, in this order.

    Its parameters are the integers in it, in the order n, j, m, and the variable S.
    """

    EI = "Ei(u), DF = e^u Du/u"
    LI = "li(b), DF = Db/log(b)"
    POWER = "F(q, k), DF = e^(k q^n) q^(j-1) Dq"
    POWER_WITH_ROOT = "F(q, k, l, s), DF = e^(k q^n + l) q^(j-1) Dq, where e^l = q^(m s) up to a constant"
    POLYLOGARITHM = "Li_n(z), DF = Li_(n-1)(z) Dz/z"
    DILOGARITHM = "F(z, b) = Li_2(1 - z) - log(b) log(1 - z)"
    ROOT = "q S, the root as it stands in the function"
    # These are multiplied by P h/S, P being the root in DF. It is constant, but for jumps: where k is not 0,
    # it is the constant 1/sqrt(k).
    BINOMIAL = "F(k, q h, x, c), DF = x^j/P, P = sqrt(1 + c x^n)"
    # The elliptic integral of kind n; Z is sin(phi)^2, r the characteristic where n is 3
    OF_ANGLE = "F(k, q h, Z, m, w, r), phi = w/2 + m pi/4; i F with w/i for w where j is 1"
    OF_SQUARE = "F(k, q h, Z, m, a, r)/sqrt(a), sin(phi) = sqrt(a) x"
    OF_ROOTS = "F(k, q h, Z, m, r), sin(phi) = sqrt(Z)"


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


class Candidate(NamedTuple):
    """A term whose derivative is slope times what the caller of its maker takes out: e^w, or a root S."""

    slope: Element
    term: Term


class Root(NamedTuple):
    """S with S^2 = radicand, and factor * S as the function has it."""

    v: int
    radicand: Element
    factor: Element
