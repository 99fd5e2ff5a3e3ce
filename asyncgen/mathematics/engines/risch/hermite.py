"""Hermite reduction (Bronstein 5.3, in the linear form of Mack): f = Dg + h + r.

h is simple: its denominator is normal and squarefree, its numerator of less degree. r is reduced: its
denominator is special.
"""

from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import repeated_part, split
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    difference,
    divided,
    element_of,
    extended_euclidean,
)


class Reduction(NamedTuple):
    """f = D(integrated) + simple + reduced."""

    integrated: Element
    simple: Element
    reduced: Element


def hermite_reduce(field: DifferentialField, f: Element, v: int) -> Reduction:
    """The reduction of an element of K_l with respect to its top variable v."""
    normal, special = split(field, f.denominator, v)
    if field.degree(normal, v) == 0:
        return Reduction(field.zero, field.zero, f)
    numerator, reduced = _parts(field, f, normal, special, v)
    quotient, numerator = divided(field, numerator, coefficients_of(field, field.of(normal), v))
    reduced = reduced + element_of(field, quotient, v)
    integrated, numerator, squarefree = _reduce(field, numerator, normal, v)
    quotient, numerator = divided(field, numerator, coefficients_of(field, field.of(squarefree), v))
    simple = element_of(field, numerator, v) / field.of(squarefree)
    return Reduction(integrated, simple, reduced + element_of(field, quotient, v))


def _parts(
    field: DifferentialField, f: Element, normal: Polynomial, special: Polynomial, v: int
) -> tuple[Coefficients, Element]:
    """(a, r) with f = a/normal + r, r's denominator special."""
    numerator = coefficients_of(field, f * field.of(normal) * field.of(special), v)
    if field.degree(special, v) == 0:
        return numerator, field.zero
    below = coefficients_of(field, field.of(special), v)
    above, rest = extended_euclidean(field, coefficients_of(field, field.of(normal), v), below, numerator)
    return rest, element_of(field, above, v) / field.of(special)


def _reduce(
    field: DifferentialField, numerator: Coefficients, normal: Polynomial, v: int
) -> tuple[Element, Coefficients, Polynomial]:
    """(g, a, d) with numerator/normal = Dg + a/d and d squarefree."""
    integrated = field.zero
    repeated = repeated_part(field, normal, v)  # d- of Bronstein
    squarefree = normal / repeated  # d*
    while field.degree(repeated, v) > 0:
        next_repeated = repeated_part(field, repeated, v)
        lowest = repeated / next_repeated
        repeated_, squarefree_, lowest_ = field.of(repeated), field.of(squarefree), field.of(lowest)
        factor = -(squarefree_ * field.derive(repeated_) / repeated_)
        b, c = extended_euclidean(
            field,
            coefficients_of(field, factor, v),
            coefficients_of(field, lowest_, v),
            numerator,
        )
        part = element_of(field, b, v)
        moved = coefficients_of(field, field.derive(part) * squarefree_ / lowest_, v)
        numerator = difference(field, c, moved)
        integrated = integrated + part / repeated_
        repeated = next_repeated
    return integrated, numerator, squarefree
