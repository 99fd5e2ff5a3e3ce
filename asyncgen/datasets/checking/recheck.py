"""What a worker does to check answers again, at other points than before, and at more of them.

The top level is light: the parent names `recheck`, and the mathematics comes in inside the functions.
"""

import hashlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.tokens import ALL_LEAVES, ARBITRARY, read_prefix

Tokens = tuple[str, ...]


class Answer(NamedTuple):
    """A row with an answer that was confirmed: what is read of it from a store."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    kind: str
    problem: str  # in prefix notation
    answer: str | None
    integral: str | None  # as text; it should be the answer
    real_answer: str | None  # as text; another answer
    run: int


class Again(StrEnum):
    """What another check of an answer came to."""

    CONFIRMED = "confirmed"  # it holds wherever it is known to
    PART = "part"  # it holds at some points, and not at others
    REFUTED = "refuted"  # it holds nowhere
    POINTS = "points"  # too few points where it is known to hold or not
    UNREADABLE = "unreadable"  # there is no function in the row's text, or no answer


class Finding(NamedTuple):
    """The verdict; the reason holds the share of points at which a `part` holds, and where it does not."""

    verdict: str
    reason: str | None = None


_CONSTANTS = {"ode1": ARBITRARY[:1], "ode2": ARBITRARY}
_WORST = (Again.UNREADABLE, Again.REFUTED, Again.PART, Again.POINTS, Again.CONFIRMED)


def load() -> None:
    """Import the mathematics, so that workers inherit it."""
    import asyncgen.mathematics.check
    import asyncgen.mathematics.kinds.equations.judging  # noqa: F401


def recheck(rows: Sequence[Answer], seed: int, points: int) -> list[Finding]:
    """What another check of each row comes to. `seed` names the points; `points` is how many, at least."""
    return [_recheck(row, seed, points) for row in rows]


def _recheck(row: Answer, seed: int, points: int) -> Finding:
    """The worst finding of the answers that a row holds."""
    words = _words(row.problem, seed)
    try:
        problem = read_prefix(row.problem, ALL_LEAVES)
        found = [_found(row.kind, problem, answer, (words, points)) for answer in _answers(row)]
    except ParseError as error:
        return Finding(Again.UNREADABLE, str(error)[:200])
    return min(found, key=lambda finding: _WORST.index(Again(finding.verdict)))


def _answers(row: Answer) -> Iterator[Tokens]:
    """The answers of a row; its integral is one only where it says something else than the tokens."""
    yield read_prefix(row.answer or "", ALL_LEAVES)
    if row.kind in EQUATIONS or row.answer is None:
        return
    if row.integral is not None and row.integral != to_infix(row.answer):
        yield read_infix(row.integral)
    if row.real_answer is not None:
        yield read_infix(row.real_answer)


def _found(kind: str, problem: Tokens, answer: Tokens, how: tuple[int, int]) -> Finding:
    return (
        _of_equation(kind, problem, answer, *how)
        if kind in EQUATIONS
        else _of_integral(problem, answer, *how)
    )


def _of_integral(problem: Tokens, answer: Tokens, seed: int, points: int) -> Finding:
    from asyncgen.mathematics.check import Finding as Point
    from asyncgen.mathematics.check import Verdict, check

    found = check(problem, answer, seed, points)
    if found.verdict is Verdict.BRANCH:
        return _part(found.count(Point.AGREES), found.count(Point.DIFFERS), found.where)
    return Finding(Again(found.verdict.value), found.where or None)


def _of_equation(kind: str, problem: Tokens, answer: Tokens, seed: int, points: int) -> Finding:
    from asyncgen.mathematics.kinds.construction import Dropped
    from asyncgen.mathematics.kinds.equations.judging import evidence

    try:
        found = evidence(problem, answer, _CONSTANTS[kind], seed, points)
    except Dropped as drop:  # it is not known to have its constants
        return Finding(Again.POINTS, drop.reason)
    if found.differing:
        return _part(found.agreeing, found.differing) if found.agreeing else Finding(Again.REFUTED)
    return Finding(Again.POINTS if found.is_thin else Again.CONFIRMED)


def _part(agreeing: int, differing: int, where: str = "") -> Finding:
    share = f"{agreeing / (agreeing + differing):.4f}"
    return Finding(Again.PART, f"{share}:{where}" if where else share)


def _words(problem: str, seed: int) -> int:
    """64 bits that follow from the seed and the problem: the same points whenever they are asked for."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {problem}".encode(), digest_size=8).digest())
