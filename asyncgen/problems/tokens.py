"""Functions as tokens: the vocabulary of prefix notation, the walk over it.

The notation is that of Lample & Charton (arXiv 1912.01412, section 2 and appendix C): operators
before their operands, and integers as a sign token and decimal digits (`INT+ 1 2` is 12).
"""

import hashlib
import re
from collections.abc import Callable, Container, Sequence
from functools import lru_cache
from operator import length_hint
from typing import Any, TypeVar

from asyncgen.problems import polynomials
from asyncgen.problems.errors import ParseError, shown
from asyncgen.problems.polynomials import Polynomial

T = TypeVar("T")

BINARY = ("add", "sub", "mul", "div", "pow", "rac")
UNARY = (
    *("inv", "pow2", "pow3", "pow4", "pow5", "sqrt", "exp", "ln", "abs", "sign"),
    *("sin", "cos", "tan", "cot", "sec", "csc"),
    *("asin", "acos", "atan", "acot", "asec", "acsc"),
    *("sinh", "cosh", "tanh", "coth", "sech", "csch"),
    *("asinh", "acosh", "atanh", "acoth", "asech", "acsch"),
)
CONSTANTS = ("pi", "E", "I")
VARIABLES = ("x",)
SIGNS = ("INT+", "INT-")

# Not in the published vocabulary: engines' answers beyond elementary functions, named as in SymPy.
SPECIAL: dict[str, int] = {
    **dict.fromkeys(("erf", "erfc", "erfi", "Ei", "li", "Si", "Ci", "Shi", "Chi"), 1),
    **dict.fromkeys(("fresnels", "fresnelc", "gamma", "loggamma", "LambertW"), 1),
    **dict.fromkeys(("polylog", "lowergamma", "uppergamma", "expint"), 2),
    **dict.fromkeys(("elliptic_f", "elliptic_e"), 2),
    "elliptic_pi": 3,
    # pFq, named as in mpmath: p upper parameters, q lower ones, then the argument
    **{"hyp0f1": 2, "hyp1f1": 3, "hyp1f2": 4, "hyp2f1": 4, "hyp2f2": 5, "hyp2f3": 6, "hyp3f2": 6},
}

ARITY: dict[str, int] = {
    **dict.fromkeys(BINARY, 2),
    **dict.fromkeys(UNARY, 1),
    **SPECIAL,
}
LEAVES = frozenset((*CONSTANTS, *VARIABLES))

# In differential equations, as in the published files: Y is unknown, and its solutions have constants.
UNKNOWNS = ("Y", "Y'", "Y''")
ARBITRARY = ("a8", "a9")
ALL_LEAVES = LEAVES.union(UNKNOWNS, ARBITRARY)

# Nor is this: `rootsum P T` is the sum of T over the roots of the polynomial P, each as often as it is one.
# Both are written in the bound variable, which has no meaning elsewhere; P has rational coefficients.
SUMS: dict[str, int] = {"rootsum": 2}
BOUND = "z"

MAX_LENGTH = 100_000  # characters of a text from outside: nothing that anybody means is longer
MAX_DIGITS = 1000  # of one integer: Python's own conversion stops at 4300
MAX_POLYNOMIAL = 10_000  # tokens of a sum's polynomial, so that reading it takes no time to speak of

_DIGITS = frozenset("0123456789")
_SHOWN_DIGITS = 12  # of an integer in a message
_STRAY_DIGITS = "digits without INT+ or INT- before them"
OUTSIDE = "'z' stands for the roots in a RootSum and means nothing outside: the variable is x"
NESTED = "a RootSum inside a RootSum"


