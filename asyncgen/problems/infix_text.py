"""The text of a function for people, in the notation of Python and SymPy."""

from collections.abc import Callable, Sequence
from typing import Any

from asyncgen.problems.tokens import ALL_LEAVES, BOUND, fold
from asyncgen.problems.tree import folded

# How tightly a text holds together, loosest first. A text with a minus in front is a product.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_Text = tuple[int, str]


def to_infix(function: str | Sequence[str]) -> str:
    """A function, as prefix text or tokens, in the notation of Python and SymPy.

    Parentheses stand only where the value needs them: mul x mul x x is x*x*x. Raises ParseError
    when the tokens are not exactly one expression.
    """
    tokens = function.split() if isinstance(function, str) else function
    return fold(tokens, _write_leaf, _write, ALL_LEAVES)[1]


def infix_of(tree: Any) -> str:
    """The same of a tree: (token, operand, ...), integers, and names of any kind."""
    return folded(tree, _write_leaf, _write)[1]


def _write_leaf(value: str | int) -> _Text:
    if isinstance(value, int) and value < 0:
        return _PRODUCT, str(value)
    return _ATOM, str(value)


def _write(token: str, operands: Sequence[_Text]) -> _Text:
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


def _rootsum(polynomial: _Text, term: _Text) -> _Text:
    return _ATOM, f"RootSum({polynomial[1]}, Lambda({BOUND}, {term[1]}))"


_WRITERS: dict[str, Callable[..., _Text]] = {
    **{"add": _add, "sub": _sub, "mul": _mul, "div": _div, "pow": _pow, "rac": _rac, "inv": _inv},
    "pow2": lambda base: (_POWER, f"{_held(base, _ATOM)}**2"),
    "pow3": lambda base: (_POWER, f"{_held(base, _ATOM)}**3"),
    "pow4": lambda base: (_POWER, f"{_held(base, _ATOM)}**4"),
    "pow5": lambda base: (_POWER, f"{_held(base, _ATOM)}**5"),
    "rootsum": _rootsum,
}
_SYMPY_NAMES = {"ln": "log", "abs": "Abs"}
