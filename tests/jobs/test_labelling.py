"""Rules of the seam between calls and rows: which end of a call is which status, what workers are told."""

import json
import subprocess
import sys

import pytest

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.errors import (
    CallStalled,
    CallTimeout,
    CpuLimitExceeded,
    LoadTimeout,
    MemoryLimitExceeded,
    RemoteError,
    WorkerDied,
)
from asyncgen.calls.stream import CallResult
from asyncgen.datasets import batches
from asyncgen.jobs.labelling import outcome_of, scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Problem, Status

PROBLEM = Problem(index=3, prefix="mul x exp x", operators=2)


def result(value: Outcome | None, error: Exception | None) -> CallResult[Problem, Outcome]:
    return CallResult(PROBLEM, value, error, cpu_seconds=1.5, wall_seconds=2.5)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (CpuLimitExceeded(2.0, 2.1), Status.TIMEOUT, "cpu:call"),
        (CallStalled(2.0, 0.1, 12.0), Status.TIMEOUT, "wall"),
        (CallTimeout(2.0, 1.9), Status.TIMEOUT, "wall"),
        (LoadTimeout(60.0, 0.1, "sympy"), Status.CRASHED, "load"),
        (MemoryLimitExceeded(-9, "too much"), Status.MEMORY, "resident"),
        (WorkerDied(7), Status.CRASHED, "exit:7"),
        (WorkerDied(0), Status.CRASHED, "exit:0"),
        (WorkerDied(-11), Status.CRASHED, "exit:-11"),
        (WorkerDied(None), Status.CRASHED, "lost"),
        (ValueError("why"), Status.ERROR, "ValueError: why"),
        (TimeoutError("the function's own"), Status.ERROR, "TimeoutError: the function's own"),
        (RemoteError("x" * 1000), Status.ERROR, ("RemoteError: " + "x" * 1000)[:200]),
    ],
)
def test_each_end_of_a_call_has_its_status(error: Exception, status: Status, reason: str):
    """What became of the worker is told apart; a cut is never taken for a verdict about the function."""
    outcome = outcome_of(result(None, error))
    assert (outcome.status, outcome.reason, outcome.success) == (status, reason, False)


def test_a_row_without_an_answer_still_says_which_function_it_was():
    """Nothing about a problem is lost because its worker was."""
    outcome = outcome_of(result(None, CallTimeout(2.0)))
    assert (outcome.index, outcome.problem_prefix, outcome.operators) == (3, "mul x exp x", 2)
    assert outcome.integrand == "x*exp(x)"
    assert (outcome.integral, outcome.answer_prefix, outcome.engine) == (None, None, None)


@pytest.mark.parametrize("error", [None, CallTimeout(2.0, 1.5)])
def test_seconds_are_those_of_the_whole_call(error: Exception | None):
    """The scheduler's seconds count also what the worker cannot see: its helpers, and its own end."""
    value = None if error else PROBLEM.outcome(Status.UNSOLVED, reason="integral")
    outcome = outcome_of(result(value, error))
    assert (outcome.cpu_seconds, outcome.wall_seconds) == (1.5, 2.5)


def test_a_misuse_is_no_row():
    """A kind or an engine that does not exist would fail for every problem: it ends the job instead."""
    with pytest.raises(UsageError, match="sideways"):
        outcome_of(result(None, UsageError("no kind is called 'sideways'")))


def test_a_worker_that_answers_nothing_is_an_error():
    """None is no outcome, whatever function made it."""
    assert outcome_of(result(None, None)).status is Status.ERROR


@pytest.mark.parametrize("timeout", [0.25, 2.0, 60.0])
def test_the_limits_of_the_stages_end_before_that_of_the_call(timeout: float):
    """What an engine may use is cut inside the worker, which goes on, while a killed one starts anew."""
    limits = Limits(timeout=timeout).cpu
    stages = [limits.parse, limits.check, *(seconds for _, seconds in limits.engines)]
    assert min(stages) > 0
    assert sum(stages) <= 0.75 * timeout


def test_the_solver_carries_the_cpu_limits():
    """The worker's own limits come from the same number as the scheduler's."""
    limits = Limits(timeout=8.0)
    assert solver(limits).keywords == {"limits": limits.cpu}  # type: ignore[attr-defined]


def test_the_scheduler_is_told_the_limits_and_the_workforce():
    """Time, memory, processes and recycling arrive; the hash seed is fixed, since answers depend on it."""
    workforce = Workforce(workers=3, calls_per_worker=7)
    settings = scheduler_settings(Limits(timeout=8.0, memory=123), workforce)
    assert (settings.cpu_limit, settings.memory_limit) == (8.0, 123)
    assert (settings.workers, settings.calls_per_worker) == (3, 7)
    assert settings.environment["PYTHONHASHSEED"] == "0"


def test_no_clock_of_the_wall_ends_a_call():
    """What a busy machine does in so many seconds is less than what a quiet one does."""
    crowded = scheduler_settings(Limits(), Workforce(workers=10 * usable_cores()))
    alone = scheduler_settings(Limits(), Workforce(workers=1))
    assert crowded.timeout is None
    assert crowded.start_timeout == crowded.load_timeout == 10 * alone.start_timeout


def test_what_is_recorded_with_a_run_is_plain_json():
    """Settings that came back from a store equal the ones that went in, or limits would seem to change."""
    for said in (Limits(timeout=8, memory=None).as_dict(), Workforce(workers=3).as_dict()):
        assert json.loads(json.dumps(said)) == said


def test_one_worker_a_core_unless_told_otherwise():
    """What is recorded is the number of workers that there were."""
    assert Workforce().as_dict()["workers"] == usable_cores()


def test_the_parent_never_imports_the_mathematics():
    """The rooms of the main job name what workers run without importing SymPy or flint."""
    code = "import sys, asyncgen.jobs.generate; print([m for m in ('sympy', 'flint') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_mathematics_is_left_to_processes():
    """A scheduler without workers limits nothing: what does not end would hold up the program."""
    with pytest.raises(ValueError, match="workers must be at least 1, not 0"):
        scheduler_settings(Limits(), Workforce(workers=0))
    with pytest.raises(ValueError, match="workers must be at least 1, not 0"):
        batches.scheduler_settings(0)
