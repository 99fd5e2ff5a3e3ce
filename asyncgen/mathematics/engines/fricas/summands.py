"""A sum in parts that have no transcendental function or root in common.

An engine may fail at a sum of which it can integrate, or rule out, each part by itself.
"""

from functools import reduce
from itertools import product
from math import prod
from typing import NamedTuple

from asyncgen.problems.tokens import fold
from asyncgen.problems.tree import Call, Node, chained, flatten

Tokens = tuple[str, ...]

MOST = 24  # terms that products of sums are multiplied out to
LONGEST = 400  # tokens of a function worth the work
_POWERS = {"pow2": 2, "pow3": 3}
_ARITHMETIC = frozenset(("add", "sub", "mul", "div", "inv", "pow2", "pow3", "pow4", "pow5"))


class _Term(NamedTuple):
    node: Node
    functions: frozenset[Node]  # of x, that it is made of by arithmetic
    moves: bool  # whether it depends on x


class _Sum(NamedTuple):
    node: Node  # as it was written
    terms: list[_Term]  # multiplied out


def parts(tokens: Tokens) -> list[Tokens]:
    """The parts of a function as functions that add up to it; one if it has no more."""
    if len(tokens) > LONGEST or ("add" not in tokens and "sub" not in tokens):
        return [tokens]
    groups: list[list[_Term]] = []
    for term in fold(tokens, _leaf, _apply).terms:
        related = [group for group in groups if _related(_functions(group), term.functions)]
        groups = [group for group in groups if group not in related]
        groups.append([other for group in related for other in group] + [term])
    return [tokens] if len(groups) == 1 else [_added(group) for group in groups]


def _functions(group: list[_Term]) -> frozenset[Node]:
    return frozenset().union(*[term.functions for term in group])


def _related(one: frozenset[Node], other: frozenset[Node]) -> bool:
    """Whether they have a function in common, or have none, as rational functions of x."""
    return not one.isdisjoint(other) or not (one or other)


def _added(group: list[_Term]) -> Tokens:
    return flatten(chained("add", (term.node for term in group)))


def _leaf(value: str | int) -> _Sum:
    return _Sum(value, [_Term(value, frozenset(), value == "x")])


def _apply(name: str, operands: list[_Sum]) -> _Sum:
    node = Call(name, tuple(operand.node for operand in operands))
    return _Sum(node, _terms(name, operands))


def _terms(name: str, operands: list[_Sum]) -> list[_Term]:
    """The terms of an operation on sums. What stands inside a function stays as it was written."""
    if name == "add":
        return operands[0].terms + operands[1].terms
    if name == "sub":
        return operands[0].terms + [_joined("mul", (_MINUS, term)) for term in operands[1].terms]
    factors = operands if name == "mul" else operands[:1] * _multiplied(name, operands)
    if factors and prod(len(factor.terms) for factor in factors) <= MOST:
        several = product(*[factor.terms for factor in factors])
        return [reduce(lambda one, other: _joined("mul", (one, other)), terms) for terms in several]
    if name == "div":
        divisor = _whole(operands[1])
        return [_joined("div", (term, divisor)) for term in operands[0].terms]
    return [_joined(name, tuple(map(_whole, operands)))]


def _multiplied(name: str, operands: list[_Sum]) -> int:
    """How many factors a power of a sum is multiplied out to; 0 for what is left as it is."""
    if len(operands[0].terms) == 1:
        return 0
    exponent = operands[1].node if name == "pow" else _POWERS.get(name)
    return exponent if isinstance(exponent, int) and exponent in (2, 3) else 0


def _whole(operand: _Sum) -> _Term:
    terms = operand.terms
    return _Term(operand.node, _functions(terms), any(term.moves for term in terms))


def _joined(name: str, operands: tuple[_Term, ...]) -> _Term:
    node = Call(name, tuple(term.node for term in operands))
    moves = any(term.moves for term in operands)
    if name in _ARITHMETIC or (name == "pow" and isinstance(operands[1].node, int)):
        return _Term(node, frozenset().union(*[term.functions for term in operands]), moves)
    return _Term(node, frozenset((node,)) if moves else frozenset(), moves)


_MINUS = _Term(-1, frozenset(), False)
