"""Functions as nested tuples: (token, operand, ...), integers, and the names of variables and constants."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from asyncgen.mathematics.fields.errors import Degenerate
from asyncgen.problems.tokens import tree_of
from asyncgen.problems.tree import flatten

Node = Any  # int | str | tuple of a token and Nodes: recursive types cost more than they tell

X, S = "x", "s"  # the variable, and the one that is put in its place
CIRCULAR = frozenset(("sin", "cos", "tan", "cot", "sec", "csc"))
HYPERBOLIC = frozenset(("sinh", "cosh", "tanh", "coth", "sech", "csch"))
INVERSE = frozenset(
    ("asin", "acos", "asec", "acsc", "asinh", "acosh", "asech", "acsch"),
)  # with a root in their derivative
POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5, "inv": -1}
_ONE = Fraction(1)
LARGEST_PRODUCT = 10_000  # of two numbers whose logarithms are added
LARGEST_EXPONENT = 100  # of a power of numbers that is worked out


def parsed(tokens: Sequence[str]) -> Node:
    """The tree of a function in prefix notation. Raises ParseError."""
    return tree_of(tokens)


def tokens_of(node: Node) -> tuple[str, ...]:
    """The prefix notation of a tree."""
    return flatten(node)


def shorter(first: Node, second: Node) -> Node:
    """The tree with fewer tokens, the first one if both have as many."""
    return second if len(tokens_of(second)) < len(tokens_of(first)) else first


class Motion:
    """Which trees depend on the variable; each is looked at once."""

    def __init__(self) -> None:
        self._known: dict[Node, bool] = {}

    def __call__(self, node: Node) -> bool:
        if not isinstance(node, tuple):
            return node in (X, S)
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = any(map(self, node[1:]))
        return known


def replaced(node: Node, name: str, value: Node) -> Node:
    """The tree with a value for a name."""
    if node == name:
        return value
    if isinstance(node, tuple):
        return (node[0], *[replaced(operand, name, value) for operand in node[1:]])
    return node


def rational(node: Node) -> Fraction | None:
    """The number that a tree of numbers and arithmetic stands for. Raises Degenerate for 1/0."""
    if isinstance(node, int):
        return Fraction(node)
    if not isinstance(node, tuple):
        return None
    values = [rational(operand) for operand in node[1:]]
    if any(value is None for value in values):
        return None
    try:
        return _ARITHMETIC[node[0]](*values) if node[0] in _ARITHMETIC else None
    except ZeroDivisionError:
        raise Degenerate("division by zero") from None


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1 or abs(exponent) > LARGEST_EXPONENT:
        return None
    return base ** int(exponent)


_ARITHMETIC: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": _power,
    **{name: lambda a, n=n: a**n for name, n in POWERS.items()},
}


# -- writing: trees with what costs nothing worked out ---------------------------------------------------


def number(value: Fraction | int) -> Node:
    """A rational number."""
    if isinstance(value, int) or value.denominator == 1:
        return int(value)
    return ("div", value.numerator, value.denominator)


def added(a: Node, b: Node) -> Node:
    """a + b."""
    if a == 0:
        return b
    if b == 0:
        return a
    if _is_logarithm_of_integer(a) and _is_logarithm_of_integer(b) and a[1] * b[1] <= LARGEST_PRODUCT:
        return ("ln", a[1] * b[1])
    if not _is_negative(b):
        return ("add", a, b)
    factor, rest = split(b)
    return ("sub", a, _times_number(-factor, rest))


def _is_logarithm_of_integer(node: Node) -> bool:
    return isinstance(node, tuple) and node[0] == "ln" and isinstance(node[1], int) and node[1] > 0


def collected(node: Node) -> Node:
    """A sum with its equal terms put together."""
    factors: dict[Node, Fraction] = {}
    waiting = [(Fraction(1), node)]
    count = 0
    while waiting:
        factor, term = waiting.pop()
        if _is_sum(term):
            waiting.append((factor if term[0] == "add" else -factor, term[2]))
            waiting.append((factor, term[1]))
            continue
        own, rest = split(term)
        if _is_sum(rest):
            waiting.append((factor * own, rest))
            continue
        if isinstance(rest, tuple) and rest[:2] == ("mul", "I") and _is_sum(rest[2]):
            name, a, b = rest[2]
            waiting.append((factor * own, (name, multiplied("I", a), multiplied("I", b))))
            continue
        factors[rest] = factors.get(rest, Fraction(0)) + factor * own
        count += 1
    if len(factors) == count and all(factors.values()) and not leads_with_minus(node):
        return node
    total: Node = 0
    for rest, factor in sorted(factors.items(), key=lambda item: item[1] < 0):
        total = added(total, multiplied(number(factor), rest))
    return total


def _is_sum(node: Node) -> bool:
    return isinstance(node, tuple) and node[0] in ("add", "sub")


def split(node: Node) -> tuple[Fraction, Node]:
    """(q, rest) with node = q rest, q the rational number in front."""
    if isinstance(node, int):
        return Fraction(node), 1
    if isinstance(node, tuple):
        if node[0] == "mul" and isinstance(node[1], int):
            return Fraction(node[1]), node[2]
        if node[0] == "div" and isinstance(node[2], int):
            factor, rest = split(node[1])
            return factor / node[2], rest
        if node[0] == "div":
            factor, rest = split(node[1])
            own, below = split(node[2])
            if factor is own is _ONE:
                return _ONE, node
            return factor / own, divided(rest, below)
    return _ONE, node


def _times_number(factor: Fraction, rest: Node) -> Node:
    """factor * rest, for a rest without a number in front."""
    p, q = factor.numerator, factor.denominator
    if rest == 1:
        return number(factor)
    if isinstance(rest, tuple) and rest[0] == "div":
        above, below = _times_number(Fraction(p), rest[1]), _times_number(Fraction(q), rest[2])
        return ("div", above, below)
    above = rest if p == 1 else ("mul", p, rest)
    return above if q == 1 else ("div", above, q)


def opposite(node: Node) -> Node:
    """-node, by the signs of a sum's terms."""
    if isinstance(node, tuple) and node[0] == "sub":
        return added(node[2], multiplied(-1, node[1]))
    if isinstance(node, tuple) and node[0] == "add":
        return added(opposite(node[1]), multiplied(-1, node[2]))
    return multiplied(-1, node)


