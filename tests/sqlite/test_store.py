"""The store in one process: rows, retries, gaps, counts, runs, and what a cancelled call leaves."""

import asyncio
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_cases import SPEC, names, outcome, outcomes, query

from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.problems.spec import GeometricIntegers
from asyncgen.sqlite import journal, reading
from asyncgen.sqlite.schema import APPLICATION_ID
from asyncgen.store import Reader, RunInfo, Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


async def test_rows_come_back_as_they_went_in(path: Path) -> None:
    """Every field of every outcome survives, whatever its status, and rows come in index order."""
    wanted = outcomes(0, 1200)
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        assert await store.add(run, wanted[600:]) == 600
        assert await store.add(run, wanted[:600]) == 600
    async with Reader(path) as reader:
        assert [o async for o in reader.rows()] == wanted


async def test_undecodable_reason_is_kept_readable(path: Path) -> None:
    """A reason that quotes bytes that are no text does not lose its batch."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, [outcome(0, Status.ERROR)._replace(reason="é \udcff")])
        assert [o.reason async for o in store.rows()] == ["é \\udcff"]


async def test_adding_twice_changes_nothing(path: Path) -> None:
    """A row whose index is stored stays as it is, and only new rows are counted."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, [outcome(1, engine="first")])
        assert await store.add(run, [outcome(1, engine="second"), outcome(2)]) == 1
        assert await store.add(run, []) == 0
        assert [o.engine async for o in store.rows()] == ["first", "sympy-risch"]


async def test_a_bad_row_leaves_none_of_its_batch(path: Path) -> None:
    """A batch with a row that the schema forbids is not stored at all, and the store goes on."""
    forbidden = outcome(2, Status.TIMEOUT)._replace(integral="x")
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        with pytest.raises(sqlite3.IntegrityError):
            await store.add(run, [outcome(1), forbidden])
        assert await store.counts() == {}
        assert await store.add(run, [outcome(1)]) == 1


@pytest.mark.parametrize("status", list(Status))
async def test_a_proof_stands_where_there_is_no_elementary_answer(path: Path, status: Status) -> None:
    """Next to a special form or alone; and a verdict without a proof is none."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        for proof in ("someone", None):
            row = outcome(1, status)._replace(proof=proof)
            if status is Status.SPECIAL or (status is Status.NONELEMENTARY) == (proof is not None):
                assert await store.retry(run, [row]) == 1
                run = await store.begin_run(RunInfo("test"))
            else:
                with pytest.raises(sqlite3.IntegrityError):
                    await store.retry(run, [row])


async def test_retry_keeps_what_was_there(path: Path) -> None:
    """A retried row takes the place of the old one, and every earlier attempt is kept in full."""
    async with Store(path, SPEC) as store:
        for engine in ("first", "second", "third"):
            run = await store.begin_run(RunInfo("test"))
            assert await store.retry(run, [outcome(7, Status.TIMEOUT, engine)]) == 1
        assert [o.engine async for o in store.rows()] == ["third"]
    attempts = query(path, "SELECT idx, attempt, engine, run, integrand, reason FROM attempts")
    assert attempts == [(7, 1, "first", 1, "2*x", "because"), (7, 2, "second", 2, "2*x", "because")]


async def test_retry_sent_twice_counts_once(path: Path) -> None:
    """The same run cannot retry a row twice, so a batch whose acknowledgement was lost does no harm."""
    async with Store(path, SPEC) as store:
        first = await store.begin_run(RunInfo("test"))
        await store.add(first, [outcome(7, Status.TIMEOUT)])
        second = await store.begin_run(RunInfo("test"))
        assert await store.retry(second, [outcome(7)]) == 1
        assert await store.retry(second, [outcome(7)]) == 0
    assert query(path, "SELECT count(*) FROM attempts") == [(1,)]


async def test_retry_candidates_are_rows_of_earlier_runs(path: Path) -> None:
    """Rows of the statuses asked for come in index order, without those that the retry has done."""
    async with Store(path, SPEC) as store:
        first = await store.begin_run(RunInfo("test"))
        await store.add(first, [outcome(i, Status.TIMEOUT) for i in range(1500)])
        await store.add(first, [outcome(1500), outcome(1501, Status.MEMORY)])
        second = await store.begin_run(RunInfo("retry"))
        await store.retry(second, [outcome(i, Status.TIMEOUT) for i in range(5)])
        statuses = {Status.TIMEOUT, Status.MEMORY}
        pages = [page async for page in store.retry_candidates(statuses, second)]
    found = [candidate for page in pages for candidate in page]
    assert [c.index for c in found] == [*range(5, 1500), 1501]
    assert found[-1] == Problem(1501, "mul INT+ 2 x", 1)
    assert max(map(len, pages)) <= 512


@settings(max_examples=40, deadline=None)
@given(
    present=st.sets(st.integers(0, 60)),
    start=st.integers(0, 60),
    length=st.integers(0, 60),
    page=st.integers(1, 9),
)
def test_gaps_are_the_missing_indices(tmp_path_factory, present, start, length, page) -> None:
    """Whatever is stored and however it is paged, the gaps are the ranges that set arithmetic gives."""

    async def found(path: Path) -> list[range]:
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.add(run, [outcome(i) for i in present])
            return [gap async for gap in store.gaps(start, start + length)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_GAP_PAGE", page)
        gaps = asyncio.run(found(tmp_path_factory.mktemp("gaps") / "gaps.db"))
    missing = set(range(start, start + length)) - present
    assert [i for gap in gaps for i in gap] == sorted(missing)
    assert all(earlier.stop < later.start for earlier, later in pairwise(gaps))


async def test_gaps_stay_right_while_they_are_filled(path: Path, monkeypatch) -> None:
    """Filling each gap as it comes, and rows further on, leaves no index out."""
    monkeypatch.setattr(reading, "_GAP_PAGE", 50)
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, [outcome(i) for i in range(0, 1000, 2)])
        async for gap in store.gaps(0, 1000):
            ahead = min(gap.start + 201, 999)
            await store.add(run, [*map(outcome, gap), outcome(ahead)])
        assert [gap async for gap in store.gaps(0, 1000)] == []


async def test_an_immense_gap_is_one_range(path: Path) -> None:
    """An index range far larger than any store costs nothing."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 10))
        assert [gap async for gap in store.gaps(0, 2**62)] == [range(10, 2**62)]


