"""Is F' = f? Rigorous ball arithmetic at real and complex points that follow from f's tokens.

A point counts only if f and F' are known there: both balls finite, and their difference known to
1e-12 of |f|, or to 1e-100 where f may be 0; precision is raised until it is. Where the ball of the
difference leaves out 0, the answer is wrong at that point, for certain; where it contains 0, the
answer may still be wrong by less than the ball's radius. So a refutation is rigorous and a
confirmation is evidence at points.

An error that is small beside f hides in that radius. So a confirmation needs a closer look, at 1e-100 of |f|,
at the point where |f| is smallest; and where F' differs from f at one point, all that agree are looked at so.

What decides is f's real domain: the points where f is real. Where it has none among the points
tried, the real line decides, f being complex there, and only then points off the line, on which f
and F may lay their branch cuts differently and still belong together on the real domain.
docs/labels.md says what each verdict is worth.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from itertools import islice

from flint import acb, arb

from asyncgen.mathematics.intervals import intervals
from asyncgen.mathematics.points import complex_points, real_points
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.sharpness import most_telling, sharper, size_of
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.tokens import seed_of

ENOUGH = 5  # agreeing points that a confirmation needs
ENOUGH_WITH_BRANCHES = 12  # looked for where f or F has branches: each may hold on a part of the domain
PRECISIONS = (64, 128, 256, 512)  # bits
MOST_UNDEFINED = 2  # precisions at which F' has no value before it is not asked for at higher ones
TOLERANCE = 1e-12  # of |f|: how well the difference must be known
ZERO = 1e-100  # and absolutely, where f is not known to differ from 0 at the last precision
REAL_POINTS = 22  # looked at in any case: one of each sign on each scale
ANALYTIC_POINTS = 10  # these, if f and F have no branches: if they agree on an interval, they agree
MORE_REAL_POINTS = 142  # looked at while fewer than ENOUGH were in the domain and usable
LINE_POINTS = 10  # looked at where f is complex on the real line
COMPLEX_POINTS = 16  # looked at where the real line does not settle it
PLACING_POINTS = 30  # looked at to place where an answer fails
MOST_UNKNOWN = 1 / 3  # of the agreeing points: more that are unknown leave too much open ...
MODERATE = 4.0  # ... counted among points less than this from 0: farther out, cancellation is common


class Verdict(StrEnum):
    """What the check of an answer came to; the values begin a row's reason."""

    CONFIRMED = "confirmed"  # equal at every usable point, and there were enough
    BRANCH = "branch"  # equal on a part of the domain only
    REFUTED = "refuted"  # equal nowhere
    POINTS = "points"  # too few usable points to tell


class Finding(Enum):
    """What one point says."""

    AGREES = auto()
    VANISHES = auto()  # the same where f may be 0: whether it is real there is not known, at first
    DIFFERS = auto()
    UNKNOWN = auto()  # f is known, but F' is undefined or not known well enough
    COMPLEX = auto()  # a real point where f is known and not real: not looked at further
    OUTSIDE = auto()  # f is undefined or not known here


