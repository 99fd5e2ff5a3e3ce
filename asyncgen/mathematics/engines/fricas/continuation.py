"""Answers with incomplete gamma functions, continued beyond their branch cuts.

Gamma(k/n, c*x**n) is, up to a constant, -(n/k) c**(k/n) x**k 1F1(k/n; k/n + 1; -c*x**n) for x > 0 (DLMF 8.2.3
and 8.5.1). The latter goes on to x < 0, where the former meets its branch cut.
"""

from fractions import Fraction

from asyncgen.mathematics.engines.fricas.monomials import coefficient, degree
from asyncgen.mathematics.engines.interface import Tokens
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    X,
    number,
    parsed,
    raised,
    rational,
    tokens_of,
)


def continued(answer: Tokens) -> Tokens:
    """The answer with entire functions in place of its incomplete gamma functions of monomials."""
    return tokens_of(_continued(parsed(answer))) if "uppergamma" in answer else answer


def _continued(node: Node) -> Node:
    if not isinstance(node, tuple):
        return node
    if node[0] == "uppergamma":
        order, n = rational(node[1]), degree(node[2])
        if order is not None and n is not None and order > 0 and n > 0 and order.denominator > 1:
            return _entire(node, order, order * n)
    return (node[0], *map(_continued, node[1:]))


def _entire(gamma: Node, order: Fraction, power: Fraction) -> Node:
    """What continues Gamma(order, c*x**n), where the power of x comes out whole."""
    if power.denominator > 1:
        return gamma
    argument, a = gamma[2], number(order)
    c = coefficient(argument)
    value = rational(c)
    powers = ("mul", ("pow", c if value is None else number(value), a), raised(X, int(power)))
    series = ("hyp1f1", a, number(order + 1), ("mul", -1, argument))
    return ("mul", number(-1 / order), ("mul", powers, series))
