"""A change of the variable: x as a function of s, and what it takes for a proof in s to hold in x."""

from dataclasses import dataclass
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    S,
    X,
    added,
    multiplied,
    number,
    rational,
    replaced,
)

MANY_TO_ONE = frozenset(  # their inverses are
    ("asin", "acos", "asec", "acsc", "atan", "acot", "acosh", "asech")
)


@dataclass(frozen=True, slots=True)
class Substitution:
    """x as a function of s; what some parts of the function are in s; and s as a function of x."""

    x: Node
    values: dict[Node, Node]
    s: Node
    linear: tuple[Fraction, Fraction] | None = None  # (a, b) where s = a x + b

    def written_back(self, node: Node) -> Node:
        """A tree in s as one in x; with s = a x + b other linear functions of s are written as those of x."""
        if self.linear is None:
            return replaced(node, S, self.s)
        return self._with_linear(node, *self.linear)

    def _with_linear(self, node: Node, a: Fraction, b: Fraction) -> Node:
        found = _linear_in_s(node)
        if found is not None and found[0] and node != S:
            slope, constant = found[0] * a, found[1] + found[0] * b
            return added(multiplied(number(slope), X), number(constant))
        if isinstance(node, tuple):
            return (node[0], *(self._with_linear(operand, a, b) for operand in node[1:]))
        return self.s if node == S else node

    @property
    def is_up_to_steps(self) -> bool:
        """Whether an inverse of a periodic function stands in x, which then is one of many x."""
        return _holds(self.x)

    @property
    def is_one_of_many(self) -> bool:
        """Whether such an inverse stands inside another function: then other x differ by more than a step."""
        is_bare = isinstance(self.x, tuple) and self.x[0] in MANY_TO_ONE and not _holds(self.x[1])
        return self.is_up_to_steps and not is_bare


def _linear_in_s(node: Node) -> tuple[Fraction, Fraction] | None:
    """(p, q) with node = p s + q, rational, if it is written as a sum or a multiple."""
    if node == S:
        return Fraction(1), Fraction(0)
    value = rational(node)
    if value is not None:
        return Fraction(0), value
    if not isinstance(node, tuple) or node[0] not in ("add", "sub", "mul", "div"):
        return None
    first, second = _linear_in_s(node[1]), _linear_in_s(node[2])
    if first is None or second is None:
        return None
    (p, q), (r, t) = first, second
    if node[0] in ("add", "sub"):
        sign = 1 if node[0] == "add" else -1
        return p + sign * r, q + sign * t
    if node[0] == "div":
        return None if r or not t else (p / t, q / t)
    return None if p and r else (p * t + q * r, q * t)


def _holds(node: Node) -> bool:
    """Whether an inverse of a periodic function stands in a tree."""
    return isinstance(node, tuple) and (node[0] in MANY_TO_ONE or any(map(_holds, node[1:])))
