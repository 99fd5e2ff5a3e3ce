"""Rules of the main job: n in and n out, stops and failures that lose nothing, limits, retries.

Most run real worker processes that follow a plan instead of solving (see solvers.py); those marked `engine`
run the mathematics.
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import solvers
from job_cases import AMPLE, ENDLESS, endings, expected, indices, run_job, settings, statuses, workers_do
from places import SUPPORT
from store_cases import SPEC, names, query

from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.settings import Settings
from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import CpuLimits, Problem, Status
from asyncgen.store import Store
from asyncgen.worker import solve

MIB = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class TestRange:
    """Every index of the range ends as exactly one row."""

    @pytest.mark.both_loops
    async def test_each_index_has_the_row_of_its_problem(self, path: Path, monkeypatch):
        """As many rows as problems: row i is the sampler's problem i, whichever worker came first."""
        workers_do(monkeypatch, {})
        progress = await generate(path, SPEC, range(200), settings(batch=7))
        assert (progress.state, progress.stored, progress.rows) == ("done", 200, 200)
        rows = "SELECT idx, problem_prefix, operators FROM results ORDER BY idx"
        assert query(path, rows) == expected(200)
        assert endings(path) == ["done"]

    async def test_the_same_call_again_does_nothing(self, path: Path, monkeypatch):
        """No worker is started and no run is noted."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(10), settings())
        monkeypatch.setattr(job, "Scheduler", None)
        progress = await generate(path, SPEC, range(10), settings())
        assert (progress.state, progress.before, progress.stored) == ("nothing", 10, 0)
        assert endings(path) == ["done"]

    async def test_a_larger_range_extends_and_a_smaller_one_does_nothing(self, path: Path, monkeypatch):
        """Rows that are there stay as they are; only what is missing is made."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(20), settings())
        first = query(path, "SELECT * FROM results ORDER BY idx")
        assert (await generate(path, SPEC, range(50), settings())).stored == 30
        assert (await generate(path, SPEC, range(5), settings())).state == "nothing"
        assert query(path, "SELECT * FROM results WHERE idx < 20 ORDER BY idx") == first
        assert indices(path) == list(range(50))

    async def test_ranges_may_start_anywhere_and_gaps_are_filled(self, path: Path, monkeypatch):
        """Pieces made in any order end as one whole, each row by the run that made it."""
        workers_do(monkeypatch, {})
        for piece in (range(30, 40), range(10, 20), range(60), range(10**15, 10**15 + 3)):
            progress = await generate(path, SPEC, piece, settings())
            assert progress.rows == len(piece)
        assert indices(path) == [*range(60), *range(10**15, 10**15 + 3)]
        by_run = query(path, "SELECT run, count(*) FROM results GROUP BY run ORDER BY run")
        assert by_run == [(1, 10), (2, 10), (3, 40), (4, 3)]

    async def test_an_empty_range_is_done_already(self, path: Path):
        """Nothing was asked for."""
        assert (await generate(path, SPEC, range(0))).state == "nothing"

    @pytest.mark.parametrize("wrong", [range(0, 10, 2), range(-1, 10), range(2**63 - 1, 2**63 + 1)])
    async def test_a_range_that_no_store_can_hold_is_refused(self, path: Path, wrong: range):
        """Before anything is made."""
        with pytest.raises(UsageError, match="range"):
            await generate(path, SPEC, wrong)
        assert not path.exists()

    async def test_a_run_records_what_made_its_rows(self, path: Path, monkeypatch):
        """Range, limits, versions and machine are there to explain a row later."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(3, 9), settings())
        async with Store(path, SPEC) as store:
            (run,) = await store.runs()
        assert (run.info.command, run.info.start, run.info.stop) == ("generate", 3, 9)
        assert run.info.settings["timeout_cpu_seconds"] == AMPLE.timeout
        assert run.info.settings["workers"] == 2
        assert run.info.versions["sympy"]
        assert run.info.machine["cores"]
        assert run.ended is not None


class TestStatuses:
    """Whatever becomes of a worker is a row, and what it says is what happened."""

    @pytest.mark.both_loops
    async def test_ends_of_workers_are_told_apart(self, path: Path, monkeypatch, less_idle):
        """A hang, a busy loop, deaths and an exception next to good neighbours: each its own status."""
        actions = {3: "hang", 5: "burn", 7: "exit:7", 9: "signal:9", 11: "signal:11", 13: "raise:why"}
        workers_do(monkeypatch, actions)
        progress = await generate(path, SPEC, range(20), settings(limits=Limits(timeout=1.0, memory=None)))
        assert (progress.state, progress.stored) == ("done", 20)
        rows = query(path, "SELECT idx, status, reason FROM results WHERE status <> 'unsolved' ORDER BY idx")
        assert rows == [
            (3, "timeout", "wall"),
            (5, "timeout", "cpu:call"),
            (7, "crashed", "exit:7"),
            (9, "crashed", "exit:-9"),
            (11, "crashed", "exit:-11"),
            (13, "error", "ValueError: why"),
        ]
        assert query(path, "SELECT count(*) FROM results WHERE integrand = ''") == [(0,)]

    async def test_cpu_of_a_killed_call_is_charged(self, path: Path, monkeypatch, less_idle):
        """What a busy worker burnt is in the row and in the sum; a sleeping one burns little."""
        workers_do(monkeypatch, {0: "burn", 1: "hang"})
        progress = await generate(path, SPEC, range(2), settings(limits=Limits(timeout=1.0, memory=None)))
        ((burnt,), (slept,)) = query(path, "SELECT cpu_seconds FROM results ORDER BY idx")
        assert burnt > 5 * slept
        assert progress.cpu_seconds == pytest.approx(burnt + slept)

    async def test_memory_over_the_limit_is_a_status_of_its_own(self, path: Path, monkeypatch):
        """The greedy worker is killed for it; its neighbours are not."""
        workers_do(monkeypatch, {2: f"allocate:{400 * MIB}"})
        await generate(path, SPEC, range(6), settings(limits=Limits(timeout=100.0, memory=200 * MIB)))
        rows = query(path, "SELECT idx, status, reason FROM results WHERE status <> 'unsolved'")
        assert rows == [(2, "memory", "resident")]

    async def test_every_status_of_a_worker_arrives(self, path: Path, monkeypatch):
        """What the mathematics says is stored as it was said."""
        plan = {number: str(status) for number, status in enumerate(Status)}
        workers_do(monkeypatch, plan)
        progress = await generate(path, SPEC, range(len(plan)), settings())
        assert statuses(path) == plan
        assert progress.counts == dict.fromkeys(Status, 1)
        assert query(path, "SELECT count(*) FROM results WHERE success") == [(2,)]

    async def test_a_misuse_ends_the_job_and_is_no_row(self, path: Path, monkeypatch):
        """A kind of problem that does not exist is said once instead of stored n times."""
        workers_do(monkeypatch, {})
        monkeypatch.setattr(job, "solver", lambda limits, spec: solvers.misuse)
        with pytest.raises(UsageError, match="no such kind"):
            await generate(path, SPEC, ENDLESS, settings())
        assert (indices(path), endings(path)) == ([], ["failed"])

    async def test_workers_that_cannot_start_end_the_job(self, path: Path, monkeypatch):
        """One error that says why, not n rows."""
        broken = Settings(workers=1, preload=("no_such_module",))
        monkeypatch.setattr(job, "scheduler_settings", lambda limits, workforce, spec: broken)
        with pytest.raises(SchedulerError, match="no_such_module"):
            await generate(path, SPEC, ENDLESS, settings())
        assert (indices(path), endings(path), names(path.parent)) == ([], ["failed"], [path.name])


_LIGHT = """
import asyncio, sys
from pathlib import Path
from job_cases import settings
from asyncgen.jobs.limits import Limits
from store_cases import SPEC
from asyncgen.jobs.generate import generate

