"""Labelling one typed function: `label`, its awaitable twin, and the scheduler that calls may share."""

import asyncio
import dataclasses
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import workload
from processes import descendants, living, open_descriptors
from sympy import simplify, sympify

from asyncgen import Outcome, ParseError, Scheduler, Status, label, label_async, labelling_scheduler
from asyncgen.jobs import label as single
from asyncgen.problems.tokens import seed_of

SCRIPT = """
import sys
from asyncgen import label
print(label("x*exp(x)").integral, "sympy" in sys.modules)
"""


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if it makes a scheduler."""
    monkeypatch.setattr(single, "Scheduler", lambda *_: pytest.fail("a scheduler was made"))


@pytest.fixture
def unwarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave SymPy out of the worker processes, for tests that have them do something else."""
    settings = single.scheduler_settings

    def light(*of: object) -> object:
        return dataclasses.replace(settings(*of), preload=())  # type: ignore[arg-type]

    monkeypatch.setattr(single, "scheduler_settings", light)


def workers_do(monkeypatch: pytest.MonkeyPatch, function: object) -> None:
    monkeypatch.setattr(single, "solver", lambda _: function)


def without_seconds(outcome: Outcome) -> Outcome:
    return outcome.timed(0.0, 0.0)


@pytest.mark.engine
def test_the_answer_is_an_antiderivative():
    """SymPy, in this process, differentiates the integral's text back to the function typed."""
    outcome = label("x*exp(x)")
    assert outcome.status is Status.ELEMENTARY
    assert outcome.integral is not None
    assert simplify(sympify(outcome.integral).diff("x") - sympify("x*exp(x)")) == 0


@pytest.mark.engine
async def test_every_writing_of_a_function_has_the_same_outcome():
    """Spaces, notation and the kind of call make no difference; only the seconds do."""
    writings = ("exp(-x**2)", " exp( -x ^ 2 ) ", "exp mul INT- 1 pow x INT+ 2")
    async with labelling_scheduler(workers=1) as scheduler:
        outcomes = [await label_async(text, scheduler=scheduler) for text in writings]
    outcomes.append(label(writings[0]))  # also: a plain call where a loop is running
    assert len({without_seconds(outcome) for outcome in outcomes}) == 1
    assert outcomes[0].status is Status.SPECIAL
    assert outcomes[0].wall_seconds > 0


