"""Rules of a job's end: stops, time limits, cancelling, a full disk, and what it refuses to begin."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from job_cases import ENDLESS, endings, expected, family, holds, indices, settings, workers_do
from processes import living, open_descriptors
from store_cases import SPEC, largest_file, names, query, writing_child

from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, Problems
from asyncgen.problems.errors import StoreError, UsageError
from asyncgen.problems.records import Outcome, Problem
from asyncgen.store import RunInfo, Store, StoreWriteError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


async def interrupted(path: Path, note: Path) -> None:
    """Begin a job without end, and cancel it when one of its calls hangs and other rows are done."""
    task = asyncio.create_task(generate(path, SPEC, ENDLESS, settings(flush_seconds=0.001)))
    await holds(lambda: note.exists() and path.exists() and len(indices(path)) > 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class TestStopping:
    """A stop finishes what runs and draws nothing new."""

    @pytest.mark.both_loops
    async def test_a_stop_finishes_and_stores_what_runs(self, path: Path, tmp_path: Path, monkeypatch):
        """The call under way is answered and kept; the problem after it is never begun."""
        gate, control = tmp_path / "gate", Control()
        workers_do(monkeypatch, {4: f"gate:{gate}"})
        running = asyncio.create_task(generate(path, SPEC, ENDLESS, settings(workers=1), control))
        await holds(gate.exists)
        control.stop.set()
        Path(f"{gate}.open").touch()
        progress = await running
        assert (progress.state, progress.stored) == ("stopped", 5)
        assert (indices(path), endings(path)) == ([0, 1, 2, 3, 4], ["stopped"])

    async def test_a_job_goes_on_after_a_stop_where_it_was(self, path: Path, monkeypatch):
        """The next run makes what is missing, and the rows are those of a job in one piece."""
        workers_do(monkeypatch, {})
        control = Control(on_progress=lambda progress: control.stop.set())
        first = await generate(path, SPEC, range(300), settings(), control)
        second = await generate(path, SPEC, range(300), settings())
        assert (second.state, second.before + second.stored) == ("done", 300)
        assert second.before == first.stored < 300
        assert query(path, "SELECT idx, problem_prefix, operators FROM results ORDER BY idx") == expected(300)
        assert endings(path) == ["stopped", "done"]

    async def test_a_stop_before_the_start_draws_nothing(self, path: Path, monkeypatch):
        """The caller changed its mind in time."""
        workers_do(monkeypatch, {})
        control = Control()
        control.stop.set()
        progress = await generate(path, SPEC, ENDLESS, settings(), control)
        assert (progress.state, progress.stored, endings(path)) == ("stopped", 0, ["stopped"])

    async def test_a_stop_that_comes_with_the_last_row_changes_nothing(self, path: Path, monkeypatch):
        """What is complete is done, whoever wanted it to end."""
        workers_do(monkeypatch, {})
        control = Control()

        def stop_at_the_end(progress: Progress) -> None:
            if progress.stored:
                control.stop.set()

        monkeypatch.setattr(job, "_REPORT_SECONDS", 0.001)
        control = Control(on_progress=stop_at_the_end, stop=control.stop)
        progress = await generate(path, SPEC, range(4), settings(batch=4), control)
        assert (progress.state, endings(path)) == ("done", ["done"])

    async def test_the_time_limit_stops_in_the_same_way(self, path: Path, monkeypatch):
        """The job ends resumably; the caller's own stop event is left alone."""
        workers_do(monkeypatch, {})
        control = Control()
        progress = await generate(path, SPEC, ENDLESS, settings(max_time=0.05), control)
        assert (progress.state, endings(path)) == ("stopped", ["stopped"])
        assert progress.stored == len(indices(path))
        assert not control.stop.is_set()