def leads_with_minus(node: Node) -> bool:
    """Whether the first term of a sum has a minus."""
    while _is_sum(node):
        node = node[1]
    return _is_negative(node)


def _is_negative(node: Node) -> bool:
    """Whether the rational number in front is negative."""
    if isinstance(node, int):
        return node < 0
    if isinstance(node, tuple):
        if node[0] == "mul" and isinstance(node[1], int):
            return node[1] < 0
        if node[0] == "div":
            return _is_negative(node[1]) != (isinstance(node[2], int) and node[2] < 0)
    return False


def multiplied(a: Node, b: Node) -> Node:
    """a b, with one rational number in front."""
    if a == 0 or b == 0:
        return 0
    first, a = split(a)
    second, b = split(b)
    factor = second if first is _ONE else first if second is _ONE else first * second
    return _times_number(factor, _product(a, b))


def times(factor: Fraction, node: Node) -> Node:
    """A rational number times a tree."""
    if factor.numerator == factor.denominator:
        return node
    own, rest = split(node)
    return _times_number(factor if own is _ONE else factor * own, rest)


def _product(a: Node, b: Node) -> Node:
    """a b, without numbers in front."""
    for factor, other in ((a, b), (b, a)):
        if factor == 1:
            return other
        if isinstance(factor, tuple) and factor[0] == "div" and factor[1] == 1:
            return divided(other, factor[2])
    return ("mul", a, b)


def divided(a: Node, b: Node) -> Node:
    """a/b."""
    if b == 1:
        return a
    if isinstance(b, int):
        factor, rest = split(a)
        return _times_number(factor / b, rest)
    return ("div", a, b)


def with_tangents(above: Node, below: Node) -> tuple[Node, Node]:
    """A quotient with tan(u) where sin(u) is a factor of one part, and cos(u) of the other."""
    for factor in _factors(below):
        if isinstance(factor, tuple) and factor[0] in ("sin", "cos"):
            partner = ("cos" if factor[0] == "sin" else "sin", factor[1])
            if partner in _factors(above):
                above, below = _without(above, partner), _without(below, factor)
                if factor[0] == "cos":
                    return multiplied(above, ("tan", factor[1])), below
                return above, multiplied(below, ("tan", factor[1]))
    return above, below


def _factors(node: Node) -> list[Node]:
    if isinstance(node, tuple) and node[0] == "mul":
        return [*_factors(node[1]), *_factors(node[2])]
    return [node]


def _without(node: Node, factor: Node) -> Node:
    """The product without one of its factors."""
    if node == factor:
        return 1
    if factor in _factors(node[1]):
        return multiplied(_without(node[1], factor), node[2])
    return multiplied(node[1], _without(node[2], factor))


def reciprocal(node: Node) -> Node:
    """1/node."""
    if isinstance(node, tuple) and node[0] == "div":
        return divided(node[2], node[1])
    return divided(1, node)


def raised(base: Node, exponent: int) -> Node:
    """base**exponent."""
    if exponent == 1:
        return base
    if exponent < 0:
        return ("inv", raised(base, -exponent))
    return (f"pow{exponent}", base) if exponent <= 5 else ("pow", base, exponent)
