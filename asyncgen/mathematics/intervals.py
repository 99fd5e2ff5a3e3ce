"""Where on the real line something fails, in words: "x<0", "-2<x<0.5", or "many"."""

from collections.abc import Callable, Iterable
from itertools import pairwise

HALVINGS = 8  # of the gap between two points, to place a border
MOST_INTERVALS = 3  # that are spelt out

Holds = Callable[[float], bool | None]  # at a point; None where nobody can tell
_Gap = tuple[float, float]  # a point where it holds and the failing one next to it


def intervals(known: Iterable[tuple[float, bool]], holds: Holds) -> str:
    """The intervals of the points where it does not hold, with rounded borders; "" if there are none.

    `known`: points, and whether it holds there; at one of them it must.
    """
    runs = _failing_runs(sorted(known))
    return "many" if len(runs) > MOST_INTERVALS else ",".join(_interval(*run, holds) for run in runs)


def _failing_runs(points: list[tuple[float, bool]]) -> list[tuple[_Gap | None, _Gap | None]]:
    """Each run of failing points, from left to right, as the gaps that part it from the others."""
    gaps = [(a, b, good) for (a, good), (b, also) in pairwise(points) if good is not also]
    borders: list[_Gap | None] = [(a, b) if good else (b, a) for a, b, good in gaps]
    if not points[0][1]:
        borders.insert(0, None)
    if not points[-1][1]:
        borders.append(None)
    return list(zip(borders[::2], borders[1::2], strict=True))


def _interval(left: _Gap | None, right: _Gap | None, holds: Holds) -> str:
    below = f"{_border(*left, holds)}<" if left and right else ""
    if left and not right:
        return f"x>{_border(*left, holds)}"
    return f"{below}x<{_border(*right, holds)}" if right else "x"


def _border(good: float, bad: float, holds: Holds) -> str:
    """The shortest number between a point where it holds and a failing one, after some halving."""
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        found = holds(middle)
        if found is None:
            break
        good, bad = (middle, bad) if found else (good, middle)
    return _shortest(min(good, bad), max(good, bad))


def _shortest(low: float, high: float) -> str:
    """The decimal number with the fewest digits in this interval."""
    for digits in range(20):
        number = round((low + high) / 2, digits)
        if low <= number <= high:
            return f"{number + 0.0:.{digits}f}"
    return repr(low)
