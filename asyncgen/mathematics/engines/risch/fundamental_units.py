"""p + q S with p^2 - R q^2 free of v, for S^2 = R(v): Pell's equation, by the continued fraction of S.

R has even degree and, but for a constant, a square as its leading coefficient. Over a field that is not
finite there is mostly no solution (Abel 1826). Where there is one of small degree, a few steps find it.
"""

from asyncgen.mathematics.engines.risch.square_roots import squarefree_radicand
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    difference,
    divided,
    element_of,
    product,
)

LARGEST_DEGREE = 8  # of p
Unit = tuple[Element, Element]  # p, q


def fundamental_unit(field: DifferentialField, radicand: Element, v: int) -> Unit | None:
    """(p, q), polynomials in v, with p of the least degree; None where it is larger than LARGEST_DEGREE."""
    r = coefficients_of(field, radicand, v)
    root = _polynomial_part(field, r)
    if root is None:
        return None
    one: Coefficients = [field.one]
    above: tuple[Coefficients, Coefficients] = (one, root)  # the last two convergents p/q
    below: tuple[Coefficients, Coefficients] = ([], one)
    rest, divisor = root, difference(field, r, product(field, root, root))
    while len(divisor) > 1 and len(above[1]) <= LARGEST_DEGREE:
        quotient, _ = divided(field, _plus(field, rest, root), divisor)
        above = above[1], _plus(field, product(field, quotient, above[1]), above[0])
        below = below[1], _plus(field, product(field, quotient, below[1]), below[0])
        rest = difference(field, product(field, quotient, divisor), rest)
        divisor, left = divided(field, difference(field, r, product(field, rest, rest)), divisor)
        assert not left
    if len(divisor) != 1:
        return None
    return element_of(field, above[1], v), element_of(field, below[1], v)


def _plus(field: DifferentialField, a: Coefficients, b: Coefficients) -> Coefficients:
    return difference(field, a, [-c for c in b])


def _polynomial_part(field: DifferentialField, r: Coefficients) -> Coefficients | None:
    """The polynomial part of sqrt(R) where v is infinite."""
    leading = _root(field, r[-1])
    if leading is None or len(r) % 2 == 0:
        return None
    degree = len(r) // 2
    root = [field.zero] * degree + [leading]
    inverse = (leading + leading).inverse()
    for j in range(degree - 1, -1, -1):
        square = product(field, root, root)
        root[j] = (r[degree + j] - square[degree + j]) * inverse
    return root


def _root(field: DifferentialField, f: Element) -> Element | None:
    """A square root where it is one of a rational number times a square. Raises NeedsRoot."""
    q, r = squarefree_radicand(field, f)
    number = field.number_of(r) if field.is_constant(r) else None
    if number is None or not numbers.is_rational(number):
        return None
    root = field.numbers.residue(numbers.square_root(number[1]))
    return q * field.residue(root)
