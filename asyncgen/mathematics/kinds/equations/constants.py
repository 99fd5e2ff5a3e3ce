"""Random functions of x and of constants: constants stand in place of some leaves, one leaf each.

Trees are tuples (token, operand, ...); their leaves are names and integers.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.problems.kinds import Draw
from asyncgen.problems.tokens import ARBITRARY, tree_of

Tree = Any

MOVING = frozenset(("x", *ARBITRARY))  # what is no number
_TAKES = {
    **dict.fromkeys(("add", "sub"), frozenset(("sum",))),
    **dict.fromkeys(("mul", "div"), frozenset(("product",))),
}
_BOTH = frozenset(("sum", "product"))


def drawn_family(draw: Draw, constants: Sequence[str]) -> Tree:
    """A random family of functions. Raises Dropped where it would lack x or a constant."""
    tree = with_constants(tree_of(draw.function()), constants, draw.words("constants"))
    for constant in constants:
        tree = absorbed(tree, constant)
    if not {"x", *constants} <= set(leaves_of(tree)):
        raise Dropped("constant")
    return tree


def leaves_of(tree: Tree) -> list[str | int]:
    """The leaves from left to right."""
    if isinstance(tree, tuple):
        return [leaf for operand in tree[1:] for leaf in leaves_of(operand)]
    return [tree]


def with_constants(tree: Tree, constants: Sequence[str], words: Iterator[int]) -> Tree:
    """The tree with each constant in place of a random leaf, and with x among the other leaves."""
    leaves = leaves_of(tree)
    if len(leaves) <= len(constants):
        raise Dropped("constant")
    places = list(range(len(leaves)))
    for constant in constants:
        leaves[places.pop(next(words) % len(places))] = constant
    if "x" not in leaves:
        leaves[places.pop(next(words) % len(places))] = "x"
    return _with_leaves(tree, iter(leaves))


def _with_leaves(tree: Tree, leaves: Iterator[str | int]) -> Tree:
    if isinstance(tree, tuple):
        return (tree[0], *[_with_leaves(operand, leaves) for operand in tree[1:]])
    return next(leaves)


def absorbed(tree: Tree, constant: str) -> Tree:
    """The tree without the numbers that the constant can stand for as well.

    What is made of the constant and of numbers only becomes the constant; numbers beside it in a sum go, and
    so do those in a product.
    """
    return _absorbed(tree, constant).tree


class _Absorbed(NamedTuple):
    """A tree, the names in it, and beside what the constant can take up more numbers.

    That is in a "sum" or a "product", above operations of one sort only: beside a8 x in a product, but not in
    a sum.
    """

    tree: Tree
    names: frozenset[str]
    takes: frozenset[str] = frozenset()


def _absorbed(tree: Tree, constant: str) -> _Absorbed:
    if not isinstance(tree, tuple):
        return _Absorbed(tree, MOVING & {tree}, _BOTH if tree == constant else frozenset())
    name = tree[0]
    operands = [_absorbed(operand, constant) for operand in tree[1:]]
    names = frozenset().union(*(operand.names for operand in operands))
    if names == {constant}:
        return _Absorbed(constant, names, _BOTH)
    if constant not in names:
        return _Absorbed(tree, names)
    place = next(place for place, operand in enumerate(operands) if constant in operand.names)
    takes = operands[place].takes & _TAKES.get(name, frozenset())
    first_or_symmetric = place == 0 or name in ("add", "mul")
    if takes and first_or_symmetric and not operands[1 - place].names:
        return operands[place]._replace(takes=takes)
    return _Absorbed((name, *[operand.tree for operand in operands]), names, takes)


def place_of(constant: str, operands: Sequence[Tree]) -> int:
    """Which of the operands holds the constant."""
    return next(place for place, operand in enumerate(operands) if holds(operand, constant))


def holds(tree: Tree, name: str) -> bool:
    """Whether a name stands in a tree."""
    if not isinstance(tree, tuple):
        return bool(tree == name)
    return any(holds(operand, name) for operand in tree[1:])
