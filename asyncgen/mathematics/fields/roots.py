"""Square roots over a field of fractions: S with S**2 = R, R a polynomial that may hold earlier roots.

An element is a sum of products of different roots, with coefficients free of roots, over a denominator that
is free of them too. In lowest terms this is unique, as the products are linearly independent over the
fractions without roots. In particular an element is a polynomial in a variable that is transcendental over
the roots exactly if its denominator is free of the variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from asyncgen.mathematics.fields.element import Element, Polynomial, product
from asyncgen.mathematics.fields.errors import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from asyncgen.mathematics.fields.field import DifferentialField
    from asyncgen.mathematics.fields.fraction_field import FractionField

Subset = frozenset[int]  # of the variables of roots: stands for their product


@dataclass(frozen=True, slots=True)
class Root:
    """The variable v with v**2 = radicand, a polynomial; the least l with the radicand in K_l."""

    v: int
    radicand: Polynomial
    level: int


def folded(field: FractionField, p: Polynomial) -> Polynomial:
    """A polynomial with each S**2 replaced by its radicand."""
    degrees = p.degrees()
    for root in reversed(field.roots):
        if degrees[root.v] > 1:
            p = _folded_in(field, p, root)
            degrees = p.degrees()
    return p


def _folded_in(field: FractionField, p: Polynomial, root: Root) -> Polynomial:
    total = field.null
    for j, coefficient in field.coefficients(p, root.v).items():
        term = product(coefficient, root.radicand ** (j // 2))
        total = total + (term * field.generators[root.v] if j % 2 else term)
    return total


def rationalised(
    field: FractionField, numerator: Polynomial, denominator: Polynomial
) -> tuple[Polynomial, Polynomial]:
    """The fraction with a denominator free of roots, and folded. Raises Undecided for a divisor of zero."""
    degrees = denominator.degrees()
    for root in reversed(field.roots):
        if degrees[root.v] > 0:
            denominator = folded(field, denominator)
            other = conjugate(field, denominator, root.v)
            numerator = product(folded(field, numerator), other)
            denominator = folded(field, product(denominator, other))
            if not denominator:
                raise Undecided("a divisor of zero")
            degrees = denominator.degrees()
    return folded(field, numerator), denominator


def conjugate(field: FractionField, p: Polynomial, v: int) -> Polynomial:
    """A folded polynomial with -S for the root S."""
    odd = field.coefficients(p, v).get(1)
    return p if odd is None else p - (odd + odd) * field.generators[v]


def components(field: FractionField, f: Element, roots: Sequence[int]) -> dict[Subset, Element]:
    """{I: f_I} with f = sum of f_I * (product of the roots in I), the f_I free of these roots."""
    parts: dict[Subset, Polynomial] = {frozenset(): f.numerator}
    for v in roots:
        parts = {
            subset | {v} if j else subset: coefficient
            for subset, p in parts.items()
            for j, coefficient in field.coefficients(p, v).items()
        }
    return {subset: field.reduced(p, f.denominator) for subset, p in parts.items() if p}


def parted(field: FractionField, f: Element, s: int) -> tuple[Element, Element]:
    """(a, b) with f = a + b S, a and b free of the root S."""
    parts = components(field, f, [s])
    return parts.get(frozenset(), field.zero), parts.get(frozenset((s,)), field.zero)


def subsets(roots: Sequence[int]) -> Iterator[Subset]:
    """The subsets, the empty one first."""
    for size in range(len(roots) + 1):
        yield from map(frozenset, combinations(roots, size))


def product_of(field: FractionField, subset: Subset) -> Element:
    """The product of some roots."""
    total = field.one
    for v in sorted(subset):
        total = total * field.variable(v)
    return total


def slope_of(field: DifferentialField, subset: Subset) -> Element:
    """The logarithmic derivative of a product of roots: the sum of the DR/2R."""
    total = field.zero
    for v in sorted(subset):
        total = total + field.logarithmic_derivative(v)
    return total