class TestCancelling:
    """Cancelling kills, closes, and leaves a store to go on with."""

    @pytest.mark.both_loops
    async def test_nothing_is_left_of_a_cancelled_job(self, path: Path, tmp_path: Path, monkeypatch):
        """Processes, tasks and descriptors are gone, the store is one file, the run counts as failed."""
        note = tmp_path / "note"
        workers_do(monkeypatch, {3: f"announce:{note}"})
        async with Store(path, SPEC):
            pass
        processes, descriptors = family(), open_descriptors()
        await interrupted(path, note)
        assert living(int(note.read_text())) == []
        assert (family(), open_descriptors(), len(asyncio.all_tasks())) == (processes, descriptors, 1)
        assert names(tmp_path) == ["note", path.name]
        assert endings(path) == ["failed"]

    async def test_a_cancelled_job_can_be_completed(self, path: Path, tmp_path: Path, monkeypatch):
        """Whatever was stored before is kept, and the gaps are filled."""
        note = tmp_path / "note"
        workers_do(monkeypatch, {3: f"announce:{note}"})
        await interrupted(path, note)
        stop = max(indices(path)) + 10
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(stop), settings())
        assert query(path, "SELECT idx, problem_prefix, operators FROM results ORDER BY idx") == expected(
            stop
        )

    async def test_cancelling_at_any_moment_leaves_no_process_and_no_task(self, path: Path, monkeypatch):
        """After so many steps of the loop, from before the store is open until rows are written."""
        workers_do(monkeypatch, {})
        processes = family()
        for steps in (0, 1, 2, 5, 20, 60, 150, 400):
            task = asyncio.create_task(generate(path, SPEC, ENDLESS, settings(batch=3)))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (family(), len(asyncio.all_tasks())) == (processes, 1)
            assert names(path.parent) in ([], [path.name])


class TestFailures:
    """A disk that does not take the rows ends the job, and nothing that was stored is lost."""

    async def test_a_store_that_cannot_be_written_ends_the_job(self, path: Path, monkeypatch):
        """The store's own error is raised; rows reported are rows stored; the next run completes the job."""
        monkeypatch.setattr(job, "_REPORT_SECONDS", 0.001)
        workers_do(monkeypatch, {})
        heard: list[Progress] = []
        processes = family()
        with largest_file(400_000), pytest.raises(StoreWriteError, match="resume"):
            await generate(path, SPEC, ENDLESS, settings(batch=50), Control(on_progress=heard.append))
        assert family() == processes
        done = indices(path)
        assert heard[-1].stored <= len(done) > 50
        await generate(path, SPEC, range(max(done) + 50), settings())
        assert indices(path) == list(range(max(done) + 50))

    async def test_a_late_write_that_fails_ends_the_job_while_its_calls_hang(self, path: Path, monkeypatch):
        """The error does not wait for the next result, which might never come."""
        workers_do(monkeypatch, {1: "hang", 2: "hang"})

        async def refused(self: Store, run: int, outcomes: list[Outcome]) -> int:
            raise StoreWriteError("no room: resume")

        monkeypatch.setattr(Store, "add", refused)
        with pytest.raises(StoreWriteError, match="no room"):
            await generate(path, SPEC, ENDLESS, settings(flush_seconds=0.001))
        assert (indices(path), endings(path)) == ([], ["failed"])

    async def test_an_error_of_the_source_is_raised_after_what_it_had_given(self, path: Path, monkeypatch):
        """The problems before the error are solved and stored."""
        workers_do(monkeypatch, {})

        async def source() -> Problems:
            for index in range(10):
                yield Problem(index, "x", 0)
            raise LookupError("the source's own")

        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            one = Job(settings(), Tally(20, {}), Control())
            with pytest.raises(LookupError, match="the source's own"):
                await one.run(store, run, source(), lambda outcomes: store.add(run, outcomes))
        assert (indices(path), endings(path)) == (list(range(10)), ["failed"])

    async def test_how_a_run_ended_is_logged_and_nothing_is_printed(
        self, path: Path, monkeypatch, caplog, capfd
    ):
        """The library is a guest: it writes to the log of its own name only."""
        workers_do(monkeypatch, {1: "exit:1"})
        with caplog.at_level(logging.INFO, "asyncgen"):
            await generate(path, SPEC, range(3), settings())
        assert "run 1: done, 3 rows stored" in caplog.text
        assert "problem 1" in caplog.text
        assert capfd.readouterr() == ("", "")


