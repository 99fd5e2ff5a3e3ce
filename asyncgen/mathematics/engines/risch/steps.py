"""The steps of an integration, as facts about elements of its tower; they are noted where somebody asks.

Each step takes something apart: given = D(integrated) + left.
"""

from dataclasses import dataclass

from flint import nmod_poly

from asyncgen.mathematics.fields.element import Element, Polynomial


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
    residues: nmod_poly
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
class Halves:
    """f = a + b S, for S the root by which the tower is extended."""

    v: int
    a: Element
    b: Element


@dataclass(frozen=True, slots=True)
class NoResidues:
    """b S = D(y S) + rest S, where rest S has no residue that a logarithm could take away.

    poles: those of rest S in v away from R, simple all. vary: whether their residues are not constant.
    """

    v: int
    b: Element
    y: Element
    rest: Element
    poles: Polynomial
    vary: bool


Step = Hermite | Residues | Equation | Limited | Polynomials | Halves | NoResidues
