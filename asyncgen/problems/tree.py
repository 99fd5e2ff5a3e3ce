"""Functions as trees, for whoever builds one: nodes, their tokens, and what becomes of them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, Union

T = TypeVar("T")


class Call(NamedTuple):
    """An operator and its operands in a tree that the reader builds."""

    token: str
    operands: tuple["Node", ...]


# A list holds the tokens of a whole expression.
Node = Union[int, str, Call, tuple[Any, ...], list[str]]  # noqa: UP007


def flatten(root: Node) -> tuple[str, ...]:
    """The tokens of a tree of `Call`s, or of tuples (token, operand, ...), without recursion."""
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
            token, operands = node if isinstance(node, Call) else (node[0], node[1:])
            tokens.append(token)
            waiting += reversed(operands)
    return tuple(tokens)


def folded(tree: Any, leaf: Callable[[Any], T], apply: Callable[[str, Sequence[T]], T]) -> T:
    """Evaluate a tree of tuples (token, operand, ...) bottom-up, without recursion."""
    order: list[Any] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if isinstance(node, tuple):
            waiting += node[1:]
    found: list[T] = []
    for node in reversed(order):  # operands from the left, before what is made of them
        if isinstance(node, tuple):
            first = len(found) - len(node) + 1
            operands = found[first:]
            del found[first:]
            found.append(apply(node[0], operands))
        else:
            found.append(leaf(node))
    return found.pop()
