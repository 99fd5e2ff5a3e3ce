"""Records that travel between processes."""

import copy
import pickle

import pytest

from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status

PROBLEM = Problem(index=7, prefix="add x INT+ 1 2", operators=1, kind="forward")
OUTCOME = Outcome(
    index=7,
    kind="forward",
    status=Status.ELEMENTARY,
    problem_prefix="cos x",
    integrand="cos(x)",
    operators=1,
    answer_prefix="sin x",
    integral="sin(x)",
    engine="sympy-risch",
    reason="domain",
    proof="fricas",
    cpu_seconds=0.5,
    wall_seconds=0.75,
)
CPU_LIMITS = CpuLimits(parse=1.0, engines=(("sympy-risch", 0.5),), check=2.0)


@pytest.mark.parametrize("record", [PROBLEM, OUTCOME, CPU_LIMITS], ids=lambda record: type(record).__name__)
def test_a_record_that_was_pickled_or_copied_is_the_same(record: object):
    """Every field arrives, in its place and of its type."""
    for arrived in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record)):
        assert arrived == record
        assert type(arrived) is type(record)
        assert repr(arrived) == repr(record)  # a status that had become its text would be equal to it


@pytest.mark.parametrize("status", list(Status))
def test_a_row_repeats_its_problem_and_writes_out_what_succeeded(status: Status):
    """One maker for every row: an answer is kept in any case, and shown only where it was confirmed."""
    row = PROBLEM.outcome(status, answer=("ln", "x"), engine="sympy-risch", reason="why", proof="p")
    assert (row.index, row.kind, row.problem_prefix, row.operators) == (7, "forward", "add x INT+ 1 2", 1)
    assert (row.integrand, row.answer_prefix) == ("x + 12", "ln x")
    assert row.integral == ("log(x)" if status.success or status is Status.DEGENERATE else None)
    assert (row.status, row.engine, row.reason, row.proof) == (status, "sympy-risch", "why", "p")
    assert PROBLEM.outcome(status).answer_prefix is None


def test_a_timed_outcome_differs_in_its_seconds_only():
    """`timed` is `_replace` for two fields."""
    assert OUTCOME.timed(1.25, 2.5) == OUTCOME._replace(cpu_seconds=1.25, wall_seconds=2.5)
