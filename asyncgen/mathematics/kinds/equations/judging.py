"""Does a family of functions solve an equation? Ball arithmetic at random points, with random constants.

At a point the solution and its derivatives are computed, and the equation's value R from them. The solution
fails there, for certain, where the ball of R leaves out 0. It holds, as far as can be known, where the ball
contains 0 and is so narrow that a small change of the highest derivative would be seen: R' being the slope of
R with respect to it, R/R' is that change. Only points count where the solution is real.

What holds so far may still fail by less than can be seen beside large derivatives. So the point where the
highest is smallest is looked at again, to 1e-100, and if the equation fails anywhere, so are all others.

The points follow from the row's tokens alone. Two in a row have the same constants.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import cycle, islice
from typing import NamedTuple

from flint import acb, ctx

from asyncgen.mathematics.kinds.construction import Dropped, Judged, Row, Tokens
from asyncgen.mathematics.points import magnitude, seeded_words
from asyncgen.mathematics.programs import Coefficients, Program
from asyncgen.mathematics.sharpness import most_telling, sharper, size_of
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.records import Status
from asyncgen.problems.tokens import UNKNOWNS, seed_of

ENOUGH = 12  # points where the equation holds
ENOUGH_WITHOUT_BRANCHES = 5
LEAST_SHARE = 0.2  # of the points that are decided: where it holds on less, the row is dropped
MOST_UNKNOWN = 1 / 2  # of the points where the solution is real
POINTS = 48  # that are decided, if there are that many
ANALYTIC_POINTS = 10  # these where neither side has branches: holding somewhere, it holds everywhere
MOST_POINTS = 160  # looked at
PAIRS = 8  # of points, looked at to see that the constants differ
PRECISIONS = (64, 192)  # bits
TOLERANCE = 2.0**-40  # of the highest derivative
EXPONENTS = (0, 1, -1, 2, -2, 3, -3, 4, 5, -4)  # of 2: the scales of the numbers


class Finding(Enum):
    """What one point says."""

    AGREES = auto()
    DIFFERS = auto()
    UNKNOWN = auto()  # the solution is real, but the equation's value is not known well enough
    OUTSIDE = auto()  # the solution is undefined or not real


class Evidence(NamedTuple):
    """At how many points an answer solves its problem, or not, or nobody can tell; how many are enough."""

    agreeing: int
    differing: int
    unknown: int
    enough: int

    @property
    def decided(self) -> int:
        """Points that tell something."""
        return self.agreeing + self.differing

    @property
    def is_thin(self) -> bool:
        """Whether these are too few to tell."""
        return self.agreeing < self.enough or self.unknown > MOST_UNKNOWN * (self.decided + self.unknown)


def judged(row: Row, constants: Sequence[str]) -> Judged:
    """What the check of a row came to. Raises Dropped where the answer is not known to solve the problem."""
    found = evidence(row.problem, row.answer, constants)
    agreeing, differing, decided = found.agreeing, found.differing, found.decided
    if not decided + found.unknown:
        raise Dropped("not real")
    if differing and agreeing < LEAST_SHARE * decided:
        raise Dropped("differs")
    if found.is_thin:
        raise Dropped("points")
    if differing:
        return Judged(Status.UNVERIFIED, f"part:{agreeing / decided:.2f}")
    return Judged(Status.ELEMENTARY)


def evidence(
    problem: Tokens,
    answer: Tokens,
    constants: Sequence[str],
    seed: int | None = None,
    points: int | None = None,
) -> Evidence:
    """At how many points the answer solves the problem, at how many it does not, and how many do not tell.

    The points follow from the seed alone (64 bits), which by default follows from the tokens. `points` is how
    many are asked for where the answer is real, if there are so many and it is more than usual. Raises
    Dropped where the answer is not known to have so many constants.
    """
    order = len(constants)
    seed = seed_of((*problem, *answer)) if seed is None else seed
    solution = compile_tokens(answer, variables=("x", *constants))
    equation = compile_tokens(problem, variables=(*reversed(UNKNOWNS[: order + 1]), "x"))
    _check_constants(solution, _points(seed, order))
    has_branches = not (solution.single_valued and equation.single_valued)
    usual, enough = (POINTS, ENOUGH) if has_branches else (ANALYTIC_POINTS, ENOUGH_WITHOUT_BRANCHES)
    wanted = max(usual, points or 0)
    most = max(MOST_POINTS, MOST_POINTS * wanted // POINTS)
    looks = _looks(solution, equation, islice(_points(seed, order), most), wanted)
    counts = _sharpened(solution, equation, looks)
    return Evidence(counts[Finding.AGREES], counts[Finding.DIFFERS], counts[Finding.UNKNOWN], enough)


def check_constants(answer: Tokens, constants: Sequence[str]) -> None:
    """Raises Dropped unless the family has as many constants as it seems to have.

    It has where its derivatives with respect to them are independent as functions of x. That is proved by one
    choice of points at which their determinant is not 0.
    """
    solution = compile_tokens(answer, variables=("x", *constants))
    _check_constants(solution, _points(seed_of(answer), len(constants)))


def _check_constants(solution: Program, points: Iterator[Sequence[float]]) -> None:
    for _ in range(PAIRS):
        first, second = next(points), next(points)
        order = len(first) - 1
        rows = [_slopes(solution, point) for point in (first, second)[:order]]
        if not _determinant(rows).contains(0):
            return
    raise Dropped("one constant" if order > 1 else "constant")


def _slopes(solution: Program, point: Sequence[float]) -> list[acb]:
    """The derivatives of the solution with respect to its constants."""
    found = []
    for place in range(1, len(point)):
        inputs: list[Coefficients] = [[value] for value in point]
        inputs[place] = [point[place], 1]
        coefficients = solution.coefficients(PRECISIONS[0], 2, *inputs)
        found.append(acb("nan") if coefficients is None else coefficients[1])
    return found


def _determinant(rows: Sequence[Sequence[acb]]) -> acb:
    if len(rows) == 1:
        return rows[0][0]
    (a, b), (c, d) = rows
    return a * d - b * c


class _Look(NamedTuple):
    """What a point says, at which precision, and the highest derivative there."""

    point: Sequence[float]
    finding: Finding
    bits: int = 0
    highest: acb = acb("nan")


def _looks(
    solution: Program, equation: Program, points: Iterable[Sequence[float]], wanted: int
) -> list[_Look]:
    """What the points said, until so many lie where the solution is real."""
    looks: list[_Look] = []
    inside = 0
    for point in points:
        looks.append(look := _look(solution, equation, point))
        inside += look.finding is not Finding.OUTSIDE
        if inside >= wanted:
            break
    return looks


def _look(solution: Program, equation: Program, point: Sequence[float]) -> _Look:
    """What a point says at the first precision at which it says something."""
    look = _Look(point, Finding.OUTSIDE)
    for bits in PRECISIONS:
        coefficients = _solved(solution, point, bits)
        if coefficients is None:
            continue
        if not all(coefficient.imag.contains(0) for coefficient in coefficients):
            return _Look(point, Finding.OUTSIDE)
        if not all(coefficient.imag.rad() <= TOLERANCE for coefficient in coefficients):
            continue
        look = _Look(point, _compared(equation, bits, point[0], coefficients), bits, coefficients[-1])
        if look.finding is not Finding.UNKNOWN:
            break
    return look


def _solved(solution: Program, point: Sequence[float], bits: int) -> list[acb] | None:
    """The power series of the solution at a point: as many terms as the equation has derivatives, and one."""
    x, *constants = point
    return solution.coefficients(bits, len(point), [x, 1], *[[constant] for constant in constants])


def _sharpened(solution: Program, equation: Program, looks: Sequence[_Look]) -> Counter[Finding]:
    """How many points said what, once those where the equation holds were looked at closer.

    Without branches it holds nowhere, but for single points, if it fails at one: the identity theorem.
    """
    counts = Counter(look.finding for look in looks)
    analytic = solution.single_valued and equation.single_valued
    agreeing = [look for look in looks if look.finding is Finding.AGREES]
    failing: list[_Look] = []
    if not counts[Finding.DIFFERS]:
        known = ((look, look.point[0], look.highest) for look in agreeing)
        first = most_telling(known, both_sides=not analytic)
        failing = [look for look in first if _fails_closer(solution, equation, look)]
    if counts[Finding.DIFFERS] or failing:
        failing = [look for look in agreeing if analytic or _fails_closer(solution, equation, look)]
    counts[Finding.AGREES] -= len(failing)
    counts[Finding.DIFFERS] += len(failing)
    return counts


def _fails_closer(solution: Program, equation: Program, look: _Look) -> bool:
    """Whether the equation is seen to fail with more bits; not where that is too slow or not known."""
    most = min(solution.most_bits, equation.most_bits)
    bits = sharper(look.bits, size_of(look.highest), most)
    coefficients = None if bits is None else _solved(solution, look.point, bits)
    if bits is None or coefficients is None:
        return False
    if not all(coefficient.imag.contains(0) for coefficient in coefficients):
        return False  # a solution that is not real after all
    with ctx.workprec(bits):  # for what is computed with the coefficients on the way
        return _compared(equation, bits, look.point[0], coefficients) is Finding.DIFFERS


def _compared(equation: Program, bits: int, x: float, coefficients: Sequence[acb]) -> Finding:
    """Whether the equation holds for a solution with this power series at x."""
    derivatives = [acb(c.real) * (place if place > 1 else 1) for place, c in enumerate(coefficients)]
    *lower, highest = derivatives
    known = equation.coefficients(bits, 2, [highest, 1], *[[value] for value in reversed(lower)], [x])
    if known is None:
        return Finding.UNKNOWN
    value, slope = known
    if not value.contains(0):
        return Finding.DIFFERS
    if slope.contains(0):
        return Finding.UNKNOWN
    change = value / slope
    narrow = change.rad() <= TOLERANCE * (1 + abs(highest))
    return Finding.AGREES if narrow else Finding.UNKNOWN


def _points(seed: int, order: int) -> Iterator[tuple[float, ...]]:
    """Endless points (x, constant, ...): two with the same constants, then others."""
    words = seeded_words(seed)
    scales = cycle(EXPONENTS)
    positive = True  # at first, where more functions are real
    while True:
        constants = [_number(next(words), next(scales), positive) for _ in range(order)]
        for _ in range(2):
            yield (_number(next(words), next(scales), positive), *constants)
        positive = False


def _number(word: int, exponent: int, positive: bool) -> float:
    """A number of 20 random bits in [2**exponent, 2**(exponent + 1)) or below 0; exact as a float."""
    size = magnitude(word, exponent)
    return size if positive or word >> 63 else -size
