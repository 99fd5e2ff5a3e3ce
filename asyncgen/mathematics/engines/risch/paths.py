"""The path from a value back to x, one operation after the other, where x stands once in a function."""

from collections.abc import Callable

from asyncgen.mathematics.engines.risch.arguments import FORWARD
from asyncgen.mathematics.engines.risch.expressions import Motion, Node, X, raised, rational
from asyncgen.mathematics.fields.errors import Undecided

RECIPROCAL = {
    "asec": "acos",
    "acsc": "asin",
    "asech": "acosh",
    "acsch": "asinh",
    "acot": "atan",
    "acoth": "atanh",
}
BACKWARD = {name: inverse for inverse, name in FORWARD.items()}  # "sin": "asin", ..., "exp": "ln"
UNDONE = {"sqrt": "pow2", "inv": "inv", **FORWARD, **BACKWARD}


def undone(name: str, value: Node) -> Node:
    """The u with name(u) = value, on one branch. Raises Undecided where the function is not inverted."""
    if name in RECIPROCAL:  # asec(u) = acos(1/u)
        return ("inv", (FORWARD[RECIPROCAL[name]], value))
    if name not in UNDONE:
        raise Undecided("a function that is not inverted")
    return (UNDONE[name], value)


def solved(node: Node, value: Node) -> Node:
    """The x where a tree that holds it once has a value. Raises Undecided, Degenerate."""
    moves = Motion()
    while node != X:
        if not isinstance(node, tuple):
            raise Undecided("a path without x")
        node, value = _step(node, value, moves)
    return value


def _step(node: Node, value: Node, moves: Motion) -> tuple[Node, Node]:
    """(operand, its value) for the operand that holds x."""
    if len(node) == 2:
        return node[1], undone(node[0], value)
    left, right = node[1:]
    if moves(left) and moves(right):
        raise Undecided("an argument where x stands twice")
    if node[0] == "pow":
        exponent = rational(right)
        if exponent is None or abs(exponent.numerator) != 1:
            raise Undecided("a power that is not inverted")
        return left, raised(value, int(1 / exponent))
    if node[0] not in _SOLVED:
        raise Undecided("an operation that is not inverted")
    return _SOLVED[node[0]](left, right, value, moves(left))


# (left, right, value, whether x stands in the left one) -> (the operand with x, its value)
_SOLVED: dict[str, Callable[[Node, Node, Node, bool], tuple[Node, Node]]] = {
    "add": lambda a, b, value, first: (a, ("sub", value, b)) if first else (b, ("sub", value, a)),
    "sub": lambda a, b, value, first: (a, ("add", value, b)) if first else (b, ("sub", a, value)),
    "mul": lambda a, b, value, first: (a, ("div", value, b)) if first else (b, ("div", value, a)),
    "div": lambda a, b, value, first: (a, ("mul", value, b)) if first else (b, ("div", a, value)),
}