class TestBounds:
    """A job draws no more than it may hold."""

    async def test_what_is_drawn_and_not_yet_stored_is_bounded(self, path: Path, monkeypatch):
        """At each draw, at most `inflight` problems and two batches are in memory."""
        workers_do(monkeypatch, {5: "slow:0.1"})
        workforce = Workforce(workers=3, inflight=6)
        tally, excess = Tally(200, {}), []

        async def source() -> Problems:
            for index in range(200):
                drawn = index + 1
                if drawn - tally.snapshot("running").stored > 6 + 2 * 2:
                    excess.append(index)
                yield Problem(index, "x", 0)

        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            one = Job(settings(batch=2, workforce=workforce), tally, Control())
            await one.run(store, run, source(), lambda outcomes: store.add(run, outcomes))
        assert (excess, len(indices(path))) == ([], 200)

    @pytest.mark.parametrize(
        "changes",
        [
            {"batch": 1, "flush_seconds": 0.0},
            {"workforce": Workforce(workers=1, inflight=1)},
            {"workforce": Workforce(workers=20, inflight=3)},
            {"workforce": Workforce(workers=2, inflight=100)},
            {"workforce": Workforce(workers=2, calls_per_worker=1)},
        ],
    )
    async def test_odd_settings_still_make_every_row(self, path: Path, monkeypatch, changes):
        """How the work is spread changes no row."""
        workers_do(monkeypatch, {3: "exit:1"})
        await generate(path, SPEC, range(30), settings(**changes))
        assert indices(path) == list(range(30))


class TestRefusals:
    """What would mix rows that do not belong together is refused in one line, the store untouched."""

    async def test_other_limits_are_refused_with_what_differs(self, path: Path, monkeypatch):
        """Labels made under different limits would not mean the same."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(5), settings())
        other = settings(limits=Limits(timeout=7.0, memory=None))
        with pytest.raises(
            UsageError, match=r"timeout_cpu_seconds was 100\.0 and is 7\.0[^\n]*--new-limits"
        ) as caught:
            await generate(path, SPEC, range(10), other)
        assert "\n" not in str(caught.value)
        assert (indices(path), endings(path)) == (list(range(5)), ["done"])

    async def test_new_limits_go_on_when_the_caller_says_so(self, path: Path, monkeypatch):
        """Each row names its run, and the new limits are the ones to repeat from then on."""
        workers_do(monkeypatch, {})
        limits = Limits(timeout=7.0, memory=None)
        await generate(path, SPEC, range(5), settings())
        await generate(path, SPEC, range(10), settings(limits=limits, new_limits=True))
        await generate(path, SPEC, range(12), settings(limits=limits))
        assert query(path, "SELECT run, count(*) FROM results GROUP BY run") == [(1, 5), (2, 5), (3, 2)]
        with pytest.raises(UsageError, match=r"timeout_cpu_seconds was 7\.0 and is 100\.0"):
            await generate(path, SPEC, range(20), settings())

    async def test_other_workers_and_batches_are_no_other_limits(self, path: Path, monkeypatch):
        """What changes no label may change from run to run."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(5), settings())
        await generate(path, SPEC, range(9), settings(workers=1, batch=2))
        assert len(indices(path)) == 9

    async def test_another_specification_is_refused(self, path: Path, monkeypatch):
        """A store holds the functions of one specification."""
        workers_do(monkeypatch, {})
        await generate(path, SPEC, range(5), settings())
        with pytest.raises(StoreError, match="seed is 1 there and 2 here"):
            await generate(path, replace(SPEC, seed=2), range(5), settings())

    async def test_a_store_in_use_by_another_process_is_refused(self, path: Path):
        """One job at a time, and the message names the process that is at it."""
        with writing_child(path) as child:
            assert child.stdout
            assert child.stdout.readline() == "open\n"
            with pytest.raises(StoreError, match=f"is being written by process {child.pid}"):
                await generate(path, SPEC, range(5), settings())

    async def test_two_jobs_of_one_process_exclude_each_other(self, path: Path, tmp_path: Path, monkeypatch):
        """Also where a lock of the operating system would not."""
        gate = tmp_path / "gate"
        workers_do(monkeypatch, {0: f"gate:{gate}"})
        first = asyncio.create_task(generate(path, SPEC, range(3), settings()))
        await holds(gate.exists)
        with pytest.raises(StoreError, match="already open for writing"):
            await generate(path, SPEC, range(5), settings())
        Path(f"{gate}.open").touch()
        assert (await first).state == "done"
