"""Bases of the solutions (c, y) of an equation with parameters, the form of y, and what two bases share."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.linear import Vector, nullspace
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField


class Solution(NamedTuple):
    """D y + f y = sum constants_i g_i."""

    constants: Vector
    y: Element


class Form(NamedTuple):
    """y = q v^shift/divisor with q a polynomial in v of degree `bound` at most; None: no divisor fits."""

    v: int
    shift: int
    divisor: Element
    bound: int | None


def in_common(
    field: DifferentialField, first: Sequence[Solution], second: Sequence[Solution]
) -> list[Solution]:
    """A basis of the (c, y + z) with (c, y) spanned by the first and (c, z) by the second."""
    both = [*first, *second]
    signs = [field.one] * len(first) + [-field.one] * len(second)
    count = len(both[0].constants) if both else 0
    rows = [
        [solution.constants[j] * sign for solution, sign in zip(both, signs, strict=True)]
        for j in range(count)
    ]
    return [_combined(field, first, second, vector) for vector in nullspace(field, rows, len(both))]


def _combined(
    field: DifferentialField, first: Sequence[Solution], second: Sequence[Solution], factors: Vector
) -> Solution:
    constants: Vector = [field.zero] * len([*first, *second][0].constants)
    y = field.zero
    for solution, factor in zip([*first, *second], factors, strict=True):
        if factor:
            y = y + solution.y * factor
    for solution, factor in zip(first, factors, strict=False):
        constants = [c + d * factor for c, d in zip(constants, solution.constants, strict=True)]
    return Solution(constants, y)
