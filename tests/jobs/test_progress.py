"""Rules of progress: what a snapshot says, and when a job's caller hears of it."""

import asyncio
from pathlib import Path

import pytest
from job_cases import ENDLESS, endings, family, indices, settings, workers_do
from store_cases import SPEC, outcome, outcomes

from asyncgen.jobs.generate import generate
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control
from asyncgen.problems.records import Drops, Status


def test_a_tally_counts_rows_by_status_with_those_that_were_there():
    """`before` and `stored` are apart; the counts are of both."""
    tally = Tally(30, {Status.TIMEOUT: 10})
    tally.add(outcomes(0, 10))  # one of each status
    progress = tally.snapshot("running")
    assert (progress.total, progress.before, progress.stored, progress.rows) == (30, 10, 10, 20)
    assert progress.counts == {status: 11 if status is Status.TIMEOUT else 1 for status in Status}
    assert progress.cpu_seconds == pytest.approx(10 * outcome(0).cpu_seconds)


def test_a_tally_counts_what_was_dropped():
    """With what was dropped before; an index without a problem is empty, another degenerate one is not."""
    tally = Tally(30, {Status.DEGENERATE: 2}, Drops(2, {"long": 7}))
    tally.add([outcome(0), outcome(1, Status.DEGENERATE)._replace(reason="empty:long", dropped="long=128")])
    tally.add([outcome(2, Status.DEGENERATE)._replace(reason="constant", dropped=None)])
    progress = tally.snapshot("running")
    assert (progress.empty, progress.dropped) == (3, {"constant": 2, "long": 7 + 1 + 128})


def test_a_tally_is_complete_when_every_row_is_there():
    """Not a row earlier; a job of no rows is complete from the start."""
    tally = Tally(3, {Status.ERROR: 1})
    tally.add(outcomes(0, 1))
    assert not tally.complete
    tally.add(outcomes(1, 2))
    assert tally.complete
    assert Tally(0, {}).complete


def test_a_snapshot_does_not_change():
    """What was handed out is the caller's."""
    tally = Tally(3, {})
    before = tally.snapshot("running")
    tally.add(outcomes(0, 2))
    assert (before.stored, before.counts) == (0, {})


def test_the_time_left_follows_the_rate_of_this_run():
    """Rows that were there before say nothing of the speed."""
    progress = Progress("running", total=100, before=40, stored=20, counts={}, seconds=10.0, cpu_seconds=0.0)
    assert (progress.rate, progress.seconds_left) == (2.0, 20.0)


def test_the_time_left_is_unknown_before_the_first_row():
    """No division by nothing."""
    progress = Progress("running", total=100, before=0, stored=0, counts={}, seconds=0.0, cpu_seconds=0.0)
    assert (progress.rate, progress.seconds_left) == (0.0, None)


async def test_the_caller_hears_a_rising_count_and_the_end(tmp_path: Path, monkeypatch):
    """Reports never go back; the last one is what the job returns, with every row stored."""
    monkeypatch.setattr("asyncgen.jobs.run._REPORT_SECONDS", 0.001)
    workers_do(monkeypatch, {})
    heard: list[Progress] = []
    control = Control(on_progress=heard.append)
    last = await generate(tmp_path / "s.db", SPEC, range(300), settings(batch=20), control)
    stored = [progress.stored for progress in heard]
    assert stored == sorted(stored)
    assert (heard[0].state, heard[0].stored) == ("running", 0)
    assert heard[-1] is last
    assert (last.state, last.stored, last.counts) == ("done", 300, {Status.UNSOLVED: 300})
    assert last.scheduler.calls == 300


async def test_a_report_never_counts_a_row_that_is_not_stored(tmp_path: Path, monkeypatch):
    """At each report the file holds at least the rows that the report counts."""
    monkeypatch.setattr("asyncgen.jobs.run._REPORT_SECONDS", 0.001)
    workers_do(monkeypatch, {})
    path, short = tmp_path / "s.db", []

    def compare(progress: Progress) -> None:
        if progress.state == "running" and len(indices(path)) < progress.stored:
            short.append(progress)

    await generate(path, SPEC, range(100), settings(batch=5), Control(on_progress=compare))
    assert short == []


@pytest.mark.both_loops
async def test_an_exception_of_the_callback_ends_the_job(tmp_path: Path, monkeypatch):
    """It is the caller's bug and is raised as itself, at once; what was done is kept."""
    workers_do(monkeypatch, {})
    path, before = tmp_path / "s.db", family()

    def broken(progress: Progress) -> None:
        raise ZeroDivisionError("the caller's own")

    with pytest.raises(ZeroDivisionError, match="the caller's own"):
        await generate(path, SPEC, ENDLESS, settings(), Control(on_progress=broken))
    assert (endings(path), family()) == (["failed"], before)
    assert len(asyncio.all_tasks()) == 1
