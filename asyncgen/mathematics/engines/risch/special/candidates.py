"""The derivatives that Ei, erf, Fresnel integrals and incomplete gamma functions next to e^w can have.

Which constants a come into question follows from Liouville's theorem with special functions (Cherry 1985 for
erf, 1986 for the logarithmic integral): Ei(w - a) has its logarithmic pole where w is a, which must be a pole
of g, or a place where no element of the field has a simple pole; and where w - a = k q^n, q has zeros in
common with Dw, or at such a place.
"""

from collections.abc import Iterator
from math import gcd

from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.special.roots import top_of, values_at_ends, values_at_roots
from asyncgen.mathematics.engines.risch.special.terms import Candidate, Function, Term
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.field import DifferentialField, Kind

MOST_CONSTANTS = 8  # a that are tried
HIGHEST_POWER = 12  # n of w - a = k q^n

_EXPONENTS = (1, -1, 2, -2, 3, -3, 4, -4)


def candidates(field: DifferentialField, w: Element, slope: Element, g: Element) -> Iterator[Candidate]:
    """Of w alone; slope = Dw."""
    v = top_of(field, w)
    poles = _distinct([*values_at_ends(field, w, v), *_values_at_poles(field, w, g, v)])
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


def with_power(field: DifferentialField, w: Element, kernel: Kernel) -> Iterator[Candidate]:
    """Of w = k q^n + a + s log(b), b = c q^m and s constant: e^w is e^(k q^n) q^(m s) up to a constant."""
    parts = field.laurent(w, kernel.v) if field.degree(w.denominator, kernel.v) == 0 else {}
    if max(parts, default=0) != 1:
        return
    s = parts[1] * field.variable(kernel.v) / kernel.exponent
    rest = parts.get(0, field.zero)
    if not field.is_constant(s) or field.is_constant(rest):
        return
    v = top_of(field, rest)
    ends = [
        a
        for p in (kernel.power.numerator, kernel.power.denominator)
        for a in values_at_roots(field, rest, v, p)
    ]
    for a in _distinct([*values_at_ends(field, rest, v), *ends]):
        q, n = _power(field, rest - a)
        k = (rest - a) / q**n
        m = next((m for m in _EXPONENTS if field.is_constant(kernel.power / q**m)), None)
        if m is None or n > HIGHEST_POWER:
            continue
        step = field.derive(q)
        for j in range(1, n + 1):
            arguments = q, k, kernel.exponent * s, s
            yield Candidate(step, Term(field.one, a, Function.POWER_WITH_ROOT, arguments, (n, j, m)))
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
