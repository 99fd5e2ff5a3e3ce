"""Roots of constants: variables w of a field with w^n = c, and the form in which elements with them are 0.

With w^n - c irreducible over the constants before w, the powers below w^n are linearly independent. So a
polynomial with powers below w^n is 0 only if it is written as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.points import ConstantRoot
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


def cleared(field: DifferentialField, f: Element) -> Element:
    """The same element: 0, if it is 0, and normalised, if it is a constant; else as it is written.

    The powers of roots are left in it, since (x + w)^2 is no square in the form x^2 + 2wx + c. Raises
    Undecided where the denominator is 0.
    """
    if not field.constant_roots or not any(field.contains(f, root.v) for root in field.constant_roots):
        return f
    if field.is_constant(f):
        return normalised(field, f)
    above, below = field.of(f.numerator), field.of(f.denominator)
    for root in reversed(field.constant_roots):
        above, below = (element_of(field, _remainder(field, part, root), root.v) for part in (above, below))
    if not below:
        raise Undecided("a divisor of zero")
    return f if above else field.zero


def normalised(field: DifferentialField, f: Element) -> Element:
    """The same element in the one form in which the denominator is free of roots."""
    for root in reversed(field.constant_roots):
        if field.contains(f, root.v):
            f = _rationalised(field, f, root)
    return f


def _rationalised(field: DifferentialField, f: Element, root: ConstantRoot) -> Element:
    above = _remainder(field, field.of(f.numerator), root)
    below = _remainder(field, field.of(f.denominator), root)
    modulus = _modulus(field, root)
    try:
        inverse = inverse_modulo(field, below, modulus)
    except (ZeroDivisionError, IndexError):
        raise Undecided("a divisor of zero") from None
    return element_of(field, divided(field, product(field, above, inverse), modulus)[1], root.v)


def _remainder(field: DifferentialField, f: Element, root: ConstantRoot) -> Coefficients:
    """What w^n - c leaves of an element with a denominator that is free of w, as a polynomial in w."""
    return divided(field, coefficients_of(field, f, root.v), _modulus(field, root))[1]


def _modulus(field: DifferentialField, root: ConstantRoot) -> Coefficients:
    return [-root.radicand] + [field.zero] * (root.degree - 1) + [field.one]
