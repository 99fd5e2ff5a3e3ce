"""Numeric fingerprints: the same for a function and its multiples by a constant, however they are written."""

from collections.abc import Sequence

from flint import acb, arb, ctx

from asyncgen.mathematics.values import compile_tokens

PLACES = (0.7109375 + 0.04296875j, -0.4140625 + 0.05078125j, 1.3359375 - 0.03515625j)  # off cuts and poles
BITS = 160
DIGITS = 14
WIDEST = 1e-25  # of a ratio, absolutely, and of its size


def fingerprint(tokens: Sequence[str]) -> str | None:
    """The ratios f(b)/f(a), f(c)/f(a) at three places, rounded; None where f is not known at one of them.

    Functions that are multiples of each other have the same; a few others do, too: tanh(x + 100) and 1.
    """
    program = compile_tokens(tokens)
    first, *others = (program.value_at(place, BITS) for place in PLACES)
    with ctx.workprec(BITS):
        ratios = [value / first for value in others]
        if not all(_is_known(ratio) for ratio in ratios):
            return None
        return " ".join(_rounded(part) for ratio in ratios for part in (ratio.real, ratio.imag))


def _is_known(ratio: acb) -> bool:
    return bool(ratio.is_finite() and ratio.rad() < WIDEST * (1 + ratio.abs_lower()))


def _rounded(part: arb) -> str:
    """The digits of a part; what is 0 but for its error is 0."""
    if part.contains(0):
        return "0"
    return str(part.str(DIGITS, radius=False))
