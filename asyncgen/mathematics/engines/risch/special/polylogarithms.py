"""Polylogarithms of T/a, where T = e^W: from poles next to an exponential, and from products of logarithms.

With z = T/a, D Li_(n+1)(z) = DW Li_n(z) and Li_1(z) = -log(1 - z), so that by parts

    h DW z/(1 - z) = D(h_0 Li_1(z) - h_1 Li_2(z) + h_2 Li_3(z) - ...), h_0 = h, h_(k+1) = D(h_k)/DW,

which ends exactly if h is a polynomial in W with constant coefficients.
"""

from math import gcd

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.equations import solve
from asyncgen.mathematics.engines.risch.special.roots import constant_roots, value_at, values_at_roots
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField

HIGHEST_ORDER = 16


def chain(field: DifferentialField, h: Element, slope: Element, z: Element) -> list[Term] | None:
    """The terms of the integral of h * slope * z/(1 - z), where slope = DW; None if it does not end."""
    terms: list[Term] = []
    for order in range(1, HIGHEST_ORDER + 1):
        if not h:
            return terms
        terms.append(Term(h, field.zero, Function.POLYLOGARITHM, (z,), (order,)))
        lower = -(field.derive(h) / slope)
        if _size(field, lower) > _size(field, h) + 1:
            return None  # not on its way to 0
        h = lower
    return None


def _size(field: DifferentialField, f: Element) -> int:
    """How many terms f has, those that differ by constants counted as one."""
    if not field.constants:
        return len(f.numerator) + len(f.denominator)
    return sum(
        len({tuple(monomial[v] for v in field.tower) for monomial in p.monoms()})
        for p in (f.numerator, f.denominator)
    )


def next_to_exponential(
    field: DifferentialField, simple: Element, v: int, exponent: Element
) -> tuple[Element, list[Term]] | None:
    """(r, terms) with simple = r + D(terms), r free of v = e^exponent; None if there are none of this kind.

    A pole of T = v^m at a with the residue p: p/(T - a) = -(p/a) (z/(1 - z) + 1).
    """
    denominator = normal_part(field, simple.denominator, v)
    numerator = field.reduced(simple.numerator, simple.denominator / denominator)
    above, below = field.laurent(numerator, v), field.coefficients(denominator, v)
    m = gcd(*above, *below)
    slope = field.derive(exponent).scaled(m)
    lowered = {j // m: field.of(c) for j, c in below.items()}
    roots = constant_roots(field, field.from_laurent(lowered, v).numerator, v)
    if roots is None:
        return None
    numerator = field.from_laurent({j // m: c for j, c in above.items()}, v)
    derivative = field.from_laurent({j - 1: c.scaled(j) for j, c in lowered.items() if j}, v)
    rest, terms = field.zero, []
    for a in roots:
        residue = value_at(field, numerator / derivative, v, a)
        assert residue is not None
        share = residue / a
        found = chain(field, -(share / slope), slope, field.power(v, m) / a)
        if found is None:
            return None
        rest, terms = rest - share, terms + found
    return rest, terms


def limited(
    field: DifferentialField, f: Element, v: int, power: Element, exponent: Element, j: int, level: int
) -> tuple[Element, Element, list[Term]] | None:
    """(y, c, terms) with f v^j = (Dy + c Dv) v^j + D(terms), y in K_level, where e^exponent = power.

    The f that are allowed besides are D log(1 - power/a), with a value a of the power at a pole of f.
    """
    w = next((w for w in reversed(field.tower) if field.contains(power, w)), None)
    if w is None:
        return None
    values = [a for a in values_at_roots(field, power, w, f.denominator) if a]
    if not values:
        return None
    slope = field.derive(exponent)
    quotients = [power / (a - power) for a in values]  # z/(1 - z)
    right = [f, field.derivatives[v], *(slope * quotient for quotient in quotients)]
    for constants, y in solve(field, field.zero, right, level):
        if constants[0]:
            scale = constants[0].inverse()
            terms: list[Term] = []
            for c, a in zip(constants[2:], values, strict=True):
                found = chain(field, -(c * scale * field.power(v, j)), slope, power / a)
                if found is None:
                    return None
                terms += found
            return y * scale, -(constants[1] * scale), terms
    return None
