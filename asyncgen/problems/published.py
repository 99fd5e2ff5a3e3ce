"""The notation of the published files of Lample & Charton (arXiv 1912.01412), and what their generator drops.

There is no subtraction, and no quotient but of integers: x - y/2 is add x mul div INT- 1 INT+ 2 y, and 1/x is
pow x INT- 1. Sums and products of many parts nest to the right; `sqrt` stands for the power 1/2 alone.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from asyncgen.problems.tokens import ALL_LEAVES, ARITY, tree_of
from asyncgen.problems.tree import flatten

MOST_NESTED = 3  # exponentials inside each other

_Node = Any  # an integer, a name, or a tuple of a token and nodes
_Factors = list[tuple[_Node, Fraction]]  # bases with their exponents

_EXPONENTIALS = frozenset(("exp", "sinh", "cosh"))
_POWERS = {"inv": -1, "pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}


def in_published_notation(tokens: Sequence[str]) -> tuple[str, ...]:
    """The same function in the notation of the published files."""
    return flatten(_rewritten(tree_of(tokens, ALL_LEAVES)))


def operators_of(tokens: Iterable[str]) -> int:
    """How many operators and functions stand in a function."""
    return sum([token in ARITY for token in tokens])


def nested_exponentials(tokens: Sequence[str]) -> int:
    """How many exponentials stand inside each other at most."""
    return _nested(tree_of(tokens, ALL_LEAVES))


def _nested(node: _Node) -> int:
    if not isinstance(node, tuple):
        return 0
    return max(map(_nested, node[1:])) + (node[0] in _EXPONENTIALS)


def _rewritten(node: _Node) -> _Node:
    if not isinstance(node, tuple):
        return node
    if node[0] in ("add", "sub"):
        return _chain("add", [_rewritten(term) for term in _terms(node, 1)])
    coefficient, factors = _with_roots_above(*_product(node))
    if not factors:
        return _number(coefficient)
    parts = [_power(base, exponent) for base, exponent in factors]
    return _chain("mul", parts if coefficient == 1 else [_number(coefficient), *parts])


def _terms(node: _Node, sign: int) -> list[_Node]:
    """The terms of a sum, with their signs."""
    if isinstance(node, tuple) and node[0] in ("add", "sub"):
        other = sign if node[0] == "add" else -sign
        return [*_terms(node[1], sign), *_terms(node[2], other)]
    return [node if sign > 0 else ("mul", -1, node)]


def _with_roots_above(coefficient: Fraction, factors: _Factors) -> tuple[Fraction, _Factors]:
    """The product with sqrt(2)/2 for 1/sqrt(2)."""
    moved = []
    for base, exponent in factors:
        if isinstance(base, int) and base > 0 and exponent < 0 and exponent.denominator > 1:
            whole = -floor(exponent)
            coefficient /= base**whole
            exponent += whole
        moved.append((base, exponent))
    return coefficient, moved


def _product(node: _Node) -> tuple[Fraction, _Factors]:
    """(c, factors) of a product, a quotient or a power, with its rational numbers in c."""
    if isinstance(node, int):
        return Fraction(node), []
    if not isinstance(node, tuple):
        return Fraction(1), [(node, Fraction(1))]
    if node[0] in ("mul", "div"):
        (c, factors), (d, others) = _product(node[1]), _product(node[2])
        if node[0] == "mul":
            return c * d, [*factors, *others]
        return c / d, [*factors, *((base, -exponent) for base, exponent in others)]
    exponent = _exponent(node)
    if exponent is None:
        other = _rewritten(node) if node[0] in ("add", "sub") else (node[0], *map(_rewritten, node[1:]))
        return Fraction(1), [(other, Fraction(1))]
    if exponent.denominator != 1:
        return Fraction(1), [(_rewritten(node[1]), exponent)]
    c, factors = _product(node[1])
    return c ** int(exponent), [(base, own * exponent) for base, own in factors]


def _exponent(node: _Node) -> Fraction | None:
    """The exponent of a power with a rational one."""
    if node[0] == "sqrt":
        return Fraction(1, 2)
    if node[0] == "pow":
        return _rational(node[2])
    return Fraction(_POWERS[node[0]]) if node[0] in _POWERS else None


def _rational(node: _Node) -> Fraction | None:
    """The rational number that a node is, if it is written as one."""
    if isinstance(node, int):
        return Fraction(node)
    if isinstance(node, tuple) and node[0] == "div" and all(isinstance(part, int) for part in node[1:]):
        return Fraction(node[1], node[2])
    return None


def _power(base: _Node, exponent: Fraction) -> _Node:
    if exponent == 1:
        return base
    return ("sqrt", base) if exponent == Fraction(1, 2) else ("pow", base, _number(exponent))


def _number(value: Fraction) -> _Node:
    return value.numerator if value.denominator == 1 else ("div", value.numerator, value.denominator)


def _chain(token: str, parts: list[_Node]) -> _Node:
    """A sum or product of one part or more, nested to the right."""
    node = parts[-1]
    for part in reversed(parts[:-1]):
        node = (token, part, node)
    return node
