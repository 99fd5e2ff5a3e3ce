"""What the notations of FriCAS and Maxima have in common: operators, powers and constants."""

import re
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import NamedTuple

from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.tokens import BOUND, fold
from asyncgen.problems.tree import Call, Node

LONGEST = 40_000  # characters of an answer worth reading

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}
_POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}
_RATIONAL = frozenset((*_INFIX, *_POWERS, "inv")) - {"pow"}
_CONSTANTS = {"pi": "%pi", "E": "%e", "I": "%i", "x": "x"}
_CONSTANTS_BACK = {"pi": "pi", "e": "E", "i": "I"}
_CONSTANT_NAMES = re.compile(r"%(pi|e|i)\b")


def written(tokens: tuple[str, ...], spellings: Mapping[str, str], unknown: Collection[str]) -> str:
    """The expression as such a system reads it, its functions spelt like this.

    Raises Untranslatable for those that it does not know.
    """
    return fold(tokens, _leaf, lambda name, operands: _applied(name, operands, spellings, unknown))


def _applied(name: str, operands: list[str], spellings: Mapping[str, str], unknown: Collection[str]) -> str:
    if name in unknown:
        raise Untranslatable(name)
    return _operation(name, operands) or f"{spellings.get(name, name)}({','.join(operands)})"


class Named(NamedTuple):
    """An expression as such a system reads it, with names for its constants that are no rational numbers."""

    text: str
    names: Mapping[str, Node]  # what each name stands for


def named(tokens: tuple[str, ...], spellings: Mapping[str, str], unknown: Collection[str]) -> Named:
    """The same with a name for each largest constant: what such systems know of constants can be wrong."""
    names: dict[str, Node] = {}

    def name_of(part: _Part) -> str:
        if part.kind is not _Kind.CONSTANT:
            return part.text
        name = next((name for name, node in names.items() if node == part.node), f"agenc{len(names)}")
        names[name] = part.node
        return name

    def apply(token: str, parts: list[_Part]) -> _Part:
        kind = max(part.kind for part in parts)
        if kind is _Kind.NUMBER and token not in _RATIONAL:
            kind = _Kind.CONSTANT
        texts = [name_of(part) if kind is _Kind.FUNCTION else part.text for part in parts]
        node = Call(token, tuple(part.node for part in parts))
        return _Part(kind, _applied(token, texts, spellings, unknown), node)

    whole = fold(tokens, lambda value: _Part(_kind(value), _leaf(value), value), apply)
    return Named(name_of(whole), names)


class _Kind(IntEnum):
    NUMBER = 0
    CONSTANT = 1
    FUNCTION = 2


class _Part(NamedTuple):
    kind: _Kind
    text: str
    node: Node


def _kind(value: str | int) -> _Kind:
    if isinstance(value, int):
        return _Kind.NUMBER
    return _Kind.FUNCTION if value == "x" else _Kind.CONSTANT


def with_our_constants(text: str) -> str:
    """An answer with the constants named as in ordinary notation."""
    return _CONSTANT_NAMES.sub(lambda match: _CONSTANTS_BACK[match[1]], text)


def _leaf(token: str | int) -> str:
    if token == BOUND:
        raise Untranslatable("rootsum")
    return f"({token})" if isinstance(token, int) else _CONSTANTS[token]


def _operation(name: str, operands: list[str]) -> str | None:
    """An operator between or before its operands; None for a function."""
    if name in _INFIX:
        return f"({operands[0]}{_INFIX[name]}{operands[1]})"
    if name in _POWERS:
        return f"({operands[0]}^{_POWERS[name]})"
    if name == "inv":
        return f"(1/{operands[0]})"
    return f"({operands[0]}^(1/{operands[1]}))" if name == "rac" else None
