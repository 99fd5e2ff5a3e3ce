"""Does an antiderivative F jump where its function f is continuous?

On each interval on which both are continuous, F grows as the integral of f does. So what F grows by
between near points is compared with what f and f' say (the trapezoidal rule with a correction at its ends,
whose error falls with the fifth power of the distance). Where they differ, the interval is halved until the
difference is gone, or f shows a pole, or a jump is proven: F grows by more than the largest |f| on the
interval allows.
"""

from collections.abc import Iterator
from itertools import pairwise

from flint import acb, arb

from asyncgen.mathematics.programs import Program

NEAR = [n / 7 + 0.0123 for n in range(-49, 50, 3)]
FAR = [-31.7, -17.9, -11.3, 11.3, 17.9, 31.7]
GRID = sorted((*NEAR, *FAR))
MOST_LOOKED_INTO = 6  # intervals in which the growths differ
MOST_HALVINGS = 50
NOTICED = 0.002  # of |f| times the length, and
SMALLEST = 1e-6  # of |F|: differences that are looked into
HALVINGS_TO_A_POLE = 4  # after these |f| times the length has fallen below
SHORTEST = 1e-9  # interval that is halved: its middle is a float that lies well inside
POLE = 1 / 4  # of what it was, or there is a pole
NARROW, TINY = 0.1, 1e-3  # of |f|, and absolutely: how far f may vary where it is continuous


class _Point:
    """A real point with f, f' and F there, as far as they are known and real parts matter."""

    __slots__ = ("answer", "f", "slope", "x")

    def __init__(self, f: Program, answer: Program, x: float) -> None:
        dual = f.at(x)
        self.x, self.f, self.slope = x, dual.value, dual.derivative
        self.answer = answer.value_at(x) if self.is_real else acb("nan")

    @property
    def is_real(self) -> bool:
        return self.f.is_finite() and self.slope.is_finite() and self.f.imag.contains(0)

    @property
    def is_known(self) -> bool:
        return self.answer.is_finite()


def jumps(f: Program, answer: Program) -> Iterator[tuple[float, float]]:
    """Intervals, each with a jump of F between its ends while f is bounded on it."""
    points = [_Point(f, answer, x) for x in GRID]
    suspects = [pair for pair in pairwise(points) if _differ(*pair)]
    for left, right in sorted(suspects, key=lambda pair: -_excess(*pair))[:MOST_LOOKED_INTO]:
        found = _halved(f, answer, left, right)
        if found is not None:
            yield found


def _excess(left: _Point, right: _Point) -> float:
    return _difference(left, right) / (1e-9 + _size(left, right))


def _differ(left: _Point, right: _Point) -> bool:
    if not (left.is_known and right.is_known):
        return False
    difference = _difference(left, right)
    return difference > NOTICED * _size(left, right) and difference > SMALLEST * (
        1 + float(abs(left.answer.mid()))
    )


def _difference(left: _Point, right: _Point) -> float:
    """How far the increment of F is from the integral of f, roughly."""
    h = right.x - left.x
    integral = (left.f + right.f) * h / 2 - (right.slope - left.slope) * h * h / 12
    return float(abs((right.answer - left.answer - integral).mid()))


def _size(left: _Point, right: _Point) -> float:
    return (float(abs(left.f.mid())) + float(abs(right.f.mid()))) * (right.x - left.x)


def _halved(f: Program, answer: Program, left: _Point, right: _Point) -> tuple[float, float] | None:
    """The interval with the jump in it, proven; None where there is none, or none is proven."""
    size = _size(left, right)
    waiting = [(0, left, right)]
    for _ in range(MOST_HALVINGS):
        if not waiting:
            return None
        halving, left, right = waiting.pop()
        if _is_jump(f, left, right):
            return left.x, right.x
        at_pole = halving >= HALVINGS_TO_A_POLE and _size(left, right) > POLE * size
        if at_pole or right.x - left.x < SHORTEST:
            continue
        middle = _Point(f, answer, (left.x + right.x) / 2)
        halves = [pair for pair in ((left, middle), (middle, right)) if _differ(*pair)]
        waiting += [(halving + 1, *pair) for pair in sorted(halves, key=lambda pair: _excess(*pair))]
    return None


def _is_jump(f: Program, left: _Point, right: _Point) -> bool:
    """Whether F grows by more than the largest |f| on the interval times its length, f varying little."""
    h = right.x - left.x
    if _size(left, right) > 0.5 * _difference(left, right):
        return False
    bound = f.value_at(acb(arb((left.x + right.x) / 2, h / 2)))
    varying, size = float(bound.rad()), float(abs(bound.mid()))
    if not bound.is_finite() or varying > max(NARROW * size, TINY):
        return False  # f may jump there itself
    return bound.imag.contains(0) and bool(abs(right.answer - left.answer) > abs(bound) * h)
