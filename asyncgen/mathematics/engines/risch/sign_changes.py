"""Where sqrt(u)/v changes its sign, v being a root of u without a sign of its own: v does, at zeros of u."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_poly

from asyncgen.mathematics.engines.risch.arguments import Argument
from asyncgen.mathematics.engines.risch.expressions import Node, X
from asyncgen.mathematics.fields.errors import Degenerate, NeedsPrime, Undecided


def only_change(root: Node) -> Fraction | None:
    """The one place where the root of u would have to change its sign, for a rational function u of x.

    These are the zeros and poles of u of an order 2, 6, 10, ...; None if there is another number of them, or
    it is not rational.
    """
    if not isinstance(root, tuple) or root[0] != "sqrt":
        return None
    try:
        argument = Argument.of(root[1])
        if argument.variable() != X:
            return None
    except (Undecided, Degenerate, NeedsPrime):
        return None
    places: list[Fraction] = []
    for coefficients in (argument.numerator, argument.denominator):
        for factor, order in _polynomial(coefficients).factor()[1]:
            if order % 4 != 2:
                continue
            if factor.degree() == 1:
                places.append(_fraction(-factor[0] / factor[1]))
            elif _has_real_root(factor):
                return None
    return places[0] if len(places) == 1 else None


def _polynomial(coefficients: Sequence[Fraction]) -> fmpq_poly:
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])


def _fraction(number: fmpq) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _has_real_root(factor: fmpq_poly) -> bool:
    found: Any = factor.numer().complex_roots()  # pairs, which its annotation does not know
    return any(root.imag.contains(0) for root, _ in found)
