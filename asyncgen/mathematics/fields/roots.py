"""Roots of constants: variables w of a field with w^n = c, and the form in which each element is written once.

With w^n - c irreducible over the constants before w, the powers below w^n are linearly independent. So an
element with a denominator free of w, and powers below w^n above it, is 0 only if it is written as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.places import Root
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    divided,
    element_of,
    inverse_modulo,
    product,
)

if TYPE_CHECKING:
    from asyncgen.mathematics.fields.field import DifferentialField


def normalised(field: DifferentialField, f: Element) -> Element:
    """The same element, written in the one form. Raises Undecided where a denominator is 0 in it."""
    for root in reversed(field.roots):
        if field.contains(f, root.v):
            f = _normalised_in(field, f, root)
    return f


def _normalised_in(field: DifferentialField, f: Element, root: Root) -> Element:
    modulus = [-root.radicand] + [field.zero] * (root.degree - 1) + [field.one]
    above = _reduced(field, f.numerator, root, modulus)
    below = _reduced(field, f.denominator, root, modulus)
    try:
        inverse = inverse_modulo(field, below, modulus)
    except (ZeroDivisionError, IndexError):
        raise Undecided("a divisor of zero") from None
    return element_of(field, divided(field, product(field, above, inverse), modulus)[1], root.v)


def _reduced(field: DifferentialField, p: Polynomial, root: Root, modulus: Coefficients) -> Coefficients:
    return divided(field, coefficients_of(field, field.of(p), root.v), modulus)[1]
