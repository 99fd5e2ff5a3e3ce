"""Answers of other programs with what is plain in their numbers worked out: no 1**(1/4), no 2*x/2.

Only numbers, signs, and what they cancel. The check sees the answer that comes of it, like any other.
"""

from collections.abc import Callable
from fractions import Fraction

from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.mathematics.engines.risch.expressions import (
    POWERS,
    Node,
    added,
    divided,
    multiplied,
    number,
    parsed,
    rational,
    tokens_of,
)
from asyncgen.mathematics.fields.errors import Degenerate
from asyncgen.mathematics.fields.numbers import rational_square_root
from asyncgen.problems.tokens import SUMS

_AT_NUMBERS: dict[tuple[str, int], Node] = {("exp", 0): 1, ("exp", 1): "E", ("ln", 1): 0, ("sqrt", -1): "I"}


def with_plain_numbers(answer: Tokens) -> Tokens:
    """The same function, not longer than it was."""
    try:
        found = tokens_of(_plain(parsed(answer)))
    except (Degenerate, ZeroDivisionError, RecursionError):  # 1/0 is for the check to refuse
        return answer
    return found if len(found) <= len(answer) else answer


def _plain(node: Node) -> Node:
    if not isinstance(node, tuple) or node[0] in SUMS:
        return node
    name, *operands = node[0], *map(_plain, node[1:])
    made = (name, *operands)
    value = rational(made)
    if value is not None:
        return number(value)
    if name in _ARITHMETIC:
        return _ARITHMETIC[name](*operands)
    if name == "pow":
        return _power(*operands)
    if name in POWERS and name != "inv" and operands[0] == "I":
        return _power_of_i(POWERS[name])
    if name == "sqrt":
        return _root(operands[0])
    return _AT_NUMBERS.get((name, operands[0]), made) if isinstance(operands[0], int) else made


def _power(base: Node, exponent: Node) -> Node:
    if base == 1 or exponent == 0:
        return 1
    if exponent == 1:
        return base
    if base == "I" and isinstance(exponent, int):
        return _power_of_i(exponent)
    if rational(exponent) == Fraction(1, 2):
        return _root(base)
    return ("pow", base, exponent)


def _power_of_i(exponent: int) -> Node:
    return (1, "I", -1, ("mul", -1, "I"))[exponent % 4]


def _root(inner: Node) -> Node:
    value = rational(inner)
    root = None if value is None else rational_square_root(abs(value))
    if value is None or root is None:
        return ("sqrt", inner)
    return number(root) if value >= 0 else multiplied(number(root), "I")


_ARITHMETIC: dict[str, Callable[..., Node]] = {
    "add": added,
    "sub": lambda a, b: added(a, multiplied(-1, b)),
    "mul": multiplied,
    "div": divided,
    "inv": lambda a: divided(1, a),
}
