"""Simple poles in a logarithm t = log(b): li(b^n) = Ei(n t), and Ei(n (t - c)).

D Ei(n (t - c)) = e^(-nc) b^n Dt/(t - c), so that a residue has to be a combination of the b^n times Dt
(Cherry 1986, of whose cases this is the one where the poles are constant).
"""

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.special.roots import constant_roots, is_large, top_of, value_at
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.univariate import coefficients_of, divided, element_of

HIGHEST_POWER = 30  # n of b^n


def next_to_logarithm(
    field: DifferentialField, simple: Element, v: int, power: Element, exponent: Element
) -> tuple[Element, list[Term]] | None:
    """(s, terms) with simple = s + D(terms) and constant residues of s; e^exponent = power."""
    if is_large(simple) or is_large(power):
        return None
    denominator = normal_part(field, simple.denominator, v)
    roots = constant_roots(field, denominator, v)
    if roots is None:
        return None
    numerator = field.reduced(simple.numerator, simple.denominator / denominator)
    derivative = field.of(denominator.derivative(v))
    rest, terms = field.zero, list[Term]()
    factor = exponent / field.variable(v)
    for c in roots:
        residue = value_at(field, numerator / derivative, v, c)
        assert residue is not None
        parts = in_powers(field, residue / field.derivatives[v], power)
        if parts is None:
            return None
        pole = field.variable(v) - c
        for n, part in parts.items():
            if n == 0:
                rest = rest + part * field.derivatives[v] / pole
            elif n == 1 and not c:
                terms.append(Term(part, field.zero, Function.LI, (power,)))
            else:
                shift = (c * factor).scaled(n)
                terms.append(Term(part, shift, Function.EI, ((pole * factor).scaled(n),)))
    return rest, terms


def in_powers(field: DifferentialField, h: Element, b: Element) -> dict[int, Element] | None:
    """{n: c_n} with h = sum c_n b^n and constant c_n; None if h is no such sum."""
    if field.is_constant(field.of(b.numerator)):
        found = in_powers(field, h, b.inverse())
        return None if found is None else {-n: c for n, c in found.items()}
    if not field.is_constant(field.of(b.denominator)):
        return None
    shift = 0
    while not field.is_constant(field.of(h.denominator)):
        h, shift = h * b, shift + 1
        if shift > HIGHEST_POWER:
            return None
    return _digits(field, h, b, shift)


def _digits(field: DifferentialField, h: Element, b: Element, shift: int) -> dict[int, Element] | None:
    """The digits of a polynomial h in base b, the first of them that of b^-shift."""
    v = top_of(field, b)
    base = coefficients_of(field, b, v)
    if len(base) < 2:
        return None
    parts: dict[int, Element] = {}
    rest = coefficients_of(field, h, v)
    n = -shift
    while rest:
        rest, digit = divided(field, rest, base)
        c = element_of(field, digit, v)
        if not field.is_constant(c) or n > HIGHEST_POWER:
            return None
        if c:
            parts[n] = c
        n += 1
    return parts