asyncio.run(generate(Path(sys.argv[1]), SPEC, range(6), settings(limits=Limits(timeout=0.5))))
print([name for name in ("sympy", "flint") if name in sys.modules])
"""


@pytest.mark.engine
class TestMathematics:
    """The real workers, on functions whose outcome is known."""

    async def test_what_the_worker_finds_is_what_is_stored(self, path: Path):
        """An integral, a special function, a proof, a failure and a constant, all through real workers."""
        known = {
            "mul x exp x": "elementary",
            "exp mul INT- 1 pow2 x": "special",
            "exp exp pow2 x": "nonelementary",
            "mul mul erf x ln x exp x": "unsolved",
            "sub x x": "degenerate",
        }
        problems = [Problem(index, prefix, 3) for index, prefix in enumerate(known)]
        await run_job(path, problems, settings())
        assert statuses(path) == dict(enumerate(known.values()))
        assert query(path, "SELECT idx, integral FROM results WHERE integral IS NOT NULL ORDER BY idx") == [
            (0, "(x - 1)*exp(x)"),
            (1, "sqrt(pi)*erf(x)/2"),
            (4, "0"),
        ]

    async def test_an_engine_cut_by_its_cpu_limit_is_a_timeout(self, path: Path, monkeypatch):
        """Not a verdict that there is no integral, and told apart from the wall limit."""
        limits = CpuLimits(parse=20.0, engines=(("integrate", 0.005),), check=20.0)
        monkeypatch.setattr(job, "solver", lambda _limits, _spec: partial(solve, limits=limits))
        await run_job(path, [Problem(0, "asin pow2 x", 2)], settings())
        assert query(path, "SELECT status, reason FROM results") == [("timeout", "cpu:integrate")]

    def test_the_parent_stays_free_of_the_mathematics(self, path: Path):
        """A whole job is run by a process that never imports SymPy or flint."""
        done = subprocess.run(
            [sys.executable, "-c", _LIGHT, str(path)],
            env={**os.environ, "PYTHONPATH": str(SUPPORT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("[]\n", "")
        assert len(indices(path)) == 6