@pytest.mark.engine
@pytest.mark.parametrize("way", ["file", "-c", "module on stdin"])
def test_a_script_needs_no_main_guard_and_no_sympy_of_its_own(tmp_path: Path, way: str):
    """Two lines at the top of a script will do, however Python is given it; the parent stays light."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    given = {"file": [str(script)], "-c": ["-c", SCRIPT], "module on stdin": ["-"]}[way]
    done = subprocess.run(
        [sys.executable, *given], input=SCRIPT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "(x - 1)*exp(x) False\n"


@pytest.mark.parametrize("text", ["", "x*sine(x)", "__import__('os')", "add x", "x x", "y", "1e", "ξ"])
@pytest.mark.usefixtures("no_process")
async def test_bad_text_is_refused_before_any_process_starts(text: str):
    """Both calls raise ParseError, with a column, at once."""
    with pytest.raises(ParseError) as plain:
        label(text)
    with pytest.raises(ParseError) as awaited:
        await label_async(text)
    assert str(plain.value) == str(awaited.value)
    assert plain.value.column >= 1


@pytest.mark.parametrize("function", [5, None, b"x", ["x"]])
@pytest.mark.usefixtures("no_process")
async def test_what_is_no_text_is_refused_before_any_process_starts(function: object):
    """Both calls raise TypeError, which says what to pass."""
    says = rf'pass the function as text, such as label\("x\*exp\(x\)"\), not as {type(function).__name__}'
    with pytest.raises(TypeError, match=says):
        label(function)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=says):
        await label_async(function)  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [0, -1, math.inf, math.nan])
@pytest.mark.usefixtures("no_process")
async def test_an_impossible_timeout_is_refused_before_any_process_starts(timeout: float):
    """Both calls raise ValueError at once."""
    with pytest.raises(ValueError, match="timeout must be a number of seconds above 0"):
        label("x", timeout=timeout)
    with pytest.raises(ValueError, match="timeout must be a number of seconds above 0"):
        await label_async("x", timeout=timeout)


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
@pytest.mark.usefixtures("no_process")
async def test_an_impossible_wall_timeout_is_refused_too(seconds: float):
    """It may be infinite, as it is where it is not given."""
    with pytest.raises(ValueError, match="wall_timeout must be a number of seconds above 0"):
        await label_async("x", wall_timeout=seconds)


@pytest.mark.engine
def test_a_given_answer_has_a_verdict():
    """Whatever becomes of the function: a constant has no label, and its answer is confirmed all the same."""
    outcomes = [label(f"sub Y' {line}") for line in ("INT+ 2\tmul x INT+ 2", "exp x\tx", "exp x")]
    assert [outcome.given for outcome in outcomes] == ["confirmed", "refuted", None]
    assert outcomes[0].status is Status.DEGENERATE


@pytest.mark.usefixtures("unwarmed")
def test_a_given_answer_whose_worker_ended_is_unchecked(monkeypatch: pytest.MonkeyPatch):
    """It is not the same as no answer."""
    workers_do(monkeypatch, workload.hang)
    assert label("sub Y' x\tx", wall_timeout=0.05).given == "unchecked"
    assert label("x", wall_timeout=0.05).given is None


def test_operators_are_the_internal_nodes():
    """Integers, constants and x are leaves; all else counts, also what the reader put in."""
    counts = {"x": 0, "12": 0, "sin(x)": 1, "x*exp(x)": 2, "-x": 1, "0.5*x": 2, "add mul x pi INT- 1 2": 2}
    assert {text: single.problem_of(text).operators for text in counts} == counts


def test_the_points_of_the_check_follow_from_the_function():
    """The same function, however written, has the same 64 bits; another function has others."""
    problems = map(single.problem_of, ("x*x", "x * x", "mul x x", "x**2"))
    seeds = [seed_of(problem.prefix.split()) for problem in problems]
    assert len(set(seeds[:3])) == 1
    assert seeds[3] != seeds[0]
    assert all(0 <= seed < 1 << 64 for seed in seeds)


@pytest.mark.usefixtures("unwarmed")
def test_the_cpu_limit_is_an_outcome(monkeypatch: pytest.MonkeyPatch):
    """What computes for ever is killed, and the row says so."""
    workers_do(monkeypatch, workload.burn)
    outcome = label("x**2", timeout=0.05)
    assert (outcome.status, outcome.reason, outcome.integrand) == (Status.TIMEOUT, "cpu:call", "x**2")
    assert outcome.cpu_seconds >= 0.05


@pytest.mark.usefixtures("unwarmed", "less_idle")
def test_what_waits_for_ever_is_a_timeout_too(monkeypatch: pytest.MonkeyPatch):
    """It uses no CPU, so that another clock ends it, without being asked to."""
    workers_do(monkeypatch, workload.hang)
    outcome = label("x**2", timeout=0.05)
    assert (outcome.status, outcome.reason) == (Status.TIMEOUT, "wall")
    assert outcome.wall_seconds > 2 > outcome.cpu_seconds


@pytest.mark.usefixtures("unwarmed")
def test_the_wall_timeout_is_an_outcome(monkeypatch: pytest.MonkeyPatch):
    """For callers who cannot wait, however many CPU seconds are left."""
    workers_do(monkeypatch, workload.hang)
    outcome = label("x**2", wall_timeout=0.05)
    assert (outcome.status, outcome.reason, outcome.integrand) == (Status.TIMEOUT, "wall", "x**2")


@pytest.mark.usefixtures("unwarmed")
def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch):
    """No process, thread or descriptor survives a call, not even one that was killed."""
    workers_do(monkeypatch, workload.hang)
    before = open_descriptors(), threading.active_count(), descendants()
    for _ in range(3):
        label("x", wall_timeout=0.05)
    assert (open_descriptors(), threading.active_count(), descendants()) == before


@pytest.mark.usefixtures("unwarmed")
def test_ctrl_c_kills_the_work_and_is_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """KeyboardInterrupt comes out of the call once the worker, which had a minute left, is dead."""
    note = tmp_path / "note"
    monkeypatch.setattr(single, "solver", lambda _: Announcing(str(note)))

    def interrupt() -> None:
        while not note.exists():
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGINT)

    user = threading.Thread(target=interrupt)
    user.start()
    with pytest.raises(KeyboardInterrupt):
        label("x", timeout=60)
    user.join()
    assert living(int(note.read_text())) == []


@dataclasses.dataclass(frozen=True)
class Announcing:
    """What a worker does with a problem: it says that it has begun, and hangs."""

    note: str

    def __call__(self, _: object) -> None:
        workload.announce_and_hang(self.note)


@pytest.mark.usefixtures("unwarmed")
async def test_cancelling_the_twin_kills_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, appears):
    """The cancelled call returns when its process is dead."""
    note = tmp_path / "note"
    monkeypatch.setattr(single, "solver", lambda _: Announcing(str(note)))
    task = asyncio.create_task(label_async("x", timeout=60))
    pid = int(await appears(note))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert living(pid) == []


@pytest.mark.usefixtures("unwarmed")
async def test_calls_share_the_scheduler_that_they_are_given(monkeypatch: pytest.MonkeyPatch):
    """Eight calls side by side run in its two processes, each with its own limit, and leave it open."""
    workers_do(monkeypatch, workload.fail)
    async with labelling_scheduler(workers=2) as scheduler:
        monkeypatch.setattr(single, "labelling_scheduler", lambda **_: pytest.fail("another scheduler"))
        texts = [f"x + {n}" for n in range(8)]
        outcomes = await asyncio.gather(*(label_async(text, scheduler=scheduler) for text in texts))
        assert scheduler.statistics.calls == 8
        assert await scheduler.run(workload.echo, "still open") == "still open"
    assert [outcome.integrand for outcome in outcomes] == texts
    assert {outcome.status for outcome in outcomes} == {Status.ERROR}


def test_a_labelling_scheduler_takes_its_number_of_processes():
    """By default as many as a scheduler has anyway: one for each usable core."""
    assert labelling_scheduler(workers=3).settings.workers == 3
    assert labelling_scheduler().settings.workers == Scheduler().settings.workers
