"""Units of F(v)(S), S^2 = R: the logarithms that a function without residues at finite places may have.

Say that B S = Dy + sum c_j Dw_j/w_j. As B S changes its sign with S, the w_j may be taken with w(S) w(-S) =
1; if there are no residues at finite places, they have zeros and poles only where v is infinite or, for a
hyperexponential v, zero, and where S is not ramified: at one or two pairs of places. For each pair there is
one independent unit at most, and for none whose divisor has infinite order. Where as many are known, B S is
elementary exactly if it is Dy + sum C_j Du_j/u_j.
"""

from asyncgen.mathematics.engines.risch.denominators import away, normal_part
from asyncgen.mathematics.engines.risch.fundamental_units import fundamental_unit
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.roots import Subset, components, product_of
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    degree_at_infinity,
    difference,
    element_of,
    product,
)


def units_of_logarithms(
    field: DifferentialField, subset: Subset, level: int, pole: Element | None = None
) -> list[int]:
    """The logarithms above K_level, as variables, of units u for which u(S)/u(-S) is not constant.

    pole: v where they have their zeros and poles, instead of at infinity.
    """
    return [
        v
        for v, argument in field.arguments.items()
        if field.tower.index(v) > level
        and _is_unit(field, argument, subset, level, pole)
        and subset in components(field, field.derivatives[v], field.roots_at(level))
    ]


def _is_unit(field: DifferentialField, f: Element, subset: Subset, level: int, pole: Element | None) -> bool:
    """Whether f = a + b S has no pole at other finite places, and neither has 1/f."""
    v = field.tower[level]
    if max(field.level(f.numerator), field.level(f.denominator)) != level:
        return False
    parts = components(field, f, field.roots_at(level))
    if set(parts) - {frozenset(), subset} or subset not in parts:
        return False
    squares = parts.get(frozenset(), field.zero) ** 2, parts[subset] ** 2 * product_of(field, subset) ** 2
    norm = squares[0] - squares[1]
    if pole is not None and _differs_at_infinity(field, squares, norm, v):
        return False
    allowed = field.unit if pole is None else (field.variable(v) - pole).numerator
    return not any(
        field.degree(away(field, normal_part(field, p, v), allowed, v), v)
        for p in (f.denominator, norm.numerator, norm.denominator)
    )


def _differs_at_infinity(
    field: DifferentialField, squares: tuple[Element, Element], norm: Element, v: int
) -> bool:
    """Whether a + b S has another order than a - b S at one of the places at infinity."""
    largest = max(degree_at_infinity(field, square, v) for square in squares if square)
    return degree_at_infinity(field, norm, v) != largest


def unit_at(
    field: DifferentialField, radicand: Element, root: Element, v: int, pole: Element | None
) -> Element | None:
    """A unit with zeros and poles over infinity, or over v = pole; None where it is of high degree.

    root: the square root of the radicand. Raises NeedsRoot.
    """
    if pole is None:
        found = fundamental_unit(field, radicand, v)
        return None if found is None else found[0] + found[1] * root
    moved = _moved(field, coefficients_of(field, radicand, v), pole)
    found = fundamental_unit(field, element_of(field, moved, v), v)
    if found is None:
        return None
    reciprocal = (field.variable(v) - pole).inverse()
    p, q = (_composed(field, coefficients_of(field, f, v), reciprocal) for f in found)
    return p + q * root * reciprocal ** (len(moved) // 2)


def _moved(field: DifferentialField, r: Coefficients, pole: Element) -> Coefficients:
    """R(pole + 1/u) u^d as a polynomial in u, d even."""
    shifted: Coefficients = []
    for c in reversed(r):  # Horner's way
        shifted = difference(field, product(field, shifted, [pole, field.one]), [-c])
    return ([field.zero] if len(r) % 2 == 0 else []) + shifted[::-1]


def _composed(field: DifferentialField, a: Coefficients, u: Element) -> Element:
    """a(u)."""
    total = field.zero
    for c in reversed(a):
        total = total * u + c
    return total
