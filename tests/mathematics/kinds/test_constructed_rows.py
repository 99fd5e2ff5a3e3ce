"""Rules that hold for the rows of both kinds that draw no function: liouville and tower."""

import os
import subprocess
import sys

import pytest
from constructed import Attempt, agreeing_places, outcome, rows
from places import SUPPORT

from asyncgen.mathematics.check import Ground, Verdict, check
from asyncgen.mathematics.kinds import liouville, tower
from asyncgen.mathematics.kinds.construction import Row
from asyncgen.problems.tokens import ARITY

REASONS = {"constant", "undefined", "too large", "long", "dependent", "not normal"}
PRINT_ROWS = """
import sys
from importlib import import_module
from constructed import outcome
module = import_module(sys.argv[1])
for number in range(60):
    print(outcome(module.attempt, number))
"""

both = pytest.mark.parametrize("attempt", [liouville.attempt, tower.attempt], ids=["liouville", "tower"])


@both
def test_every_row_is_confirmed_where_the_check_can_tell(attempt: Attempt) -> None:
    """No answer is wrong, on the whole real domain or on a part of it."""
    verdicts = [check(*row[:2]) for row in rows(attempt, range(330))]
    assert {found.verdict for found in verdicts} <= {Verdict.CONFIRMED, Verdict.POINTS}
    confirmed = [found for found in verdicts if found.verdict is Verdict.CONFIRMED]
    assert len(confirmed) >= 300
    assert sum(found.ground is Ground.REAL for found in confirmed) >= 0.95 * len(confirmed)


@both
def test_a_numerical_derivative_of_the_answer_is_the_problem(attempt: Attempt) -> None:
    """By mpmath, which shares nothing with what has built the row."""
    places = [agreeing_places(row) for row in rows(attempt, range(40))]
    assert sum(found >= 2 for found in places) >= 30


@both
def test_a_row_follows_from_its_words_alone(attempt: Attempt) -> None:
    """Rows made in the other order are the same."""
    forwards = [outcome(attempt, number) for number in range(80)]
    backwards = [outcome(attempt, number) for number in reversed(range(80))]
    assert forwards == backwards[::-1]


@pytest.mark.parametrize("kind", ["liouville", "tower"])
def test_a_row_does_not_depend_on_the_order_of_hashes(kind: str) -> None:
    """Another process with another PYTHONHASHSEED makes the same rows."""
    first, second = printed_rows(kind, "1"), printed_rows(kind, "17")
    assert first == second
    assert first.count("Row(") > 40


def printed_rows(kind: str, hash_seed: str) -> str:
    """The rows of some draws, printed by another process."""
    path = os.pathsep.join((str(SUPPORT), *sys.path))
    return subprocess.run(
        [sys.executable, "-c", PRINT_ROWS, f"asyncgen.mathematics.kinds.{kind}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
    ).stdout


@both
def test_operators_are_those_of_the_answer(attempt: Attempt) -> None:
    """No tree is drawn whose operators could be counted."""
    for row in rows(attempt, range(100)):
        assert row.operators == sum(token in ARITY for token in row.answer)


@both
def test_few_attempts_give_no_row_and_say_why_in_a_known_word(attempt: Attempt) -> None:
    """The reasons are counted, so there are few of them."""
    outcomes = [outcome(attempt, number) for number in range(300)]
    reasons = [found for found in outcomes if not isinstance(found, Row)]
    assert set(reasons) <= REASONS
    assert len(reasons) < 0.12 * len(outcomes)


@both
def test_problems_hardly_ever_repeat(attempt: Attempt) -> None:
    """Of 300 problems nearly all are new."""
    problems = [row.problem for row in rows(attempt, range(300))]
    assert len(set(problems)) > 0.95 * len(problems)
