"""Functions as tokens: the vocabulary of prefix notation, the walk over it, its text for people.

The notation is that of Lample & Charton (arXiv 1912.01412, section 2 and appendix C): operators
before their operands, and integers as a sign token and decimal digits (`INT+ 1 2` is 12).
"""

import hashlib
from collections.abc import Callable, Sequence
from operator import length_hint
from typing import TypeVar

from asyncgen.problems.errors import ParseError

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

MAX_LENGTH = 100_000  # characters of a text from outside: nothing that anybody means is longer
MAX_DIGITS = 1000  # of one integer: Python's own conversion stops at 4300

_DIGITS = frozenset("0123456789")
_STRAY_DIGITS = "digits without INT+ or INT- before them"

# How tightly a text holds together, loosest first. A text with a minus in front is a product.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_Text = tuple[int, str]


def fold(
    tokens: Sequence[str],
    leaf: Callable[[str | int], T],
    apply: Callable[[str, list[T]], T],
) -> T:
    """Evaluate a prefix sequence bottom-up: `leaf` for names and integers, `apply` for operators.

    Safe on tokens from anywhere: linear time, no recursion. Raises ParseError when the tokens are
    not exactly one expression; its column counts characters, with one space between tokens.
    """
    stack: list[T] = []
    digits: list[str] = []
    rest = reversed(tokens)
    try:
        for token in rest:
            if token in _DIGITS:
                digits.append(token)
            elif token in SIGNS:
                stack.append(leaf(_integer(token, digits)))
            elif digits:
                raise ParseError(_STRAY_DIGITS)
            elif token in LEAVES:
                stack.append(leaf(token))
            else:
                stack.append(apply(token, _operands(token, stack)))
        return _only(stack, digits)
    except ParseError as error:
        error.column = 1 + sum(len(token) + 1 for token in tokens[: length_hint(rest)])
        raise


def read_prefix(text: str) -> tuple[str, ...]:
    """The tokens of a text in prefix notation; ParseError unless it is exactly one expression."""
    if len(text) > MAX_LENGTH:
        raise ParseError(f"more than {MAX_LENGTH} characters: too long for a function")
    tokens = tuple(text.split())
    fold(tokens, lambda _: None, lambda _token, _operands: None)
    return tokens


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


def _operands(token: str, stack: list[T]) -> list[T]:
    """Take the operands of this operator from the stack."""
    arity = ARITY.get(token)
    if arity is None:
        raise ParseError(f"unknown token {token[:30]!a}")
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


def to_infix(function: str | Sequence[str]) -> str:
    """A function, as prefix text or tokens, in the notation of Python and SymPy.

    Parentheses stand only where the value needs them: mul x mul x x is x*x*x. Raises ParseError
    when the tokens are not exactly one expression.
    """
    tokens = function.split() if isinstance(function, str) else function
    return fold(tokens, _write_leaf, _write)[1]


def _write_leaf(value: str | int) -> _Text:
    if isinstance(value, int) and value < 0:
        return _PRODUCT, str(value)
    return _ATOM, str(value)


def _write(token: str, operands: list[_Text]) -> _Text:
    writer = _WRITERS.get(token)
    if writer is not None:
        return writer(*operands)
    arguments = ", ".join([text for _, text in operands])
    return _ATOM, f"{_SYMPY_NAMES.get(token, token)}({arguments})"


def _held(operand: _Text, level: int) -> str:
    """The operand's text, in parentheses if it holds together less tightly than `level`."""
    own, text = operand
    return text if own >= level else f"({text})"


def _factor(operand: _Text) -> str:
    """A factor that has something before it: a minus in front needs parentheses there."""
    text = _held(operand, _PRODUCT)
    return f"({text})" if text[0] == "-" else text


def _add(left: _Text, right: _Text) -> _Text:
    minus = right[1][0] == "-"
    return _SUM, f"{left[1]} - {right[1][1:]}" if minus else f"{left[1]} + {right[1]}"


def _sub(left: _Text, right: _Text) -> _Text:
    text = _held(right, _PRODUCT)
    return _SUM, f"{left[1]} + {text[1:]}" if text[0] == "-" else f"{left[1]} - {text}"


def _mul(left: _Text, right: _Text) -> _Text:
    if left[1] == "-1":
        return _PRODUCT, f"-{_factor(right)}"
    return _PRODUCT, f"{_held(left, _PRODUCT)}*{_factor(right)}"


def _div(left: _Text, right: _Text) -> _Text:
    return _PRODUCT, f"{_held(left, _PRODUCT)}/{_held(right, _POWER)}"


def _pow(base: _Text, exponent: _Text) -> _Text:
    return _POWER, f"{_held(base, _ATOM)}**{_held(exponent, _ATOM)}"


def _rac(radicand: _Text, degree: _Text) -> _Text:
    return _pow(radicand, _inv(degree))


def _inv(denominator: _Text) -> _Text:
    return _div((_ATOM, "1"), denominator)


_WRITERS: dict[str, Callable[..., _Text]] = {
    **{"add": _add, "sub": _sub, "mul": _mul, "div": _div, "pow": _pow, "rac": _rac, "inv": _inv},
    "pow2": lambda base: (_POWER, f"{_held(base, _ATOM)}**2"),
    "pow3": lambda base: (_POWER, f"{_held(base, _ATOM)}**3"),
    "pow4": lambda base: (_POWER, f"{_held(base, _ATOM)}**4"),
    "pow5": lambda base: (_POWER, f"{_held(base, _ATOM)}**5"),
}
_SYMPY_NAMES = {"ln": "log", "abs": "Abs"}
