"""e^w g as D(y e^w) and derivatives of Ei, erf, Fresnel integrals and incomplete gamma functions of w - a.

Which constants a come into question follows from Liouville's theorem with special functions (Cherry 1985 for
erf, 1986 for the logarithmic integral): Ei(w - a) has its logarithmic pole where w is a, which must be a pole
of g, or a place where no element of the field has a simple pole; and where w - a = k q^n, q has zeros in
common with Dw, or at such a place. What a combination of the candidates is needed, the parametric Risch
differential equation finds.
"""

from collections.abc import Iterator
from math import gcd
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.equations import solve
from asyncgen.mathematics.engines.risch.special.roots import values_at_roots
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.field import DifferentialField, Kind

MOST_TERMS = 100  # of Dw
MOST_CONSTANTS = 8  # a that are tried
HIGHEST_POWER = 12  # n of w - a = k q^n


class Candidate(NamedTuple):
    """e^w slope = D(term)."""

    slope: Element
    term: Term


def integrate_exponential(
    field: DifferentialField, w: Element, g: Element, level: int
) -> tuple[Element, list[Term]] | None:
    """(y, terms) with e^w g = D(y e^w) + D(terms), y in K_level; None if there are none of this kind."""
    slope = field.derive(w)
    if len(slope.numerator) + len(slope.denominator) > MOST_TERMS:
        return None
    candidates = list(_candidates(field, w, slope, g))
    right = [g, *(candidate.slope for candidate in candidates)]
    for constants, y in solve(field, slope, right, level):
        if constants[0]:
            scale = -constants[0].inverse()
            terms = [
                candidate.term.times(c * scale)
                for c, candidate in zip(constants[1:], candidates, strict=True)
                if c
            ]
            return -(y * scale), terms
    return None


def _candidates(field: DifferentialField, w: Element, slope: Element, g: Element) -> Iterator[Candidate]:
    v = next(v for v in reversed(field.tower) if field.contains(w, v))
    poles = _distinct([*_values_at_ends(field, w, v), *_values_at_poles(field, w, g, v)])
    zeros = _distinct([*poles, *values_at_roots(field, w, v, slope.numerator)])
    for a in poles:
        if u := w - a:
            yield Candidate(slope / u, Term(field.one, a, Function.EI, (u,)))
    for a in zeros:
        q, n = _power(field, w - a)
        if 1 < n <= HIGHEST_POWER:
            k = (w - a) / q**n
            step = field.derive(q)
            for j in range(1, n):
                yield Candidate(step, Term(field.one, a, Function.POWER, (q, k), (n, j)))
                step = step * q


def _distinct(values: list[Element]) -> list[Element]:
    found: list[Element] = []
    for a in values:
        if a not in found:
            found.append(a)
    return found[:MOST_CONSTANTS]


def _values_at_poles(field: DifferentialField, w: Element, g: Element, v: int) -> Iterator[Element]:
    """The constants that w is where g has poles, or gets them when it is integrated by parts."""
    denominators = [g.denominator]
    for other in field.tower[field.tower.index(v) + 1 :]:
        if field.kind[other] is Kind.PRIMITIVE and field.contains(g, other):
            denominators.append(field.derivatives[other].denominator)
    for p in denominators:
        yield from values_at_roots(field, w, v, p)


def _values_at_ends(field: DifferentialField, w: Element, v: int) -> Iterator[Element]:
    """The constants that w is where v is infinite or, for a hyperexponential v, where it is 0."""
    above, below = field.coefficients(w.numerator, v), field.coefficients(w.denominator, v)
    ends = [max, min] if field.is_exponential(v) else [max]
    for end in ends:
        sign = 1 if end is max else -1
        top, bottom = end(above) * sign, end(below) * sign
        if top < bottom:
            yield field.zero
        elif top == bottom:
            value = field.of(above[end(above)]) / field.of(below[end(below)])
            if field.is_constant(value):
                yield value


def _power(field: DifferentialField, u: Element) -> tuple[Element, int]:
    """(q, n) with u = k q^n for a constant k, n the largest; q is of use where n > 1 only."""
    factors: list[tuple[Polynomial, int]] = []
    n = 0
    for p, sign in ((u.numerator, 1), (u.denominator, -1)):
        for factor, e in squarefree_factors(field, p):
            if field.level(factor) >= 0:
                factors.append((factor, e * sign))
                n = gcd(n, e)
        if n == 1:
            return u, 1
    q = field.one
    for factor, e in factors:
        q = q * field.of(factor) ** (e // n)
    return q, n
