"""Functions as trees, for whoever builds one: nodes, chains of them, and their tokens."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple, Union


class Call(NamedTuple):
    """An operator and its operands in a tree that the reader builds."""

    token: str
    operands: tuple["Node", ...]


Node = Union[int, str, Call, list[str]]  # noqa: UP007 - a list holds the tokens of a whole expression


def chained(token: str, nodes: Iterable[Node]) -> Node:
    """The sum or product of one node or more, from the left."""
    return reduce(lambda one, other: Call(token, (one, other)), nodes)


def flatten(root: Node) -> tuple[str, ...]:
    """The tokens of a tree, without recursion."""
    tokens: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, int):
            tokens += ("INT+" if node >= 0 else "INT-", *str(abs(node)))
        elif isinstance(node, str):
            tokens.append(node)
        elif isinstance(node, list):
            tokens += node
        else:
            tokens.append(node.token)
            waiting += reversed(node.operands)
    return tuple(tokens)
