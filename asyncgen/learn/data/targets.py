"""What a model is taught to write: an antiderivative without an additive constant, which means nothing."""

from collections.abc import Sequence
from typing import Any

from asyncgen.problems.tokens import tree_of
from asyncgen.problems.tree import flatten


def without_constant(answer: Sequence[str]) -> tuple[str, ...]:
    """An antiderivative without the terms that do not depend on x; as it is where nothing else is there."""
    tree = tree_of(answer)
    return flatten(_rest(tree)) if _depends(tree) else tuple(answer)


def _rest(node: Any) -> Any:
    """What is left of a sum that depends on x."""
    if not isinstance(node, tuple) or node[0] not in ("add", "sub"):
        return node
    token, left, right = node
    if not _depends(right):
        return _rest(left)
    if not _depends(left):
        return _rest(right) if token == "add" else _negative(_rest(right))
    return (token, _rest(left), _rest(right))


def _negative(node: Any) -> Any:
    return ("mul", -1, node)


def _depends(node: Any) -> bool:
    return "x" in flatten(node)
