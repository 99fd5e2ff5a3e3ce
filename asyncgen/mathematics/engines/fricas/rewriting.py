"""The same function in another form: what engines that work up to branches need, before and after.

Computer algebra takes sqrt(u**2) for u, which is right where u > 0 only, and has no notion of abs and sign.
On either side of the zeros of u such functions are ones without: they are integrated on each side, and the
two antiderivatives joined. Nothing here is trusted: what comes out is checked like any answer.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from asyncgen.problems.tokens import fold
from asyncgen.problems.tree import Call, Node, chained, flatten

Tokens = tuple[str, ...]
_POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}


class Sides(NamedTuple):
    """A function that is another one on either side of the zeros of `divider`."""

    divider: Tokens
    positive: Tokens  # the function where the divider is positive
    negative: Tokens


def sides(tokens: Tokens) -> Sides | None:
    """The two forms of a function with an abs, a sign, or a square under a root; None if it has none."""
    finder = _Rewriter({})
    fold(tokens, _leaf, finder.apply)
    if finder.found is None:
        return None
    divider = finder.found
    forms = [fold(tokens, _leaf, _Rewriter({divider: sign}).apply) for sign in (1, -1)]
    return Sides(flatten(divider), flatten(forms[0]), flatten(forms[1]))


def joined(divider: Tokens, positive: Tokens, negative: Tokens) -> Iterator[Tokens]:
    """Antiderivatives of both sides as one function: the short form, right for odd ones, and the general."""
    sign = Call("div", (Call("sqrt", (Call("pow2", (list(divider),)),)), list(divider)))
    left, right = list(positive), list(negative)
    yield flatten(Call("mul", (sign, left)))
    even = Call("add", (left, right))
    odd = Call("mul", (sign, Call("sub", (left, right))))
    yield flatten(Call("div", (Call("add", (even, odd)), 2)))


def with_plain_exponentials(tokens: Tokens) -> Tokens:
    """The function with exp(u/2) for sqrt(exp(u)) and u + log(v) for log(exp(u)*v).

    It is the same wherever all parts of it are real. Next to roots, an engine may not see what exp(u), its
    root and its logarithm have to do with each other.
    """
    if "exp" not in tokens:
        return tokens
    return flatten(fold(tokens, _leaf, _Rewriter({}, logarithms=True).apply))


def where_positive(tokens: Tokens, divider: Node) -> Tokens:
    """The function where this part of it is positive: squares of it under roots are taken out."""
    return flatten(fold(tokens, _leaf, _Rewriter({divider: 1}).apply))


def continued(answer: Tokens) -> Tokens:
    """The answer with its incomplete gamma functions of monomials replaced by entire ones.

    Gamma(k/n, c*x**n) is, up to a constant, -(n/k) c**(k/n) x**k 1F1(k/n; k/n + 1; -c*x**n) for x > 0
    (DLMF 8.2.3 and 8.5.1), and the latter goes on to x < 0 where the former meets its branch cut.
    """
    return flatten(fold(answer, _leaf, _continue)) if "uppergamma" in answer else answer


def _leaf(token: str | int) -> Node:
    return token


class _Rewriter:
    """Takes squares and exponentials from under roots; if `logarithms`, exponentials out of these, too.

    `signs` are those of the dividers, once chosen.
    """

    def __init__(self, signs: dict[Node, int], logarithms: bool = False) -> None:
        self._signs = signs
        self._logarithms = logarithms
        self.found: Node | None = None  # the first divider without a sign

    def apply(self, name: str, operands: list[Node]) -> Node:
        if name in ("abs", "sign"):
            return self._signed(name, operands[0])
        if name == "sqrt":
            return self._root(operands[0])
        if name == "ln" and self._logarithms:
            return _logarithm(operands[0])
        if name == "pow" and (halves := _halves(operands[1])):
            return _power(self._root(operands[0]), halves)
        return Call(name, tuple(operands))

    def _signed(self, name: str, inner: Node) -> Node:
        sign = self._sign(inner)
        if sign is None:
            return Call(name, (inner,))
        return sign if name == "sign" else Call("mul", (sign, inner))

    def _sign(self, divider: Node) -> int | None:
        sign = self._signs.get(divider)
        if sign is None and self.found is None:
            self.found = divider
        return sign

    def _root(self, radicand: Node) -> Node:
        outside: list[Node] = []
        inside: list[Node] = []
        for factor, exponent in _factors(radicand).items():
            taken = self._taken(factor, exponent)
            if taken is None:
                inside.append(_power(factor, exponent))
                continue
            outside.append(taken)
            if exponent % 2 and not _is_exponential(factor):
                inside.append(_power(factor, 1 if exponent > 0 else -1))
        if not outside:
            return Call("sqrt", (radicand,))
        return _product([*outside, Call("sqrt", (_product(inside),))] if inside else outside)

    def _taken(self, factor: Node, exponent: int) -> Node | None:
        """The root of this power of a factor, as far as it can be taken; None if it cannot."""
        if isinstance(factor, Call) and _is_exponential(factor):
            return Call("exp", (Call("mul", (Call("div", (exponent, 2)), factor.operands[0])),))
        half = abs(exponent) // 2
        if half == 0 or isinstance(factor, int):
            return None
        root = factor
        if half % 2:
            sign = self._sign(factor)
            if sign is None:
                return None
            root = Call("mul", (sign, factor))
        return _power(root, half if exponent > 0 else -half)


def _logarithm(product: Node) -> Node:
    """The logarithm of a product, those of its exponentials taken out."""
    factors = _factors(product)
    exponents: list[Node] = [
        factor.operands[0] if exponent == 1 else Call("mul", (exponent, factor.operands[0]))
        for factor, exponent in factors.items()
        if isinstance(factor, Call) and _is_exponential(factor)
    ]
    if not exponents:
        return Call("ln", (product,))
    others = [_power(factor, exponent) for factor, exponent in factors.items() if not _is_exponential(factor)]
    return chained("add", [*exponents, Call("ln", (_product(others),))] if others else exponents)


def _halves(exponent: Node) -> int:
    """The n of an exponent n/2 if it is odd; 0 of all other exponents."""
    if isinstance(exponent, Call) and exponent.token == "div" and exponent.operands[1] == 2:
        number = exponent.operands[0]
        return number if isinstance(number, int) and number % 2 else 0
    return 0


def _is_exponential(node: Node) -> bool:
    return isinstance(node, Call) and node.token == "exp"


def _factors(node: Node) -> dict[Node, int]:
    """The factors of a product with their exponents."""
    found: dict[Node, int] = {}
    waiting = [(node, 1)]
    while waiting:
        part, exponent = waiting.pop()
        token, operands = (part.token, part.operands) if isinstance(part, Call) else ("", ())
        if token == "mul":
            waiting += [(operand, exponent) for operand in operands]
        elif token == "div":
            waiting += [(operands[0], exponent), (operands[1], -exponent)]
        elif token == "inv" or token in _POWERS:
            waiting.append((operands[0], exponent * _POWERS.get(token, -1)))
        elif token == "pow" and isinstance(operands[1], int):
            waiting.append((operands[0], exponent * operands[1]))
        else:
            found[part] = found.get(part, 0) + exponent
    return {factor: exponent for factor, exponent in found.items() if exponent}


def _power(base: Node, exponent: int) -> Node:
    return base if exponent == 1 else Call("pow", (base, exponent))


def _product(factors: list[Node]) -> Node:
    return chained("mul", factors) if factors else 1


def _continue(name: str, operands: list[Node]) -> Node:
    if name == "uppergamma":
        order = _fraction(operands[0])
        monomial = _monomial(operands[1])
        if order is not None and monomial is not None and (monomial[1] * order).denominator == 1:
            return _entire(order, monomial, operands[1])
    return Call(name, tuple(operands))


def _entire(order: Fraction, monomial: tuple[Node, int], argument: Node) -> Node:
    coefficient, degree = monomial
    above = order + 1
    series = Call("hyp1f1", (_ratio(order), _ratio(above), Call("mul", (-1, argument))))
    powers = Call("mul", (Call("pow", (coefficient, _ratio(order))), _power("x", int(degree * order))))
    return Call("mul", (_ratio(-1 / order), Call("mul", (powers, series))))


def _fraction(node: Node) -> Fraction | None:
    """A positive fraction that is no integer."""
    if isinstance(node, Call) and node.token == "div":
        top, bottom = node.operands
        if isinstance(top, int) and isinstance(bottom, int) and bottom and top % bottom and top * bottom > 0:
            return Fraction(top, bottom)
    return None


def _ratio(number: Fraction) -> Node:
    return Call("div", (number.numerator, number.denominator))


def _monomial(node: Node) -> tuple[Node, int] | None:
    """Coefficient and degree of c*x**n with n > 0 and c free of x."""
    factors = _factors(node)
    degree = factors.pop("x", 0)
    coefficient = _product([_power(factor, exponent) for factor, exponent in factors.items()])
    return (coefficient, degree) if degree > 0 and "x" not in flatten(coefficient) else None
