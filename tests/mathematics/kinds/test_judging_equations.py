"""Rules of the verdicts on rows of differential equations, with mpmath as the oracle."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from families import draws, residuals
from places import SUPPORT

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.kinds import ode1, ode2
from asyncgen.mathematics.kinds.construction import Dropped, Judged, Row
from asyncgen.problems.records import Status

KINDS = ((ode1, 3), (ode2, 5))  # with the fewest operators that are drawn
DIGITS = "0123456789"
ALIKE = (("sin", "cos", "exp", "sqrt", "ln", "tan", "pow2"), ("add", "sub", "mul", "div"), tuple(DIGITS))
SMALL = 1e-20


def rows(kind: ModuleType, low: int, high: int, count: int) -> Iterator[Row]:
    """The rows that so many draws give."""
    for drawn in draws(low, high, count):
        try:
            yield kind.attempt(drawn)
        except (Dropped, Degenerate, Undecided):
            continue


def judged(kind: ModuleType, row: Row) -> Judged | None:
    """What a check says, None where the row is dropped."""
    try:
        return kind.judge(row)
    except Dropped:
        return None


def row_of(problem: str, answer: str) -> Row:
    """A row, written as text."""
    return Row(tuple(problem.split()), tuple(answer.split()), 3)


def order(kind: ModuleType) -> int:
    return 1 if kind is ode1 else 2


@pytest.mark.parametrize(("kind", "least"), KINDS)
def test_what_is_judged_to_hold_everywhere_does(kind: ModuleType, least: int) -> None:
    """The highest derivative is what the equation says, at every point where the solution is real."""
    checked = 0
    for row in rows(kind, least, 9, 90):
        found = judged(kind, row)
        if found is not None and found.status is Status.ELEMENTARY:
            errors = list(residuals(row.problem, row.answer, order(kind), seed=checked))
            assert all(error < SMALL for error in errors), row
            checked += bool(errors)
    assert checked >= 24


@pytest.mark.parametrize(("kind", "least"), KINDS)
def test_what_holds_on_a_part_has_its_share(kind: ModuleType, least: int) -> None:
    """Where the reason is a share, there are points where the equation holds, and others."""
    held = failed = 0
    for row in rows(kind, least, 9, 60):
        found = judged(kind, row)
        if found is not None and found.status is Status.UNVERIFIED:
            assert 0.2 <= float(found.reason.removeprefix("part:")) < 1
            errors = list(residuals(row.problem, row.answer, order(kind), seed=1))
            held += any(error < SMALL for error in errors)
            failed += any(error >= SMALL for error in errors)
    assert held >= 2
    assert failed >= 2


def test_the_share_is_that_of_the_points() -> None:
    """The equation of cos(a8 + x), by acos, holds where the sine is not negative: on half of the line."""
    found = ode1.judge(row_of("add Y' sqrt sub INT+ 1 pow2 Y", "cos add a8 x"))
    assert found.status is Status.UNVERIFIED
    assert 0.3 < float(found.reason.removeprefix("part:")) < 0.7


@pytest.mark.parametrize("inner", ["pow2 x", "abs pow2 x"])
def test_an_error_that_is_small_beside_the_solution_is_seen(inner: str) -> None:
    """With x added, a solution that is large solves the equation nowhere, with branches or without."""
    right = f"mul a8 exp add {inner} INT+ 5 0"
    problem = "sub Y' mul INT+ 2 mul x Y"
    assert ode1.judge(row_of(problem, right)).status is Status.ELEMENTARY
    with pytest.raises(Dropped, match=r"^differs$"):
        ode1.judge(row_of(problem, f"add x {right}"))


def test_a_small_error_in_the_second_derivative_is_seen() -> None:
    """The derivatives are known to as many digits as the solution."""
    right = "add mul a8 exp add x INT+ 9 0 mul a9 exp sub INT+ 9 0 x"
    assert ode2.judge(row_of("sub Y'' Y", right)).status is Status.ELEMENTARY
    with pytest.raises(Dropped, match=r"^differs$"):
        ode2.judge(row_of("sub Y'' Y", f"add div x pow INT+ 1 0 INT+ 4 0 {right}"))


@pytest.mark.parametrize(("kind", "least"), KINDS)
def test_rows_with_a_mistake_are_not_accepted(kind: ModuleType, least: int) -> None:
    """One token changed in a row: it is not elementary unless it is another solution."""
    changed = 0
    for number, row in enumerate(rows(kind, least, 8, 130)):
        for place in (0, 1):
            wrong = with_a_mistake(row, place, random.Random(number))
            changed += wrong != row
            found = judged(kind, wrong)
            if wrong != row and found is not None and found.status is Status.ELEMENTARY:
                assert place == 1, wrong  # a constant may take up the change of a solution
                errors = list(residuals(wrong.problem, wrong.answer, order(kind), seed=2))
                assert all(error < SMALL for error in errors), wrong
    assert changed >= 100


def with_a_mistake(row: Row, place: int, stream: random.Random) -> Row:
    """The row with another digit, function or operation at one place of its problem or its answer."""
    tokens = list(row[place])
    places = [number for number, token in enumerate(tokens) if any(token in alike for alike in ALIKE)]
    if not places:
        return row
    number = stream.choice(places)
    alike = next(alike for alike in ALIKE if tokens[number] in alike)
    tokens[number] = stream.choice([token for token in alike if token != tokens[number]])
    return row._replace(**{row._fields[place]: tuple(tokens)})


@pytest.mark.parametrize(
    ("problem", "answer", "reason"),
    [
        ("sub Y' Y", "exp x", "constant"),
        ("sub Y' Y", "add a8 exp x", "differs"),
        ("sub Y' Y'", "mul a8 exp x", "points"),  # it holds, and says nothing
        ("sub Y' Y", "mul mul a8 exp x ln sub INT- 1 pow2 x", "not real"),
    ],
)
def test_why_a_row_is_dropped(problem: str, answer: str, reason: str) -> None:
    """The reasons are few, and the same for the same fault."""
    with pytest.raises(Dropped, match=f"^{reason}$"):
        ode1.judge(row_of(problem, answer))


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[2])
from families import draws
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.kinds import ode1, ode2
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.kinds.construction import Dropped

def outcome(kind, drawn):
    try:
        row = kind.attempt(drawn)
        return row, kind.judge(row)
    except (Dropped, Degenerate, Undecided) as reason:
        return str(reason)

cases = [(kind, drawn) for kind in (ode1, ode2) for drawn in draws(5, 12, 40)]
backwards = sys.argv[1] == "backwards"
found = [outcome(*case) for case in (reversed(cases) if backwards else cases)]
print(found[::-1] if backwards else found)
"""


def test_a_row_depends_on_its_draw_alone() -> None:
    """Forwards and backwards, and with other hashes of strings, the rows and their verdicts are the same."""
    forwards, backwards = (
        subprocess.run(
            [sys.executable, "-c", PROGRAM, direction, str(SUPPORT)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for direction, seed in (("forwards", "0"), ("backwards", "17"))
    )
    assert forwards == backwards
    assert forwards.count("Row(") >= 40
