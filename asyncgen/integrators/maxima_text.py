"""Maxima's notation: tokens to what it reads, and what it prints back to tokens."""

import re
from collections.abc import Mapping

from asyncgen.infix import ORDINARY, Call, Dialect, Node, read_infix
from asyncgen.integrators.common_text import LONGEST, with_our_constants, written
from asyncgen.notation import Untranslatable
from asyncgen.tokens import ARITY, SPECIAL

_SPELLINGS = {  # of ours in Maxima's terms; both mean the same
    "ln": "log",
    "sign": "signum",
    "fresnels": "fresnel_s",
    "fresnelc": "fresnel_c",
    "LambertW": "lambert_w",
    "uppergamma": "gamma_incomplete",
    "Ei": "expintegral_ei",
    "li": "expintegral_li",
    "Si": "expintegral_si",
    "Ci": "expintegral_ci",
    "Shi": "expintegral_shi",
    "Chi": "expintegral_chi",
    "loggamma": "log_gamma",
}
_SAME = frozenset(("erf", "erfc", "erfi", "gamma", "elliptic_f", "elliptic_e"))
_UNKNOWN = SPECIAL.keys() - _SPELLINGS.keys() - _SAME
_POLYLOGARITHM = re.compile(r"\bli\[([1-9])\]\(")


def to_maxima(tokens: tuple[str, ...]) -> str:
    """The expression as Maxima reads it. Raises Untranslatable for what it does not know."""
    return written(tokens, _SPELLINGS, _UNKNOWN)


def from_maxima(text: str) -> tuple[str, ...]:
    """The tokens of an answer. Raises Untranslatable or ParseError for what has no notation here."""
    if len(text) > LONGEST:
        raise Untranslatable("long")
    text = _POLYLOGARITHM.sub(r"polylog(\1,", text)
    return read_infix(with_our_constants(text), _DIALECT)


def _build(name: str, operands: tuple[Node, ...]) -> Node:
    """A call in Maxima's terms as one in ours."""
    if name == "atan2":  # of y and x: twice the angle at the circle
        y, x = operands
        radius = Call("sqrt", (Call("add", (Call("pow2", (x,)), Call("pow2", (y,)))),))
        return Call("mul", (2, Call("atan", (Call("div", (y, Call("add", (radius, x)))),))))
    return Call("sqrt", operands[:1]) if name == "pow" and operands[1] == _HALF else Call(name, operands)


_HALF = Call("div", (1, 2))
# Maxima's li is a function of two sorts of argument, and means another thing than ours: left out.
_FUNCTIONS: Mapping[str, tuple[str, int]] = {
    **{name: meant for name, meant in ORDINARY.functions.items() if name not in _SPELLINGS},
    "atan2": ("atan2", 2),
    **{maxima: (ours, ARITY[ours]) for ours, maxima in _SPELLINGS.items()},
}
_DIALECT = Dialect(ORDINARY.names, _FUNCTIONS, _build)
