"""May the roots of an integrand depend on each other, so that a verdict about it cannot be trusted?

Risch's algorithm treats each root as a new algebraic quantity, which it must be told truly: with sqrt(x+1),
sqrt(x-1) and sqrt(x**2-1) side by side FriCAS calls the derivative of x**3*log(acosh(x)) nonelementary.
Inverse functions bring a root of their own: acosh(u) that of u**2-1.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from asyncgen.notation import Untranslatable, to_sympy
from asyncgen.slices import EXPIRED, within
from asyncgen.tokens import fold

Tokens = tuple[str, ...]

_SECONDS = 0.1  # CPU seconds for looking at them; where that is not enough, they may depend
_MANY = 6  # different roots beyond which nothing is looked at
# The root inside each inverse function, as prefix around its operand.
_INVERSE = {
    "asin": ("sub", "INT+", "1", "pow2"),
    "acos": ("sub", "INT+", "1", "pow2"),
    "asinh": ("add", "INT+", "1", "pow2"),
    "acosh": ("add", "INT-", "1", "pow2"),
    "asec": ("add", "INT-", "1", "pow2"),
    "acsc": ("add", "INT-", "1", "pow2"),
    "asech": ("sub", "INT+", "1", "pow2"),
    "acsch": ("add", "INT+", "1", "pow2"),
}


def roots_may_depend(tokens: Sequence[str]) -> bool:
    """Whether two different roots in the function have radicands that share a factor, as far as is seen."""
    found = radicands(tokens)
    if len(found) < 2:
        return False
    if len(found) > _MANY:
        return True
    try:
        answer = within(_SECONDS, lambda: _share_a_factor([to_sympy(radicand) for radicand in found]))
    except (Untranslatable, ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError):
        return True
    return answer is EXPIRED or answer is True


def radicands(tokens: Sequence[str]) -> list[Tokens]:
    """What roots are taken of, inside inverse functions included; each once."""
    found: dict[Tokens, None] = {}

    def apply(name: str, operands: list[Tokens]) -> Tokens:
        if name in ("sqrt", "rac") or (name == "pow" and _is_fraction(operands[1])):
            found[operands[0]] = None
        elif name in _INVERSE:
            found[(*_INVERSE[name], *operands[0])] = None
        return (name, *(token for operand in operands for token in operand))

    fold(tokens, _leaf, apply)
    return list(found)


def _leaf(token: str | int) -> Tokens:
    if isinstance(token, str):
        return (token,)
    return ("INT+" if token >= 0 else "INT-", *str(abs(token)))


def _is_fraction(exponent: Tokens) -> bool:
    """Whether an exponent is constant and not an integer; one with x makes no root but an exponential."""
    return "x" not in exponent and exponent[0] not in ("INT+", "INT-")


def _share_a_factor(expressions: list[Any]) -> bool:
    from sympy import fraction, gcd, together

    products = []
    for expression in dict.fromkeys(expressions):
        above, below = fraction(together(expression))
        products.append((above * below).expand())
    return any(gcd(one, other) not in (1, -1) for one, other in combinations(products, 2))
