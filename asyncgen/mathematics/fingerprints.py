"""Numeric fingerprints: the same for a function and its multiples by a constant, however they are written."""

from collections.abc import Sequence

from flint import acb, arb, ctx

from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.tokens import ARBITRARY, UNKNOWNS

PLACES = (0.7109375 + 0.04296875j, -0.4140625 + 0.05078125j, 1.3359375 - 0.03515625j)  # off cuts and poles
REAL_PLACES = (0.7109375, 1.3359375, 2.1484375)  # for abs and sign, which have values nowhere else
OTHERS = (0.8828125, -1.1796875, 0.6328125, 1.4609375, -0.5546875)  # for Y, Y', Y'' and constants, next to x
BITS = 160
DIGITS = 14
WIDEST = 1e-25  # of a ratio, absolutely, and of its size


def fingerprint(tokens: Sequence[str]) -> str | None:
    """The ratios f(b)/f(a), f(c)/f(a) at three places, rounded; None where f is not known at one of them.

    Functions that are multiples of each other have the same; a few others do, too: tanh(x + 100) and 1. An
    equation in Y and its derivatives is a function of them as well.
    """
    variables = ("x", *UNKNOWNS, *ARBITRARY) if not _UNUSUAL.isdisjoint(tokens) else ("x",)
    program = compile_tokens(tokens, variables=variables)
    places = PLACES if _REAL_ONLY.isdisjoint(tokens) else REAL_PLACES
    values = [_value(program, place, len(variables) - 1) for place in places]
    with ctx.workprec(BITS):
        ratios = [value / values[0] for value in values[1:]]
        if not all(_is_known(ratio) for ratio in ratios):
            return None
        return " ".join(_rounded(part) for ratio in ratios for part in (ratio.real, ratio.imag))


_UNUSUAL = frozenset((*UNKNOWNS, *ARBITRARY))
_REAL_ONLY = frozenset(("abs", "sign"))


def _value(program: Program, place: complex, others: int) -> acb:
    """The value at a place, with a number for each other variable that depends on it in a way of its own."""
    numbers = [[other + other * place ** (number + 2)] for number, other in enumerate(OTHERS[:others])]
    found = program.coefficients(BITS, 1, [place], *numbers)
    return acb("nan") if found is None else found[0]


def _is_known(ratio: acb) -> bool:
    return bool(ratio.is_finite() and ratio.rad() < WIDEST * (1 + ratio.abs_lower()))


def _rounded(part: arb) -> str:
    """The digits of a part; what is 0 but for its error is 0."""
    if part.contains(0):
        return "0"
    return str(part.str(DIGITS, radius=False))
