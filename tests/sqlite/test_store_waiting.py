"""The store while another program is at its file: it waits, says so once, and loses nothing."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from job_cases import holds
from other_programs import HALF_READ, held, let_go
from store_cases import KEPT, KEPT_SPEC, SPEC, names, outcome, outcomes, snapshot

from asyncgen.problems.errors import StoreError
from asyncgen.sqlite import files, patience
from asyncgen.store import Ending, Reader, RunInfo, Store, StoreBusyError

WRITING = "BEGIN IMMEDIATE"
ALONE = "BEGIN EXCLUSIVE"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


@pytest.fixture(autouse=True)
def short_tries(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Let SQLite itself wait for a moment only, and keep what is logged."""
    monkeypatch.setattr(patience, "TRY", 0.02)
    monkeypatch.setattr(patience, "_PAUSE", 0.02)
    caplog.set_level(logging.WARNING, "asyncgen")


@pytest.fixture
def waits(caplog: pytest.LogCaptureFixture) -> Callable[[], bool]:
    """Whether the log says that somebody waits."""
    return lambda: "waiting for it" in caplog.text


async def made(path: Path, how: Ending = "done") -> None:
    """A store of twenty rows whose run ended so."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 20))
        await store.end_run(run, how)


async def opened(path: Path, **options: object) -> int:
    """Open a store and close it; how many rows there are."""
    async with Store(path, SPEC, **options) as store:
        return sum((await store.counts()).values())


@pytest.mark.parametrize("statement", [HALF_READ, WRITING, ALONE])
async def test_opening_waits_for_another_program(path: Path, statement: str, waits, caplog) -> None:
    """A reader and a writer alike; it is said that somebody waits, and that it goes on, once each."""
    await made(path)
    with held(path, statement) as other:
        opening = asyncio.create_task(opened(path))
        await holds(waits)
        let_go(other)
        assert await opening == 20
    assert [record.getMessage().rpartition(":")[2][:12] for record in caplog.records] == [
        " waiting for",
        " going on",
    ]


async def test_who_waits_for_a_reader_keeps_no_other_reader_out(path: Path, waits) -> None:
    """Between its tries, others can read, whose own waiting is short."""
    await made(path)
    with held(path, HALF_READ) as other:
        opening = asyncio.create_task(opened(path))
        await holds(waits)
        for _ in range(5):
            async with Reader(path) as reader:
                assert sum((await reader.counts()).values()) == 20
        let_go(other)
        await opening


async def test_nobody_else_opens_what_is_waited_for(path: Path, waits) -> None:
    """The first to come has the writer's lock while it waits; a second one is refused at once."""
    await made(path)
    with held(path, WRITING) as other:
        opening = asyncio.create_task(opened(path))
        await holds(waits)
        with pytest.raises(StoreError, match="already open for writing"):
            await opened(path)
        let_go(other)
        await opening


@pytest.mark.parametrize("how", ["stopped", "failed"])
async def test_readers_hold_up_no_run_that_goes_on(path: Path, how: Ending, caplog) -> None:
    """A store whose run was stopped stays in WAL mode, as one file, and is opened next to any reader."""
    await made(path, how)
    assert names(path.parent) == [path.name]
    with held(path, HALF_READ):
        assert await opened(path) == 20
    assert caplog.text == ""


async def test_a_finished_store_is_in_the_mode_that_anybody_reads(path: Path) -> None:
    """Also where it was stopped before: the last run's end decides."""
    await made(path, "stopped")
    assert files.check_readable(path).wal
    await made(path, "done")
    assert not files.check_readable(path).wal


async def test_a_migration_waits_for_readers_before_its_work(path: Path, waits) -> None:
    """It is not done in vain, and not at all as long as somebody reads."""
    shutil.copy(KEPT, path)
    with held(path, HALF_READ) as other:
        before = path.read_bytes()
        opening = asyncio.create_task(Store(path, KEPT_SPEC).__aenter__())
        await holds(waits)
        assert path.read_bytes() == before
        let_go(other)
        store = await opening
        async with Reader(path) as reader:
            assert await reader.counts() == await store.counts() != {}
        await store.__aexit__()


async def test_a_batch_waits_for_another_writer(path: Path, waits, caplog) -> None:
    """Its rows are stored when the other is gone; those who wait together say it once."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        with held(path, WRITING) as other:
            adding = [asyncio.create_task(store.add(run, [outcome(index)])) for index in range(3)]
            await holds(waits)
            async with Reader(path) as reader:
                assert await reader.counts() == {}
            let_go(other)
            assert await asyncio.gather(*adding) == [1, 1, 1]
        assert sum((await store.counts()).values()) == 3
    assert len(caplog.records) == 2


@pytest.mark.parametrize("statement", [HALF_READ, WRITING, ALONE])
async def test_an_opening_that_gives_up_leaves_all_as_it_was(path: Path, statement: str) -> None:
    """One line after the time it was given, no lock, and the file to the last byte."""
    await made(path)
    with held(path, statement):
        before = snapshot(path.parent)
        with pytest.raises(StoreBusyError, match="is locked by another program: close that program"):
            await opened(path, busy_timeout=0.05)
        assert snapshot(path.parent).keys() >= before.keys()
        assert path.read_bytes() == before[path.name]
    assert await opened(path) == 20


async def test_a_batch_that_gives_up_says_what_was_not_stored(path: Path) -> None:
    """After its time; what comes later is tried again."""
    async with Store(path, SPEC, busy_timeout=0.05) as store:
        run = await store.begin_run(RunInfo("test"))
        with held(path, WRITING), pytest.raises(StoreBusyError, match="a batch of 1 rows was not stored"):
            await store.add(run, [outcome(0)])
        assert await store.add(run, [outcome(0)]) == 1


async def test_the_end_of_a_failed_run_waits_for_nobody(path: Path) -> None:
    """The error that made it fail is not to be held up for minutes."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        with held(path, WRITING), pytest.raises(StoreBusyError, match="the run's end was not stored"):
            await store.end_run(run, "failed")


async def test_a_stop_ends_the_waiting_to_open(path: Path, waits) -> None:
    """There is nothing yet to be finished."""
    await made(path)
    stop = asyncio.Event()
    with held(path, ALONE):
        opening = asyncio.create_task(opened(path, stop=stop))
        await holds(waits)
        stop.set()
        with pytest.raises(StoreBusyError):
            await opening


@pytest.mark.parametrize("statement", [HALF_READ, ALONE])
async def test_cancelling_ends_the_waiting_to_open(path: Path, statement: str, waits) -> None:
    """The writer's lock is given up with it."""
    await made(path)
    with held(path, statement):
        opening = asyncio.create_task(opened(path))
        await holds(waits)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert names(path.parent) == [path.name]


async def test_cancelling_ends_the_waiting_of_a_batch(path: Path, waits) -> None:
    """It is not stored then, as after any error."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        with held(path, WRITING):
            adding = asyncio.create_task(store.add(run, [outcome(0)]))
            await holds(waits)
            adding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await adding
        assert await store.counts() == {}