async def test_counts_by_status_and_range(path: Path) -> None:
    """Counts agree with the rows, over everything and within a range."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 25))
        assert await store.counts() == {s: 3 if n < 5 else 2 for n, s in enumerate(Status)}
        assert await store.counts(20, 22) == {Status.ELEMENTARY: 1, Status.SPECIAL: 1}
        assert await store.counts(start=24) == {Status.TIMEOUT: 1}


async def test_rows_by_status_and_range(path: Path) -> None:
    """Reading back can be limited to statuses and to a range of indices."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 30))
        wanted = {Status.SPECIAL, Status.TIMEOUT}
        assert [o.index async for o in store.rows(wanted, start=4)] == [4, 11, 14, 21, 24]
        assert [o.index async for o in store.rows(start=28)] == [28, 29]
        assert [o.index async for o in store.rows(stop=2)] == [0, 1]


async def test_runs_are_remembered(path: Path) -> None:
    """A run's settings come back as given; a run without an end shows as such; chains are kept."""
    info = RunInfo("generate", 0, 9, {"limit": 1.5}, {"sympy": "1.14"}, {"cores": 2})
    async with Store(path, SPEC) as store:
        assert await store.last_run() is None
        first = await store.begin_run(info)
        await store.end_run(first, "stopped")
        await store.end_run(first, "failed")
        second = await store.begin_run(replace(info, chain=first))
        runs = await store.runs()
        assert await store.last_run() == runs[-1]
    assert [(r.id, r.how_ended, r.chain) for r in runs] == [(1, "stopped", 1), (second, None, 1)]
    assert runs[0].info == replace(info, chain=first)
    assert runs[0].ended is not None
    assert runs[0].ended.endswith("+00:00")


async def test_specification_comes_back(path: Path) -> None:
    """The specification read from a store is the one it was made for, with either law of integers."""
    geometric = replace(SPEC.distribution, integers=GeometricIntegers(0.5))
    for number, spec in enumerate((SPEC, replace(SPEC, distribution=geometric, source="ab"))):
        async with Store(path.with_suffix(f".{number}"), spec) as store:
            assert await store.spec() == spec
    assert query(store.path, "SELECT digest FROM spec") == [(spec.digest().hex(),)]


async def test_continuing_finds_the_rows(path: Path) -> None:
    """Opening an existing store with the same specification goes on with its rows and runs."""
    for start in (0, 10):
        async with Store(path, SPEC) as store:
            run = await store.begin_run(RunInfo("test"))
            await store.add(run, outcomes(start, start + 10))
    assert run == 2
    assert query(path, "SELECT count(*), max(run) FROM results") == [(20, 2)]


