"""For which integers m may alpha - m Dt/t be a logarithmic derivative Dz/z? With roots: at most for one.

Bounds of degrees ask this (Bronstein 6.2, 6.3), and a superset of the true m does. Over a field F, in F(v)(S)
with S^2 = R, the expansion of Dz/z at v = oo has no positive powers of v (and for v = x no constant term). As
this holds for -S too, it does for the part free of S and for the part at S one by one. What is left at v^0 is
a logarithmic derivative in F, up to an integer multiple of Dv/v for a hyperexponential v, and the same is
asked there.
"""

from collections.abc import Sequence

from asyncgen.mathematics.engines.risch.logarithmic import LEFT_OPEN, logarithmic_derivative
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsExtension
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.relations import integer_relation
from asyncgen.mathematics.fields.roots import components, product_of
from asyncgen.mathematics.fields.univariate import at_infinity


def possible_multiple(field: DifferentialField, alpha: Element, level: int, t: int) -> int | None:
    """The only m for which alpha - m Dt/t may be Dz/z with z in the field beneath `level`; None for none.

    Raises NeedsExtension where roots leave several.
    """
    if not alpha or not field.roots_beneath(level):
        found = logarithmic_derivative(field, alpha, level, t)
        return None if found is None else found.multiple
    return _only_multiple(field, [alpha, field.logarithmic_derivative(t)], level - 1)


def is_excluded(field: DifferentialField, alpha: Element, level: int) -> bool:
    """Whether alpha is certainly no logarithmic derivative in the field beneath `level`."""
    return _only_multiple(field, [alpha, field.zero], level - 1) is None


def _only_multiple(field: DifferentialField, elements: Sequence[Element], level: int) -> int | None:
    """m_1 with e_0 = sum m_j e_j + Dz/z, z in K_level, the e_j for j > 1 being slopes of exponentials."""
    for row in _growing(field, elements, level):
        relation = integer_relation(field, row) if any(row) else None
        if any(row) and relation is None:
            return None
        if any(row[1:2]) and relation is not None and sum(map(bool, row[1:])) == 1:
            return _quotient(relation)
    v = field.tower[level]
    if field.kind[v] is Kind.BASE:
        raise NeedsExtension(LEFT_OPEN)
    below = [_constant_at_infinity(field, e, level) for e in elements]
    if field.is_exponential(v):
        below.append(field.logarithmic_derivative(v))
    if not any(below[:2]):
        raise NeedsExtension(LEFT_OPEN)
    return _only_multiple(field, below, level - 1)


def _quotient(relation: Sequence[int]) -> int | None:
    """-c_1/c_0, where it is an integer."""
    return None if relation[1] % relation[0] else -relation[1] // relation[0]


def _growing(field: DifferentialField, elements: Sequence[Element], level: int) -> list[list[Element]]:
    """For each power of v that no logarithmic derivative has at infinity or at 0, the coefficients of all."""
    v, roots = field.tower[level], field.roots_at(level)
    parts = [components(field, e, roots) for e in elements]
    rows = []
    for subset in set().union(*parts):
        square = product_of(field, subset) ** 2
        degree = field.degree(square.numerator, v) if subset else 0
        least = -((degree + 1) // 2) if field.kind[v] is Kind.BASE else -((degree - 1) // 2)
        if not subset:
            least = 0 if field.kind[v] is Kind.BASE else 1
        expansions = [at_infinity(field, part.get(subset, field.zero), v, least) for part in parts]
        for j in sorted(set().union(*expansions), reverse=True):
            rows.append([expansion.get(j, field.zero) for expansion in expansions])
    return rows


def _constant_at_infinity(field: DifferentialField, f: Element, level: int) -> Element:
    """The coefficient of v**0, free of the roots over v."""
    v, roots = field.tower[level], field.roots_at(level)
    part = components(field, f, roots).get(frozenset(), field.zero)
    return at_infinity(field, part, v, 0).get(0, field.zero)