def fold(
    tokens: Sequence[str],
    leaf: Callable[[str | int], T],
    apply: Callable[[str, list[T]], T],
    leaves: Container[str] = LEAVES,
) -> T:
    """Evaluate a prefix sequence bottom-up: `leaf` for names and integers, `apply` for operators.

    Safe on tokens from anywhere: linear time, no recursion. Raises ParseError when the tokens are
    not exactly one expression; its column counts characters, with one space between tokens. A sum
    over roots comes to `apply`, its variable to `leaf`, and neither where it does not belong.
    """
    stack: list[T] = []
    digits: list[str] = []
    checked = False  # whether each sum and each of their variables stands where it may
    rest = reversed(tokens)
    try:
        for token in rest:
            if token in _DIGITS:
                digits.append(token)
            elif token in SIGNS:
                stack.append(leaf(_integer(token, digits)))
            elif digits:
                raise ParseError(_STRAY_DIGITS)
            elif token in leaves:
                stack.append(leaf(token))
            elif (arity := ARITY.get(token)) is not None:
                stack.append(apply(token, _operands(token, arity, stack)))
            else:  # looked at last, since it is rare: functions without sums are walked as fast as ever
                arity = _arity_in_sums(tokens, length_hint(rest))
                checked = checked or _check_sums(tokens)
                stack.append(apply(token, _operands(token, arity, stack)) if arity else leaf(token))
        return _only(stack, digits)
    except _MisplacedError:
        raise
    except ParseError as error:
        error.column = _column(tokens, length_hint(rest))
        raise


def tree_of(tokens: Sequence[str], leaves: Container[str] = LEAVES) -> Any:
    """The tree (token, operand, ...) of a function in prefix notation. Raises ParseError."""
    return fold(tokens, lambda leaf: leaf, lambda token, operands: (token, *operands), leaves)


def read_prefix(text: str, leaves: Container[str] = LEAVES) -> tuple[str, ...]:
    """The tokens of a text in prefix notation; ParseError unless it is exactly one expression."""
    if len(text) > MAX_LENGTH:
        raise ParseError(f"more than {MAX_LENGTH} characters: too long for a function")
    tokens = tuple(text.split())
    try:
        fold(tokens, lambda _: None, lambda _token, _operands: None, leaves)
    except ParseError as error:
        error.column = _column_in(text, error.column)
        raise
    return tokens


def _column_in(text: str, column: int) -> int:
    """The column in a text of what stands in this one where single spaces part the tokens."""
    for token in re.finditer(r"\S+", text):
        if column <= len(token[0]):
            return token.start() + column
        column -= len(token[0]) + 1
    return column


def skeleton(tokens: Sequence[str]) -> str:
    """The tokens with C for every integer: what is left of a function without its numbers."""
    return " ".join("C" if token in SIGNS else token for token in tokens if not token.isdigit())


def seed_of(tokens: Sequence[str]) -> int:
    """64 bits that follow from the tokens alone, alike on every machine (SHA-256 of the prefix text)."""
    return int.from_bytes(hashlib.sha256(" ".join(tokens).encode()).digest()[:8], "little")


def _integer(sign: str, digits: list[str]) -> int:
    """The integer of a sign token and the digits after it, last one first; uses them up."""
    if not digits:
        raise ParseError(f"'{sign}' needs digits after it")
    if len(digits) > MAX_DIGITS:
        raise ParseError(f"an integer of more than {MAX_DIGITS} digits")
    value = int("".join(reversed(digits)))
    digits.clear()
    return value if sign == "INT+" else -value


def _operands(token: str, arity: int, stack: list[T]) -> list[T]:
    """Take the operands of this operator from the stack."""
    if len(stack) < arity:
        raise ParseError(f"'{token}' needs {arity} operands")
    return [stack.pop() for _ in range(arity)]


def _only(stack: list[T], digits: list[str]) -> T:
    """What is left when every token has been used: one value, or a ParseError."""
    if digits:
        raise ParseError(_STRAY_DIGITS)
    if len(stack) != 1:
        raise ParseError("no expression" if not stack else "more than one expression")
    return stack[0]


# -- sums over the roots of a polynomial ---------------------------------------------------------------


class _MisplacedError(ParseError):
    """Something stands inside or outside a sum where it does not belong; the column is final."""


