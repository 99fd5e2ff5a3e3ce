"""Square roots of elements: found in the field, or adjoined to it.

In F(S), S^2 = R in F, an element a of F is a square exactly if a or a R is one in F; a + b S with b != 0 is
one exactly if its norm a^2 - b^2 R is a square n^2 in F, and (a + n)/2 or (a - n)/2 is one.
"""

from collections.abc import Callable, Sequence

from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.roots import Root, components


def square_root(tower: Tower, u: Element) -> Element | None:
    """A square root in the field with its roots, None where there is none. Raises Undecided."""
    return _square_root(tower, u, tower.field.roots)


def _square_root(tower: Tower, u: Element, roots: Sequence[Root]) -> Element | None:
    """The same over a part of the roots."""
    if not roots:
        q, r = squarefree_radicand(tower.field, u)
        return q * tower.constants.square_root(r) if tower.field.is_constant(r) else None
    *others, last = roots
    parts = components(tower.field, u, [last.v])
    odd = parts.get(frozenset((last.v,)))
    even = parts.get(frozenset(), tower.field.zero)
    if odd is None:
        return _of_free(tower, even, others, last)
    return _of_mixed(tower, even, odd, others, last)


def _of_free(tower: Tower, a: Element, others: Sequence[Root], last: Root) -> Element | None:
    """The root of an element free of the last root."""
    root = _square_root(tower, a, others)
    if root is not None:
        return root
    radicand = tower.field.of(last.radicand)
    root = _square_root(tower, a * radicand, others)
    return None if root is None else root / radicand * tower.field.variable(last.v)


def _of_mixed(tower: Tower, a: Element, b: Element, others: Sequence[Root], last: Root) -> Element | None:
    """The root of a + b S, b not 0."""
    field = tower.field
    norm = _square_root(tower, a * a - b * b * field.of(last.radicand), others)
    if norm is None:
        return None
    half = field.number(1, 2)
    for n in (norm, -norm):
        c = _square_root(tower, (a + n) * half, others)
        if c:
            return c + b / c * half * field.variable(last.v)
    return None


def adjoin(tower: Tower, u: Element) -> tuple[int, Element]:
    """(S, q) with u = q^2 S^2 for a new root S. Raises Undecided where there are too many kernels."""
    field = tower.field
    if any(field.contains(u, root.v) for root in field.roots):
        factor, radicand = field.of(u.denominator).inverse(), u.numerator * u.denominator
    else:
        factor, squarefree = squarefree_radicand(field, u)
        factor = factor / field.of(squarefree.denominator)
        radicand = squarefree.numerator * squarefree.denominator
    v = tower.new_variable()
    field.add_root(v, radicand)
    assert (factor * field.variable(v)) ** 2 == u
    return v, factor


def squarefree_radicand(field: DifferentialField, u: Element) -> tuple[Element, Element]:
    """(q, r) with u = q^2 r, free of roots, r a squarefree polynomial but for a factor in the constants."""
    q, r, rest = square_parts(field, u, lambda factor: field.level(factor) >= 0)
    return q, field.of(r) * rest


def square_parts(
    field: DifferentialField, u: Element, counts: Callable[[Polynomial], bool]
) -> tuple[Element, Polynomial, Element]:
    """(q, r, rest) with u = q^2 r rest: q and r of the squarefree factors that count, r without squares."""
    q, r = field.one, field.unit
    for factor, multiplicity in squarefree_factors(field, u.numerator):
        if counts(factor):
            q = q * field.of(factor ** (multiplicity // 2))
            r = r * factor if multiplicity % 2 else r
    for factor, multiplicity in squarefree_factors(field, u.denominator):
        if counts(factor):
            q = q / field.of(factor ** ((multiplicity + 1) // 2))
            r = r * factor if multiplicity % 2 else r
    return q, r, u / (q * q * field.of(r))
