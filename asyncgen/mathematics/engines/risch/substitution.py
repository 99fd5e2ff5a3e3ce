"""A change of the variable: x as a function of s, and what it takes for a proof in s to hold in x."""

from dataclasses import dataclass

from asyncgen.mathematics.engines.risch.expressions import Node

MANY_TO_ONE = frozenset(  # their inverses are
    ("asin", "acos", "asec", "acsc", "atan", "acot", "acosh", "asech")
)


@dataclass(frozen=True, slots=True)
class Substitution:
    """x as a function of s; what some parts of the function are in s; and s as a function of x."""

    x: Node
    values: dict[Node, Node]
    s: Node

    @property
    def is_up_to_steps(self) -> bool:
        """Whether an inverse of a periodic function stands in x, which then is one of many x."""
        return _holds(self.x)

    @property
    def is_one_of_many(self) -> bool:
        """Whether such an inverse stands inside another function: then other x differ by more than a step."""
        is_bare = isinstance(self.x, tuple) and self.x[0] in MANY_TO_ONE and not _holds(self.x[1])
        return self.is_up_to_steps and not is_bare


def _holds(node: Node) -> bool:
    """Whether an inverse of a periodic function stands in a tree."""
    return isinstance(node, tuple) and (node[0] in MANY_TO_ONE or any(map(_holds, node[1:])))
