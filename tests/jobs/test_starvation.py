"""When a run says that its workers get too little CPU: once, and only where it is so."""

import logging

import pytest

from asyncgen.calls.cores import usable_cores
from asyncgen.jobs.starvation import Starvation
from asyncgen.problems.records import Outcome, Problem, Status

PROBLEM = Problem(index=3, prefix="mul x exp x", operators=2)


def outcome(cpu_seconds: float, wall_seconds: float, reason: str = "integral") -> Outcome:
    return PROBLEM.outcome(Status.UNSOLVED, reason=reason).timed(cpu_seconds, wall_seconds)


def said(caplog: pytest.LogCaptureFixture, outcomes: list[Outcome], workers: int = 1) -> list[str]:
    """What is logged of a run with these outcomes."""
    starvation = Starvation(workers)
    with caplog.at_level(logging.WARNING, "asyncgen"):
        for one in outcomes:
            starvation.note(one)
    return [record.getMessage() for record in caplog.records]


def test_workers_that_share_a_core_are_named_once(caplog):
    """With what to change, which is the number of workers."""
    (line,) = said(caplog, [outcome(0.5, 5.0)] * 100, workers=usable_cores() + 14)
    assert line.startswith("a worker gets 10% of a core")
    assert f"--workers {usable_cores()}" in line
    assert "\n" not in line


def test_other_programs_are_named_where_there_are_cores_enough(caplog):
    """Fewer workers would not help."""
    (line,) = said(caplog, [outcome(0.5, 5.0)] * 100)
    assert "other programs" in line
    assert "--workers" not in line


@pytest.mark.parametrize(
    "outcomes",
    [
        [outcome(4.0, 5.0)] * 100,  # of a machine that is busy as it should be
        [outcome(0.0001, 0.01)] * 100_000,  # too short to tell
        [outcome(0.1, 15.0, "wall")] * 100,  # it waited for what did not come
        [outcome(0.5, 5.0)] * 3,  # too few
    ],
)
def test_nothing_is_said_without_reason(caplog, outcomes: list[Outcome]):
    """A warning that is wrong teaches people to overlook it."""
    assert said(caplog, outcomes) == []
