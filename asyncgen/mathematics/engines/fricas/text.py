"""FriCAS's notation: tokens to what it reads, and what it prints back to tokens.

What it is sent is printed from tokens, never anybody's text. What it prints is read by the parser of
ordinary notation with FriCAS's names; nothing is evaluated.
"""

import re
from collections.abc import Iterator

from asyncgen.mathematics.engines.cas_text import LONGEST, with_our_constants, written
from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.infix import read_infix
from asyncgen.problems.spellings import PLAIN, Dialect
from asyncgen.problems.tokens import ARITY
from asyncgen.problems.tree import Call, Node

_SPELLINGS = {
    "ln": "log",
    "fresnels": "fresnelS",
    "fresnelc": "fresnelC",
    "LambertW": "lambertW",
    "gamma": "Gamma",
    "uppergamma": "Gamma",
}
# What FriCAS takes for a constant when it differentiates, or does not know.
_UNKNOWN = frozenset(
    (
        *(
            "abs",
            "sign",
            "loggamma",
            "expint",
            "lowergamma",
            "elliptic_f",
            "elliptic_e",
            "elliptic_pi",
            "erfc",
        ),
        *(name for name in ARITY if name.startswith("hyp")),
    )
)


def to_fricas(tokens: tuple[str, ...]) -> str:
    """The expression as FriCAS reads it. Raises Untranslatable for what it does not know."""
    return written(tokens, _SPELLINGS, _UNKNOWN)


def _build(name: str, operands: tuple[Node, ...]) -> Node:
    """A call in FriCAS's terms as one in ours."""
    if name == "dilog":  # of FriCAS: Spence's function, Li2(1 - u)
        return Call("polylog", (2, Call("sub", (1, operands[0]))))
    if name in ("elliptic_f", "elliptic_e"):  # of FriCAS: the integral from 0 to sin(phi)
        return Call(name, (Call("asin", (operands[0],)), operands[1]))
    if name == "pow" and operands[1] == Call("div", (1, 2)):
        return Call("sqrt", (operands[0],))
    return Call(name, operands)


_FUNCTIONS: dict[str, tuple[str, int]] = {
    **PLAIN.functions,
    **{_SPELLINGS.get(name, name): (name, ARITY[name]) for name in ("fresnels", "fresnelc", "LambertW")},
    "Gamma": ("uppergamma", 2),
    "dilog": ("dilog", 1),
    "ellipticF": ("elliptic_f", 2),
    "ellipticE": ("elliptic_e", 2),
}
_TYPES = re.compile(r"::(AlgebraicNumber\(\)|Symbol)")
_RESULT = re.compile(rb'\(\d+\)"(.*)"', re.DOTALL)


def result_of(output: bytes) -> str | None:
    """The text of the answer in what FriCAS printed (blanks removed); None if it printed an error."""
    found = _RESULT.search(output)
    return found[1].decode(errors="replace") if found else None


def from_fricas(text: str) -> list[tuple[str, ...]]:
    """The answers in FriCAS's text, as tokens: one, or several where it lists cases.

    Raises Untranslatable or ParseError for what has no notation here.
    """
    if len(text) > LONGEST:
        raise Untranslatable("long")
    if "rootOf(" in text:
        raise Untranslatable("rootOf")
    text = with_our_constants(_TYPES.sub("", text)).replace("pi()", "pi")
    dialect = Dialect(PLAIN.names, _FUNCTIONS, _build)
    return [read_infix(case, dialect) for case in _cases(text)]


def _cases(text: str) -> Iterator[str]:
    """The expression, or each of those in a list at the top level."""
    if not (text.startswith("[") and text.endswith("]")):
        yield text
        return
    depth, start = 0, 1
    for at in range(1, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if (text[at] == "," and depth == 0) or at == len(text) - 1:
            yield text[start:at]
            start = at + 1
