"""The same integral in t = sqrt(x), where roots of multiples of x stand in the function.

With x = t**2 the integral of f(x) is that of 2*t*f(t**2). Both variables are elementary functions of each
other, so that one integral is elementary exactly if the other is. One root is gone, and FriCAS decides more.

Assumes: x > 0. Answers are checked like any other.
"""

from asyncgen.mathematics.engines.fricas.monomials import coefficient, degree
from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    X,
    number,
    parsed,
    rational,
    replaced,
    tokens_of,
)


def in_root_of_x(tokens: Tokens) -> Tokens | None:
    """The integrand in t, which is written x; None if there is no sqrt(c*x**n) with c > 0 and n odd."""
    node = parsed(tokens)
    changed = _changed(node)
    if changed == replaced(node, X, ("pow2", X)):
        return None
    return tokens_of(("mul", ("mul", 2, X), changed))


def undone(answer: Tokens) -> Tokens:
    """An antiderivative in t as one in x."""
    return tokens_of(replaced(parsed(answer), X, ("sqrt", X)))


def _changed(node: Node) -> Node:
    if node == X:
        return ("pow2", X)
    if not isinstance(node, tuple):
        return node
    if node[0] == "sqrt" and (n := degree(node[1])) is not None and n % 2:
        c = rational(coefficient(node[1]))
        if c is not None and c > 0:
            return ("mul", ("sqrt", number(c)), ("pow", X, n))
    return (node[0], *map(_changed, node[1:]))
