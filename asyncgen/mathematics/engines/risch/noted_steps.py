"""The steps of an integration, as facts about elements of its tower; they are noted where somebody asks.

Each step takes something apart: given = D(integrated) + left.
"""

from dataclasses import dataclass

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.roots import Subset


@dataclass(frozen=True, slots=True)
class Hermite:
    """f = D(integrated) + simple + reduced (5.3)."""

    v: int
    f: Element
    integrated: Element
    simple: Element
    reduced: Element


@dataclass(frozen=True, slots=True)
class Residues:
    """numerator/denominator = D(sum of c log g over the roots c of `residues`) - excess (5.6)."""

    v: int
    numerator: Element
    denominator: Polynomial
    residues: Univariate
    excess: Element


@dataclass(frozen=True, slots=True)
class Equation:
    """g v^power = D(y v^power), as D y + f y = g (chapter 6)."""

    v: int
    power: int
    f: Element
    g: Element
    y: Element


@dataclass(frozen=True, slots=True)
class Limited:
    """a v^power = D(y v^power + c v^(power+1)/(power+1)) + left v^(power-1), as a = D y + c slope (7.2)."""

    v: int
    power: int
    a: Element
    slope: Element
    y: Element
    c: Element
    left: Element


@dataclass(frozen=True, slots=True)
class Polynomials:
    """f = D(integrated), a polynomial in x."""

    f: Element
    integrated: Element


@dataclass(frozen=True, slots=True)
class Components:
    """f = rest + sum of parts[I] * (product of the roots in I), the parts free of these roots."""

    f: Element
    rest: Element
    parts: dict[Subset, Element]


@dataclass(frozen=True, slots=True)
class Rooted:
    """b S = D(integrated) + sum of c Dw/w + left, (c, w) the units, S a product of roots, left free of S."""

    subset: Subset
    b: Element
    integrated: Element
    units: tuple[tuple[Element, Element], ...]
    left: Element


@dataclass(frozen=True, slots=True)
class NoLogarithm:
    """An antiderivative of b S holds no logarithm, but for constant multiples of `known` ones and of units.

    varies: b S has residues that are not constant. has_infinite_order: its residues are at places whose
    divisor is no torsion. Otherwise it has none, or there are no more units that are independent. known: the
    variables of logarithms; units: the arguments of others.
    """

    varies: bool = False
    has_infinite_order: bool = False
    known: tuple[int, ...] = ()
    units: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why b S has no logarithms; S the product of some roots."""

    subset: Subset
    b: Element
    why: NoLogarithm


Step = Hermite | Residues | Equation | Limited | Polynomials | Components | Rooted | Excluded