async def test_clean_close_leaves_one_file(path: Path) -> None:
    """After a close there is the store alone, sound, marked as ours and out of WAL mode."""
    async with Store(path, SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 100))
        assert query(path, "PRAGMA journal_mode") == [("wal",)]
    assert names(path.parent) == [path.name]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert query(path, "PRAGMA journal_mode") == [("delete",)]


async def test_writer_syncs_every_batch(path: Path) -> None:
    """The writing connection is synchronous FULL: an acknowledged batch survives a power cut."""
    async with Store(path, SPEC) as store:
        assert await store._fetch("PRAGMA synchronous") == [(2,)]
        assert await store._fetch("PRAGMA foreign_keys") == [(1,)]


async def test_cancelled_add_is_whole(path: Path) -> None:
    """Wherever a cancellation hits `add`, the batch is whole or absent, and the store goes on."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        for turn in range(12):
            adding = asyncio.create_task(store.add(run, outcomes(turn * 500, turn * 500 + 500)))
            for _ in range(turn):
                await asyncio.sleep(0)
            adding.cancel()
            await asyncio.wait([adding])
            count = sum((await store.counts(turn * 500, turn * 500 + 500)).values())
            assert count in (0, 500)
            assert count == 500 or turn == 0
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_batch_survives_being_cancelled_again_and_again(path: Path) -> None:
    """Rows that were handed over are stored before CancelledError is raised, however often it comes."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        adding = asyncio.create_task(store.add(run, outcomes(0, 3)))
        await asyncio.sleep(0)  # it has begun
        while not adding.done():
            adding.cancel()
            await asyncio.sleep(0)
        assert adding.cancelled()
        assert sum((await store.counts()).values()) == 3


async def test_cancelled_open_leaves_nothing_open(path: Path) -> None:
    """Cancelled while opening, the connection is closed and the lock is free again."""
    for turns in range(6):
        opening = asyncio.create_task(Store(path, SPEC).__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        if not opening.cancelled():
            await opening.result().__aexit__()
        assert not path.with_name(path.name + ".lock").exists()
    async with Store(path, SPEC) as store:
        assert await store.counts() == {}


async def test_closed_store_says_so(path: Path) -> None:
    """Using a store outside its `async with` names the remedy."""
    async with Store(path, SPEC) as store:
        pass
    with pytest.raises(UsageError, match="inside `async with`"):
        await store.counts()


async def test_wal_is_started_afresh_past_its_limit(path: Path, monkeypatch) -> None:
    """A WAL over the limit is folded into the file, and what is left of it stays under the limit."""
    monkeypatch.setattr(journal, "WAL_LIMIT", 100_000)
    monkeypatch.setattr(journal.Journal, "wal_limit", 100_000)
    wal = path.with_name(path.name + "-wal")
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        for start in range(0, 5000, 100):
            await store.add(run, outcomes(start, start + 100))
            assert wal.stat().st_size < 100_000


async def test_stubborn_reader_loses_nothing(path: Path, monkeypatch) -> None:
    """A foreign program that holds a snapshot lets the WAL grow; it shrinks once the program lets go."""
    monkeypatch.setattr(journal, "WAL_LIMIT", 100_000)
    monkeypatch.setattr(journal.Journal, "wal_limit", 100_000)
    wal = path.with_name(path.name + "-wal")
    async with Store(path, SPEC, busy_timeout=0.01) as store:
        run = await store.begin_run(RunInfo("test"))
        foreign = sqlite3.connect(path, isolation_level=None)
        foreign.executescript("BEGIN; SELECT count(*) FROM results;")
        foreign.execute("SELECT count(*) FROM results").fetchall()
        for start in range(0, 2000, 100):
            await store.add(run, outcomes(start, start + 100))
        assert wal.stat().st_size > 200_000
        foreign.close()
        for start in range(2000, 4000, 100):
            await store.add(run, outcomes(start, start + 100))
        assert wal.stat().st_size < 200_000
        assert sum((await store.counts()).values()) == 4000


async def test_every_field_of_an_outcome_has_its_column(path: Path) -> None:
    """But the verdict on a given answer. Statements bind the table's columns; rows come back as they were."""
    rows = [outcome(i, status) for i, status in enumerate(Status)]
    async with Store(path, SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), rows)
        assert [row async for row in store.rows()] == rows
    columns = {name for _, name, *_ in query(path, "PRAGMA table_info(results)")}
    assert columns == {"idx", "success", "run", *Outcome._fields[1:]} - {"given"}
