"""What the notations of FriCAS and Maxima have in common: operators, powers and constants."""

import re
from collections.abc import Collection, Mapping

from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.tokens import BOUND, fold

LONGEST = 40_000  # characters of an answer worth reading

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}
_POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}
_CONSTANTS = {"pi": "%pi", "E": "%e", "I": "%i", "x": "x"}
_CONSTANTS_BACK = {"pi": "pi", "e": "E", "i": "I"}
_CONSTANT_NAMES = re.compile(r"%(pi|e|i)\b")


def written(tokens: tuple[str, ...], spellings: Mapping[str, str], unknown: Collection[str]) -> str:
    """The expression as such a system reads it, its functions spelt like this.

    Raises Untranslatable for those that it does not know.
    """

    def apply(name: str, operands: list[str]) -> str:
        if name in unknown:
            raise Untranslatable(name)
        return _operation(name, operands) or f"{spellings.get(name, name)}({','.join(operands)})"

    return fold(tokens, _leaf, apply)


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
