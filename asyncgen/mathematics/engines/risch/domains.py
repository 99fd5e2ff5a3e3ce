"""Answers that are real where their function is: the signs of the arguments of new logarithms.

log(x - 2) and log(2 - x) differ by a constant. Where the function is real on a part of the line only, as
log(2 - x)*x is, that one is taken which is real there, too.
"""

from collections.abc import Iterator
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    INVERSE,
    Node,
    opposite,
    split,
    tokens_of,
)
from asyncgen.mathematics.values import compile_tokens

POINTS = tuple(Fraction(n, 7) for n in (2, -5, 10, -13, 19, -23, 37, -43, 82, -97, 1, -1, 281, -290))
_NOT_EVERYWHERE = INVERSE | {"ln", "sqrt", "pow", "rac", "atanh", "acoth"}


def made_real(node: Node, answer: Node) -> Node:
    """The answer, with the logarithms that are not the function's own real on the function's domain."""
    found = list(_new_logarithms(answer))
    if not found or not _heads(node) & _NOT_EVERYWHERE:
        return answer
    points: list[Fraction] | None = None
    replaced: dict[Node, Node] = {}
    for logarithm in set(found).difference(_logarithms(node)):
        if points is None:
            points = _domain(node)
        if _is_negative(logarithm[1], points):
            replaced[logarithm] = ("ln", opposite(logarithm[1]))
    return _with(answer, replaced) if replaced else answer


def _heads(node: Node) -> set[str]:
    if not isinstance(node, tuple):
        return set()
    return {node[0]}.union(*map(_heads, node[1:]))


def _logarithms(node: Node) -> Iterator[Node]:
    if isinstance(node, tuple):
        if node[0] == "ln":
            yield node
        for operand in node[1:]:
            yield from _logarithms(operand)


def _new_logarithms(node: Node) -> Iterator[Node]:
    """The logarithms that stand in a sum with constant factors, which may be changed by a constant."""
    if not isinstance(node, tuple):
        return
    if node[0] == "ln":
        yield node
    elif node[0] in ("add", "sub"):
        yield from _new_logarithms(node[1])
        yield from _new_logarithms(node[2])
    elif node[0] in ("mul", "div"):
        _, rest = split(node)
        if rest != node:
            yield from _new_logarithms(rest)


def _with(node: Node, replaced: dict[Node, Node]) -> Node:
    if node in replaced:
        return replaced[node]
    if isinstance(node, tuple) and node[0] in ("add", "sub", "mul", "div"):
        return (node[0], *[_with(operand, replaced) for operand in node[1:]])
    return node


def _domain(node: Node) -> list[Fraction]:
    """The points of the list at which the function is real."""
    program = compile_tokens(tokens_of(node))
    values = ((point, program.value_at(float(point))) for point in POINTS)
    return [point for point, value in values if value.is_finite() and value.imag.contains(0)]


def _is_negative(argument: Node, points: list[Fraction]) -> bool:
    """Whether a function is negative at all these points, and there is one."""
    program = compile_tokens(tokens_of(argument))
    values = [program.value_at(float(point)) for point in points]
    return bool(values) and all(value.real < 0 and value.imag.contains(0) for value in values)
