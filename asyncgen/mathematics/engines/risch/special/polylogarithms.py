"""Polylogarithms of T/a, where T = e^W: from poles next to an exponential, and from products of logarithms.

With z = T/a, D Li_(n+1)(z) = DW Li_n(z) and Li_1(z) = -log(1 - z), so that by parts

    h DW z/(1 - z) = D(h_0 Li_1(z) - h_1 Li_2(z) + h_2 Li_3(z) - ...), h_0 = h, h_(k+1) = D(h_k)/DW,

which ends exactly if h is a polynomial in W with constant coefficients.

Where T = e^(iu) lies on the unit circle and a inside, z lies outside and meets the cut of Li again and again.
There 1/z is taken for it, as that of 1/T and 1/a.
"""

from collections.abc import Callable
from math import gcd
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.equations import solve
from asyncgen.mathematics.engines.risch.special.roots import (
    constant_roots,
    is_large,
    top_of,
    value_at,
    values_at_ends,
    values_at_roots,
)
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField

HIGHEST_ORDER = 16


class Power(NamedTuple):
    """T = e^exponent."""

    value: Element
    exponent: Element

    def inverse(self) -> "Power":
        """1/T."""
        return Power(self.value.inverse(), -self.exponent)


class Polylogarithms:
    """Those of one field.

    is_positive: whether T/a is real for real T, and a > 0. is_inside: whether e^W lies on the unit circle,
    and a in it.
    """

    def __init__(
        self,
        field: DifferentialField,
        is_positive: Callable[[Element, Element], bool],
        is_inside: Callable[[Element, Element], bool],
    ) -> None:
        self.field, self._is_positive, self._is_inside = field, is_positive, is_inside

    def chain(self, h: Element, power: Power, a: Element) -> list[Term] | None:
        """The terms of the integral of h DW z/(1 - z), where z = T/a; None if they do not end."""
        field, z = self.field, power.value / a
        slope, first, terms = field.derive(power.exponent), h, []
        for order in range(1, HIGHEST_ORDER + 1):
            if not h:
                break
            if is_large(h):
                return None
            terms.append(Term(h, field.zero, Function.POLYLOGARITHM, (z,), (order,)))
            lower = -(field.derive(h) / slope)
            if _size(field, lower) > _size(field, h) + 1:
                return None  # not on its way to 0
            h = lower
        else:
            return None
        if len(terms) == 2 and self._is_positive(z, a):
            return self._real_beyond(first, terms[1].factor, power.exponent, (z, a))
        return terms

    def _real_beyond(
        self, h: Element, second: Element, w: Element, arguments: tuple[Element, Element]
    ) -> list[Term]:
        """h Li_1(z) + second Li_2(z), another way.

        Li_2(z) + Li_2(1 - z) + log(z) log(1 - z) is constant, log(z) = W - log(a). So this is

            -second (Li_2(1 - z) - log(a) log(1 - z)) - (h + second W) log(1 - z),

        which is real for all z > 0, and not for z < 1 alone.
        """
        zero = self.field.zero
        left = h + second * w
        terms = [Term(-second, zero, Function.DILOGARITHM, arguments)]
        if left:
            terms.append(Term(left, zero, Function.POLYLOGARITHM, arguments[:1], (1,)))
        return terms

    def next_to_exponential(
        self, simple: Element, v: int, exponent: Element
    ) -> tuple[Element, list[Term]] | None:
        """(r, terms) with simple = r + D(terms), r free of v = e^exponent; None if there are none.

        A pole of T = v^m at a with the residue p: p/(T - a) = -(p/a) (z/(1 - z) + 1) = (p/a) w/(1 - w) with
        w = 1/z.
        """
        field = self.field
        if is_large(simple) or is_large(field.derive(exponent)):
            return None
        denominator = normal_part(field, simple.denominator, v)
        numerator = field.reduced(simple.numerator, simple.denominator / denominator)
        above, below = field.laurent(numerator, v), field.coefficients(denominator, v)
        m = gcd(*above, *below)
        lowered = {j // m: field.of(c) for j, c in below.items()}
        roots = constant_roots(field, field.from_laurent(lowered, v).numerator, v)
        if roots is None:
            return None
        numerator = field.from_laurent({j // m: c for j, c in above.items()}, v)
        derivative = field.from_laurent({j - 1: c.scaled(j) for j, c in lowered.items() if j}, v)
        power = Power(field.power(v, m), exponent.scaled(m))
        slope = field.derive(power.exponent)
        rest, terms = field.zero, list[Term]()
        for a in roots:
            residue = value_at(field, numerator / derivative, v, a)
            assert residue is not None
            share = residue / a
            if self._is_inside(power.exponent, a):
                found = self.chain(-(share / slope), power.inverse(), a.inverse())
            else:
                found = self.chain(-(share / slope), power, a)
                rest = rest - share
            if found is None:
                return None
            terms += found
        return rest, terms

    def limited(
        self, f: Element, v: int, power: Power, j: int, level: int
    ) -> tuple[Element, Element, list[Term]] | None:
        """(y, c, terms) with f v^j = (Dy + c Dv) v^j + D(terms), y in K_level, v a multiple of log(T).

        The f that are allowed besides are D log(1 - T/a), with a value a of T at a pole of f or at infinity.
        """
        if is_large(f) or is_large(power.value):
            return None
        found = self._limited_by_quotient(f, v, power, level) if j == 1 else None
        return self._limited(f, v, power, j, level) if found is None else found

    def _limited(
        self, f: Element, v: int, power: Power, j: int, level: int
    ) -> tuple[Element, Element, list[Term]] | None:
        field = self.field
        w = top_of(field, power.value)
        values = [
            *values_at_roots(field, power.value, w, f.denominator),
            *values_at_ends(field, power.value, w),
        ]
        values = [a for place, a in enumerate(values) if a and a not in values[:place]]
        if not values:
            return None
        pairs = [
            (power.inverse(), a.inverse()) if self._is_inside(power.exponent, a) else (power, a)
            for a in values
        ]
        slopes = [field.derive(t.exponent) * t.value / (a - t.value) for t, a in pairs]  # DW z/(1 - z)
        right = [f, field.derivatives[v], *slopes]
        for constants, y in solve(field, field.zero, right, level):
            if constants[0]:
                scale = constants[0].inverse()
                terms: list[Term] = []
                for c, (t, a) in zip(constants[2:], pairs, strict=True):
                    found = self.chain(-(c * scale * field.power(v, j)), t, a)
                    if found is None:
                        return None
                    terms += found
                return y * scale, -(constants[1] * scale), terms
        return None

    def _limited_by_quotient(
        self, f: Element, v: int, power: Power, level: int
    ) -> tuple[Element, Element, list[Term]] | None:
        """The same for j = 1 and T = p/q, where p - b is a multiple of q - c, b and c values at a pole of f.

        log(T) D log(p - b) = -D(Li_2(1 - p/b) - Li_2(1 - q/c) - log(b/c) log(1 - p/b)).
        """
        field = self.field
        p, q = field.of(power.value.numerator), field.of(power.value.denominator)
        w = top_of(field, power.value)
        if field.is_constant(p) or field.is_constant(q):
            return None
        pairs = [
            (b, c)
            for b in values_at_roots(field, p, w, f.denominator)
            for c in values_at_roots(field, q, w, f.denominator)
            if b and c and field.is_constant((p - b) / (q - c))
        ]
        if not pairs:
            return None
        slope = field.derive(p)
        right = [f, field.derivatives[v], *(slope / (p - b) for b, _ in pairs)]
        for constants, y in solve(field, field.zero, right, level):
            if constants[0]:
                scale = constants[0].inverse()
                terms: list[Term] = []
                for constant, (b, c) in zip(constants[2:], pairs, strict=True):
                    factor = constant * scale * field.variable(v) / power.exponent
                    terms.append(Term(factor, field.zero, Function.DILOGARITHM, (p / b, b / c)))
                    terms.append(Term(-factor, field.zero, Function.DILOGARITHM, (q / c, field.one)))
                return y * scale, -(constants[1] * scale), [term for term in terms if term.factor]
        return None


def _size(field: DifferentialField, f: Element) -> int:
    """How many terms f has, those that differ by constants counted as one."""
    if not field.constants:
        return len(f.numerator) + len(f.denominator)
    return sum(
        len({tuple(monomial[v] for v in field.tower) for monomial in p.monoms()})
        for p in (f.numerator, f.denominator)
    )