def polynomials_of(tokens: Sequence[str]) -> list[Polynomial]:
    """The polynomials of the sums over roots, from left to right.

    Raises ParseError for a variable outside them and for what does not belong inside. Says nothing of
    other faults: whether the tokens are one expression is for `fold` to see.
    """
    found = []
    place = 0
    while place < len(tokens):
        if tokens[place] == BOUND:
            raise _MisplacedError(OUTSIDE, _column(tokens, place))
        if tokens[place] in SUMS:
            middle = _end(tokens, place + 1)
            end = _end(tokens, middle)
            if middle == len(tokens):
                break
            found.append(_polynomial(tokens, place + 1, middle))
            _refuse(tokens, middle, end, SUMS, NESTED)
            place = end
        else:
            place += 1
    return found


def _check_sums(tokens: Sequence[str]) -> bool:
    polynomials_of(tokens)
    return True


def polynomial_in_bound(tokens: Sequence[str]) -> Polynomial:
    """The polynomial of a sum over roots; ParseError for what is none, or has no roots."""
    return _in_bound(tuple(tokens))


@lru_cache(maxsize=64)
def _in_bound(tokens: tuple[str, ...]) -> Polynomial:
    if len(tokens) > MAX_POLYNOMIAL:
        raise ParseError("the polynomial of the RootSum is too long")
    if "x" in tokens:
        raise ParseError("the polynomial of a RootSum is one in z: x has no place in it")
    in_x = ["x" if token == BOUND else token for token in tokens]
    try:
        polynomial = fold(in_x, polynomials.leaf, polynomials.apply)
    except polynomials.NotPolynomial as error:
        raise ParseError(f"a RootSum needs a polynomial in z with rational coefficients: {error}") from None
    if len(polynomial) < 2:
        raise ParseError("the polynomial of the RootSum has no roots: it is a number")
    return polynomial


def _arity_in_sums(tokens: Sequence[str], place: int) -> int:
    """The arity of a sum, 0 for its variable; ParseError for a token that nobody knows."""
    token = tokens[place]
    if token != BOUND and token not in SUMS:
        raise ParseError(f"unknown token {shown(token)}{_as_integer(token, tokens[place - 1 : place])}")
    return SUMS.get(token, 0)


def _as_integer(token: str, before: Sequence[str]) -> str:
    """How a number that is written in one piece, such as 12 or -3, is written in tokens; "" if it is none."""
    digits = token.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(token) - len(digits) < 2):
        return ""
    own = {"+": "INT+", "-": "INT-"}.get(token[0])
    sign = own or (before[0] if before and before[0] in SIGNS else "INT+")
    apart = " ".join(digits[:_SHOWN_DIGITS]) + (" ..." if len(digits) > _SHOWN_DIGITS else "")
    return f": the digits of an integer stand apart, write {sign} {apart}"


def _polynomial(tokens: Sequence[str], start: int, end: int) -> Polynomial:
    _refuse(tokens, start, end, SUMS, NESTED)
    try:
        return polynomial_in_bound(tokens[start:end])
    except ParseError as error:
        raise _MisplacedError(str(error), _column(tokens, start)) from None


def _refuse(tokens: Sequence[str], start: int, end: int, unwanted: Container[str], message: str) -> None:
    for place in range(start, end):
        if tokens[place] in unwanted:
            raise _MisplacedError(message, _column(tokens, place))


def _end(tokens: Sequence[str], start: int) -> int:
    """Where the expression that begins here ends, its digits included; all tokens if it does not end."""
    missing = 1
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token in _DIGITS:
            continue
        if not missing:
            return place
        missing += (ARITY.get(token) or SUMS.get(token) or 0) - 1
    return len(tokens)


def _column(tokens: Sequence[str], place: int) -> int:
    """Where the token at this place begins in the text, counted from 1."""
    return 1 + sum(len(token) + 1 for token in tokens[:place])
