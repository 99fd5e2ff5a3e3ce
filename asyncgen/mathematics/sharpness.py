"""How much closer to look at points where two functions seem equal, and at which of them.

A difference is taken for 0 where its ball contains 0 and is narrow beside the function. So an error that is
small beside the function is not seen. It is seen with more bits: 320 more show what is 1e-100 of the
function. Where the function is large, as many bits are added as its size has. Then an error of 1e-100 is seen
beside e**1000, too.
"""

from collections.abc import Iterable
from functools import partial
from typing import TypeVar

from flint import acb, arb

from asyncgen.mathematics.balls import FUNCTIONS, SLOPES
from asyncgen.mathematics.series import Operation
from asyncgen.mathematics.special_balls import (
    HYPERGEOMETRIC,
    elliptic_e,
    elliptic_f,
    elliptic_pi,
    polylog,
    polylog_value,
)
from asyncgen.problems.tokens import SPECIAL

Point = TypeVar("Point")

MORE = 320  # bits: about as many as lie between 1e-12 and 1e-100, with some for rounding
COARSE = 1024  # bits: beyond these, precisions are rounded up to powers of 2, so that few are used
MOST_ELEMENTARY = 2**15  # bits at which an elementary function takes some milliseconds
MOST_SPECIAL = 2**10  # the same of erf, Ei, gamma and their like

_SLOW = {elliptic_f, elliptic_e, elliptic_pi, polylog, SLOPES[polylog][0]}
_SLOW |= {operation for name in HYPERGEOMETRIC for operation in (FUNCTIONS[name], SLOPES[FUNCTIONS[name]][0])}
_SPECIAL = {FUNCTIONS[name] for name in SPECIAL} | {SLOPES[FUNCTIONS["expint"]][0]}


def most_bits(operations: Iterable[Operation]) -> int:
    """The highest precision at which a function of these operations is looked at closer; 0 if it is slow.

    Polylogarithms, hypergeometric functions and elliptic integrals would take longer than all the rest.
    """
    most = MOST_ELEMENTARY
    for operation in operations:
        if operation in _SLOW or _is_slow_polylog(operation):
            return 0
        if operation in _SPECIAL:
            most = MOST_SPECIAL
    return most


def _is_slow_polylog(operation: Operation) -> bool:
    """Whether it is the value of a polylogarithm; that of order 1 is a logarithm."""
    return isinstance(operation, partial) and operation.func is polylog_value and operation.args[0] != 1


def sharper(bits: int, size: int, most: int) -> int | None:
    """The precision for a closer look at what is known with `bits`, or None if it is more than `most`.

    size: of the function there, as `size_of` gives it. It is left out if that would be too many bits.
    """
    for wanted in (bits + MORE + max(size, 0), bits + MORE):
        rounded = wanted if wanted <= COARSE else 1 << (wanted - 1).bit_length()
        if rounded <= most:
            return rounded
    return None


def size_of(value: acb) -> int:
    """The least n, or one more, with |value| <= 2**n."""
    mantissa, exponent = value.abs_upper().mid().man_exp()
    return int(exponent) + int(mantissa).bit_length()


def most_telling(known: Iterable[tuple[Point, float, acb]], both_sides: bool) -> list[Point]:
    """The point at which the function is smallest, or one on either side of 0; given are (point, x, value).

    An error is most likely to be seen there. Of branches, those on the two sides of 0 differ most often.
    """
    smallest: dict[bool, tuple[arb, Point]] = {}
    for point, x, value in known:
        side = both_sides and x < 0
        size = value.abs_upper()
        if side not in smallest or size < smallest[side][0]:
            smallest[side] = size, point
    return [point for _, point in smallest.values()]
