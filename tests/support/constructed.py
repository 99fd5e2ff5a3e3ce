"""Rows of the kinds that build problem and answer together, and their values by mpmath alone."""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import count
from typing import Any

import mpmath

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.problems.kinds import Draw

Attempt = Callable[[Draw], Row]

DIGITS = 50
LARGEST = 1e5  # argument of an exponential or a periodic function
NEAR = mpmath.mpf(10) ** -12  # of the value: how well a numerical derivative agrees
PLACES = ("0.37", "-0.43", "1.71", "-1.83", "3.19", "-2.77", "0.11", "-5.3", "7.9")


def moderate(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function of what is not huge: mpmath would take minutes for sin(exp(exp(9)))."""

    def of(a: Any) -> Any:
        if abs(a) > LARGEST:
            raise OverflowError
        return function(a)

    return of


_OPERATORS: dict[str, tuple[int, Callable[..., Any]]] = {
    "add": (2, lambda a, b: a + b),
    "sub": (2, lambda a, b: a - b),
    "mul": (2, lambda a, b: a * b),
    "div": (2, lambda a, b: a / b),
    "pow": (2, lambda a, b: a**b),
    "pow2": (1, lambda a: a**2),
    "pow3": (1, lambda a: a**3),
    "pow4": (1, lambda a: a**4),
    "pow5": (1, lambda a: a**5),
    "sqrt": (1, mpmath.sqrt),
    "exp": (1, moderate(mpmath.exp)),
    "ln": (1, mpmath.log),
    **{name: (1, moderate(getattr(mpmath, name))) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{
        f"a{name}": (1, getattr(mpmath, f"a{name}")) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
}


class SeededDraw:
    """A draw whose words follow from a number."""

    def __init__(self, number: int) -> None:
        self.number = number

    operators = 0
    structural = False

    def function(self, part: str = "") -> list[str]:
        raise NotImplementedError

    second = function

    def words(self, part: str) -> Iterator[int]:
        """An endless stream, from its beginning at each call."""
        for block in count():
            text = f"{self.number} {part} {block}".encode()
            yield from struct.unpack("<64Q", hashlib.shake_128(text).digest(512))


def outcome(attempt: Attempt, number: int) -> Row | str:
    """The row of one draw, or why there is none."""
    try:
        return attempt(SeededDraw(number))
    except (Dropped, Degenerate, Undecided) as reason:
        return str(reason)


_known_outcome = cache(outcome)  # for tests that only look at rows


def rows(attempt: Attempt, numbers: Iterable[int]) -> Iterator[Row]:
    """The rows of these draws that have one."""
    for number in numbers:
        row = _known_outcome(attempt, number)
        if isinstance(row, Row):
            yield row


def value(tokens: Sequence[str], x: mpmath.mpf) -> Any:
    """The value of a function at a place. Raises ZeroDivisionError and what else mpmath raises."""
    stack: list[Any] = []
    digits = ""
    for token in reversed(tokens):
        if token.isdigit():
            digits = token + digits
        elif token in ("INT+", "INT-"):
            stack.append(mpmath.mpf(digits if token == "INT+" else f"-{digits}"))
            digits = ""
        elif token == "x":
            stack.append(x)
        elif token == "E":
            stack.append(mpmath.e)
        else:
            arity, operator = _OPERATORS[token]
            stack.append(operator(*(stack.pop() for _ in range(arity))))
    (result,) = stack
    return result


def agreeing_places(row: Row) -> int:
    """At how many places the derivative of the answer is the problem; AssertionError where it is not."""
    agreeing = 0
    with mpmath.workdps(DIGITS):
        for x in map(mpmath.mpf, PLACES):
            try:
                wanted = value(row.problem, x)
                slope = mpmath.diff(lambda t: value(row.answer, t), x)
            except (OverflowError, ZeroDivisionError):
                continue
            if mpmath.im(wanted) == 0 and 1e-10 < abs(wanted) < 1e10:
                assert abs(slope - wanted) < NEAR * abs(wanted), (row, x, slope, wanted)
                agreeing += 1
    return agreeing
