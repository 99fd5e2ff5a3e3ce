"""Rules of a retry: rows of given statuses get another attempt, once, and what they were is kept."""

import asyncio
from pathlib import Path

import pytest
from job_cases import endings, family, holds, settings, statuses, workers_do
from processes import living
from store_cases import SPEC, query

from asyncgen.jobs.generate import generate, retry
from asyncgen.jobs.limits import Limits
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control
from asyncgen.problems.errors import StoreError
from asyncgen.problems.records import Status
from asyncgen.store import RunInfo, Store

TRIED = [Status.TIMEOUT, Status.CRASHED]
LONGER = Limits(timeout=50.0, memory=None)


@pytest.fixture
async def path(tmp_path: Path, monkeypatch) -> Path:
    """A store of 60 rows in which every third is a timeout and one is a crash."""
    plan = dict.fromkeys(range(0, 60, 3), "timeout:wall") | {31: "exit:1"}
    workers_do(monkeypatch, plan)
    await generate(tmp_path / "store.db", SPEC, range(60), settings())
    return tmp_path / "store.db"


def attempts(path: Path) -> list[tuple[object, ...]]:
    return query(path, "SELECT idx, attempt, status, run FROM attempts ORDER BY idx, attempt")


async def test_rows_of_the_statuses_get_another_attempt(path: Path, monkeypatch):
    """What succeeds now takes the place of what failed; the earlier attempt is kept next to it."""
    workers_do(monkeypatch, dict.fromkeys(range(60), "elementary"))
    progress = await retry(path, TRIED, settings(limits=LONGER))
    assert (progress.state, progress.total, progress.stored) == ("done", 21, 21)
    tried = sorted([*range(0, 60, 3), 31])
    assert [i for i, status in sorted(statuses(path).items()) if status == "elementary"] == tried
    assert attempts(path) == [(i, 1, "crashed" if i == 31 else "timeout", 1) for i in tried]


async def test_rows_of_other_statuses_are_not_touched(path: Path, monkeypatch):
    """Nothing about them changes, nor does the number of rows."""
    others = "SELECT * FROM results WHERE status = 'unsolved' ORDER BY idx"
    before = query(path, others)
    workers_do(monkeypatch, dict.fromkeys(range(60), "special"))
    await retry(path, TRIED, settings())
    assert query(path, others) == before
    assert len(statuses(path)) == 60


async def test_a_retry_makes_the_same_problems(path: Path, monkeypatch):
    """A problem is a function of its index, also the second time."""
    problems = "SELECT idx, problem_prefix, operators FROM results ORDER BY idx"
    before = query(path, problems)
    workers_do(monkeypatch, {})
    await retry(path, TRIED, settings())
    assert query(path, problems) == before


async def test_a_row_that_fails_again_is_tried_once_a_retry(path: Path):
    """No retry goes round in circles: the plan still says timeout."""
    first = await retry(path, [Status.TIMEOUT], settings())
    again = await retry(path, [Status.TIMEOUT], settings())
    assert (first.stored, again.stored, first.counts) == (20, 20, {Status.TIMEOUT: 20})
    assert [attempt for index, attempt, *_ in attempts(path) if index == 0] == [1, 2]


async def test_nothing_to_do_is_said(path: Path):
    """No worker is started for statuses that no row has, and no run is noted."""
    progress = await retry(path, [Status.MEMORY], settings())
    assert (progress.state, progress.total, endings(path)) == ("nothing", 0, ["done"])
    assert (await retry(path, [], settings())).state == "nothing"


async def test_a_store_that_does_not_exist_is_refused(tmp_path: Path):
    """A retry makes no new store."""
    with pytest.raises(StoreError, match="does not exist"):
        await retry(tmp_path / "none.db", TRIED, settings())
    assert list(tmp_path.iterdir()) == []


async def test_an_interrupted_retry_goes_on_where_it_stopped(path: Path, tmp_path: Path, monkeypatch):
    """Rows that had their attempt are not tried again by the same call, though they still fail."""
    gate, control = tmp_path / "gate", Control()
    again = dict.fromkeys(range(60), "timeout:wall")
    workers_do(monkeypatch, {**again, 30: f"gate:{gate}"})
    task = asyncio.create_task(retry(path, [Status.TIMEOUT], settings(workers=1), control))
    await holds(gate.exists)
    control.stop.set()
    Path(f"{gate}.open").touch()
    assert ((await task).state, len(attempts(path))) == ("stopped", 11)
    workers_do(monkeypatch, again)
    second = await retry(path, [Status.TIMEOUT], settings())
    assert (second.state, second.total, second.stored) == ("done", 9, 9)
    assert [attempt for _, attempt, *_ in attempts(path)] == [1] * 20
    assert endings(path) == ["done", "stopped", "done"]


async def test_a_cancelled_retry_goes_on_where_it_was_cut(path: Path, tmp_path: Path, monkeypatch):
    """A cut is as good as a stop, save for the calls that it killed."""
    note, processes = tmp_path / "note", family()
    again = dict.fromkeys(range(60), "timeout:wall")
    workers_do(monkeypatch, {**again, 30: f"announce:{note}"})
    task = asyncio.create_task(retry(path, [Status.TIMEOUT], settings(workers=1)))
    await holds(note.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (living(int(note.read_text())), family()) == ([], processes)
    workers_do(monkeypatch, again)
    assert (await retry(path, [Status.TIMEOUT], settings())).stored == 20 - len(range(0, 30, 3))
    assert [attempt for _, attempt, *_ in attempts(path)] == [1] * 20


async def test_a_retry_that_was_cut_after_its_last_row_is_over(path: Path, monkeypatch):
    """The same call has nothing left to do, and says so; the one after it is a new retry."""
    workers_do(monkeypatch, dict.fromkeys(range(60), "timeout:wall"))

    def broken(progress: Progress) -> None:
        if progress.state == "done":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await retry(path, [Status.TIMEOUT], settings(), Control(on_progress=broken))
    states = [(await retry(path, [Status.TIMEOUT], settings())).state for _ in range(2)]
    assert (states, endings(path)) == (["nothing", "done"], ["done", "failed", "done", "done"])


async def test_a_retry_under_other_limits_is_another_retry(path: Path, tmp_path: Path, monkeypatch):
    """After an interrupted retry, a call with more time tries every row that is still a timeout."""
    again = dict.fromkeys(range(60), "timeout:wall")
    workers_do(monkeypatch, again)
    control = Control(on_progress=lambda progress: control.stop.set())
    await retry(path, [Status.TIMEOUT], settings(), control)
    progress = await retry(path, [Status.TIMEOUT], settings(limits=LONGER))
    assert (progress.state, progress.total) == ("done", 20)


async def test_other_limits_of_a_retry_do_not_bind_the_next_job(path: Path, monkeypatch):
    """A retry with more time is the reason to retry; the range goes on under the limits it began with."""
    workers_do(monkeypatch, {})
    await retry(path, TRIED, settings(limits=LONGER))
    assert (await generate(path, SPEC, range(70), settings())).stored == 10


async def test_a_limit_of_another_clock_makes_another_retry(path: Path):
    """Cut short under a limit of wall clock, it is not continued under as many CPU seconds."""
    said = {"timeout_wall_seconds": 50.0, "memory_limit_bytes": None, "statuses": ["timeout"]}
    async with Store(path, SPEC) as store:
        cut = await store.begin_run(RunInfo("retry", settings=said))
    await retry(path, [Status.TIMEOUT], settings(limits=LONGER))
    assert query(path, f"SELECT chain = id FROM runs WHERE id > {cut}") == [(1,)]