class Ground(StrEnum):
    """What a verdict rests on."""

    REAL = "real"  # points where f is real
    LINE = "line"  # real points, f being real at none of those tried
    PLANE = "plane"  # points off the real line, too, since the others were too few or all differ


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict with its evidence: each point tried, and what it said.

    `where` tells on what part of the domain the answer fails ("x<0", "x<-1,x>1", "-2<x<0.5"), is not known
    (if the verdict is POINTS), or one word: "many" for more than three intervals, "line" for all of the
    real line though not off it, "plane" for places off the real line. Borders are rounded.
    """

    verdict: Verdict
    ground: Ground
    where: str
    real: tuple[tuple[complex, Finding], ...]
    complex: tuple[tuple[complex, Finding], ...]
    varies: bool  # whether two values of f were seen that differ for certain

    @property
    def reason(self) -> str:
        """Verdict and place in one word, as a row keeps them: "branch:x<0"."""
        return f"{self.verdict.value}:{self.where}" if self.where else self.verdict.value

    def count(self, finding: Finding) -> int:
        """How many points, real and complex, said this."""
        return _count(self.real, finding) + _count(self.complex, finding)


def check(
    integrand: Sequence[str], answer: Sequence[str], seed: int | None = None, points: int | None = None
) -> Check:
    """Whether the derivative of the answer is the integrand; both are tokens in prefix notation.

    The points follow from the seed alone (64 bits), which by default follows from the integrand's tokens, so
    that the same function gets the same verdict whenever it comes. `points` is how many real ones are looked
    at in any case, if more than usual. Raises ParseError for what is no prefix.
    """
    seed = seed_of(integrand) if seed is None else seed
    comparison = _Comparison(compile_tokens(integrand), compile_tokens(answer, slope_only=True), seed)
    return comparison.run(points or 0)


Findings = list[tuple[complex, Finding]]


class _Comparison:
    """The comparison under way: the evidence so far."""

    def __init__(self, integrand: Program, answer: Program, seed: int) -> None:
        self.integrand = integrand
        self.answer = answer
        self.points = real_points(seed)
        self.off_axis = complex_points(seed)
        self.ground = Ground.REAL
        self.level = 0  # of PRECISIONS: where the next point begins
        self.real: Findings = []
        self.inside: Findings = []  # those of them that count
        self.complex: Findings = []
        self.of_zeros = Finding.VANISHES  # what a point says where f and F' may be 0
        self.analytic = integrand.single_valued and answer.single_valued
        self.known: dict[complex, tuple[int, acb]] = {}  # bits and f, where they agree so far
        self.closer = False  # whether points are looked at closer as soon as they agree

    def run(self, points: int = 0) -> Check:
        """Look at some points, these many at least, and at more where those do not settle it."""
        usual = ANALYTIC_POINTS if self.analytic else REAL_POINTS
        self._look(islice(self.points, max(usual, points)))
        enough = ENOUGH if self.analytic else ENOUGH_WITH_BRANCHES
        if self._agree_at_less_than(enough):
            self._look_on(enough)
        self._settle_zeros()
        if not self.inside:
            self._look_at_the_line()
        self._sharpen()
        if not self._settled():
            self._look_off_the_line()
            self._sharpen()
        elif not self._clean():
            self._look(islice(self.points, PLACING_POINTS))
            self._sharpen()
        verdict = self._verdict()
        where, varies = self._where(verdict), self._varies()
        return Check(verdict, self.ground, where, tuple(self.real), tuple(self.complex), varies)

    def _varies(self) -> bool:
        known = [value for _, value in self.known.values()]
        return any(not value.overlaps(known[0]) for value in known[1:])

    def _settle_zeros(self) -> None:
        """Points where f may be 0 agree, unless f is complex at others, and known to be real at none.

        The complex exp(99*x)*sqrt(-1 - x**2) is 0 to all digits where x < -9: that is no real domain.
        """
        real = {finding for _, finding in self.inside}.intersection((Finding.AGREES, Finding.DIFFERS))
        count = bool(real) or not _count(self.real, Finding.COMPLEX)
        settled = Finding.AGREES if count else Finding.COMPLEX
        self.real = [(point, settled if _vanishes(finding) else finding) for point, finding in self.real]
        self.inside = [
            (point, settled if _vanishes(finding) else finding)
            for point, finding in self.inside
            if count or not _vanishes(finding)
        ]
        self.of_zeros = Finding.AGREES

    def _look(self, points: Iterator[complex]) -> None:
        for point in points:
            finding = self._compare(point)
            self.real.append((point, finding))
            if finding not in (Finding.OUTSIDE, Finding.COMPLEX):
                self.inside.append((point, finding))

    def _look_on(self, enough: int) -> None:
        """More real points: every other one near a point in the domain, which may be narrow."""
        for place in range(MORE_REAL_POINTS):
            point = next(self.points)
            if self.inside and place % 2:
                near = self.inside[place // 2 % len(self.inside)][0]
                point = near * (1 + 2.0 ** -(place % 7) * (point / 128))
            self._look(iter((point,)))
            if not self._agree_at_less_than(enough):
                return

    def _look_at_the_line(self) -> None:
        """Compare the complex values at the first real points, f being real at none."""
        self.ground = Ground.LINE
        known = [point for point, finding in self.real if finding is Finding.COMPLEX]
        self._look(islice(iter(known), LINE_POINTS))

    def _look_off_the_line(self) -> None:
        self.ground = Ground.PLANE
        points = islice(self.off_axis, COMPLEX_POINTS)
        self.complex.extend((point, self._compare(point)) for point in points)

    def _sharpen(self) -> None:
        """Look closer: where |f| is smallest and, if F' differs from f anywhere, wherever they agree."""
        if not self._differ():
            known = [(point, point.real, f) for point, (_, f) in self.known.items()]
            self._look_closer(most_telling(known, both_sides=not self.analytic))
        if self._differ():
            self.closer = True
            self._look_closer(point for point, finding in self._counting() if finding is Finding.AGREES)

    def _look_closer(self, points: Iterable[complex]) -> None:
        wrong = {point for point in points if not self._agrees_closer(point)}
        if not wrong:
            return
        for findings in (self.real, self.inside, self.complex):
            findings[:] = [
                (point, Finding.DIFFERS if finding is Finding.AGREES and point in wrong else finding)
                for point, finding in findings
            ]

    def _agrees_closer(self, point: complex) -> bool:
        """Whether they still agree with more bits; nothing changes where that is too slow or not known.

        Two meromorphic functions that differ somewhere agree nowhere, but for single points. That holds of
        functions of those too, which are analytic but for countably many points (the identity theorem).
        """
        if self.analytic and self._differ():
            return False
        if point not in self.known:
            return True
        bits, wanted = self.known.pop(point)
        more = sharper(bits, size_of(wanted), min(self.integrand.most_bits, self.answer.most_bits))
        if more is None:
            return True
        closer = self.integrand.value_at(point, more)
        if wanted.imag.contains(0) and not closer.imag.contains(0):  # not real after all
            return True
        difference = self.answer.at(point, more).derivative - closer
        return not difference.is_finite() or difference.contains(0)

    def _counting(self) -> Findings:
        return self.inside + self.complex

    def _differ(self) -> bool:
        return _count(self._counting(), Finding.DIFFERS) > 0

    def _thin(self) -> bool:
        """Whether too few points agree for a confirmation, and none refutes one."""
        return self._agree_at_less_than(ENOUGH)

    def _agree_at_less_than(self, enough: int) -> bool:
        return _count(self.inside, Finding.AGREES) < enough and not _count(self.inside, Finding.DIFFERS)

    def _settled(self) -> bool:
        """Whether points off the line could tell nothing more: not of an F' that the line does not give."""
        findings = {finding for _, finding in self.inside}
        return findings == {Finding.UNKNOWN} or (Finding.AGREES in findings and not self._thin())

    def _clean(self) -> bool:
        """Whether every point in the domain agrees; far from 0 some may be unknown."""
        return all(
            finding is Finding.AGREES or (finding is Finding.UNKNOWN and abs(point) >= MODERATE)
            for point, finding in self.inside
        )

    def _compare(self, point: complex) -> Finding:
        """Raise the precision until this point says something; the next one begins where this one ended."""
        finding, undefined = Finding.OUTSIDE, 0
        for level in range(self.level, len(PRECISIONS)):
            bits = PRECISIONS[level]
            wanted = self.integrand.value_at(point, bits)
            error = _allowed(wanted, bits)
            if not wanted.rad() <= error:
                continue
            if self.ground is Ground.REAL and not wanted.imag.contains(0):
                return Finding.COMPLEX
            finding = Finding.UNKNOWN
            difference = self.answer.at(point, bits).derivative - wanted
            if not difference.is_finite():
                undefined += 1
                if undefined == MOST_UNDEFINED:
                    return finding
                continue
            if not difference.contains(0):
                return Finding.DIFFERS
            if difference.rad() <= error:
                if wanted.contains(0):
                    return self.of_zeros
                self.level = level
                self.known[point] = bits, wanted
                return Finding.DIFFERS if self.closer and not self._agrees_closer(point) else Finding.AGREES
        return finding

    def _verdict(self) -> Verdict:
        """Real points decide; those off the line help where these are few, or tell wrong from shifted."""
        findings = self.real + self.complex
        agreeing, differing = _count(findings, Finding.AGREES), _count(findings, Finding.DIFFERS)
        if differing:
            return Verdict.BRANCH if agreeing else Verdict.REFUTED
        return Verdict.CONFIRMED if agreeing >= ENOUGH and self._mostly_known() else Verdict.POINTS

    def _mostly_known(self) -> bool:
        """Whether F' is known on most of the domain: an answer may be undefined on one side of 0."""
        near = [(point, finding) for point, finding in self.inside if abs(point) < MODERATE]
        return _count(near, Finding.UNKNOWN) <= MOST_UNKNOWN * _count(near, Finding.AGREES)

    def _where(self, verdict: Verdict) -> str:
        """Where on the real line the answer fails, or is not known."""
        if verdict in (Verdict.CONFIRMED, Verdict.REFUTED):
            return ""
        if not _count(self.real, Finding.AGREES):
            return "" if verdict is Verdict.POINTS else "line" if self.inside else "plane"
        agreeing = ((point.real, finding is Finding.AGREES) for point, finding in self.inside)
        found = intervals(agreeing, self._agrees_at)
        return found or ("" if verdict is Verdict.POINTS else "plane")

    def _agrees_at(self, x: float) -> bool | None:
        """Whether they agree at a real point; None in a gap of the domain."""
        finding = self._compare(x)
        if finding is Finding.AGREES:
            return True
        return False if finding in (Finding.DIFFERS, Finding.UNKNOWN) else None


def _allowed(wanted: acb, bits: int) -> arb:
    """How well the difference must be known: absolutely where f is 0 to all digits, as on whole intervals."""
    if bits == PRECISIONS[-1] and wanted.contains(0) and wanted.rad() < ZERO:
        return arb(ZERO)
    return wanted.abs_lower() * TOLERANCE


def _vanishes(finding: Finding) -> bool:
    return finding is Finding.VANISHES


def _count(findings: Sequence[tuple[complex, Finding]], wanted: Finding) -> int:
    return sum([finding is wanted for _, finding in findings])
