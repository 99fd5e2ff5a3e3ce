"""The store among other processes: the lock, readers next to a writer, kills, foreign programs."""

import asyncio
import gc
import os
import random
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from other_programs import HALF_READ, held
from store_cases import (
    SPEC,
    ask,
    half_made,
    kill_soon,
    killed_store,
    last_acknowledged,
    names,
    outcome,
    outcomes,
    query,
    writing_child,
)

from asyncgen.problems.errors import StoreError
from asyncgen.sqlite.lock import WriterLock
from asyncgen.store import Reader, RunInfo, Store, StoreWriteError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "functions.db"


async def test_second_process_is_refused(path: Path) -> None:
    """While one process writes, another is refused and told which; a kill frees the lock at once."""
    with writing_child(path) as child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=f"written by process {child.pid}:"):
            async with Store(path, SPEC):
                pass
        child.kill()
        child.wait()
    async with Store(path, SPEC) as store:
        assert await store.counts() == {}
    assert names(path.parent) == [path.name]


async def test_second_writer_in_one_process_is_refused(path: Path) -> None:
    """A record lock would let the same process in twice; it is refused, and the first keeps its lock."""
    async with Store(path, SPEC):
        with pytest.raises(StoreError, match="already open for writing in this process"):
            async with Store(path, SPEC):
                pass
        with writing_child(path) as child:
            assert child.stdout
            assert child.stdout.readline() == ""


def test_lock_outlives_no_holder(path: Path) -> None:
    """A forked child does not keep the lock of its parent, and releasing twice is safe."""
    lock = WriterLock(path)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    lock.release()
    lock.release()
    WriterLock(path).release()
    os.close(writer)
    os.close(reader)
    assert os.waitpid(child, 0)[1] == 0


def test_lock_file_replaced_between_open_and_lock(path: Path, monkeypatch) -> None:
    """A lock won on a file that its last holder has just removed does not count."""
    removed = []
    really = os.open

    def open_and_lose(name, *rest):
        descriptor = really(name, *rest)
        if not removed:
            removed.append(name)
            Path(name).unlink()
        return descriptor

    monkeypatch.setattr("asyncgen.sqlite.lock.os.open", open_and_lose)
    lock = WriterLock(path)
    assert lock.path.read_text() == f"{os.getpid()}\n"
    lock.release()
    assert not lock.path.exists()


async def test_reading_with_a_writer(path: Path) -> None:
    """A reader sees each batch once its writer has acknowledged it, and always whole batches."""
    with writing_child(path) as child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        async with Reader(path) as reader:
            for _ in range(5):
                stop = ask(child)
                assert [o async for o in reader.rows()] == outcomes(0, stop)
                assert sum((await reader.counts()).values()) == stop
                assert (await reader.last_run()).id == stop // 20


async def test_reading_while_a_writer_runs_freely(path: Path) -> None:
    """However reads and writes interleave, a reader finds whole batches without holes."""
    with writing_child(path, "free") as child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        async with Reader(path) as reader:
            for _ in range(50):
                count = sum((await reader.counts()).values())
                assert count % 20 == 0
                assert [gap async for gap in reader.gaps(0, count)] == []


async def test_rows_added_while_reading_are_read(path: Path) -> None:
    """Iterating over rows holds no snapshot: what is added meanwhile comes at the end."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 1000))
        async with Reader(path) as reader:
            rows = reader.rows()
            first = await anext(rows)
            await store.add(run, outcomes(1000, 1100))
            assert [first, *[o async for o in rows]] == outcomes(0, 1100)


async def test_a_reader_in_the_process_of_the_writer(path: Path) -> None:
    """It drops no lock of the writer's: another program that comes and goes leaves FILE-wal alone."""
    async with Store(path, SPEC) as store:
        run = await store.begin_run(RunInfo("test"))
        await store.add(run, outcomes(0, 20))
        async with Reader(path) as reader:
            await reader.counts()
        with held(path, HALF_READ):
            pass
        assert path.with_name(path.name + "-wal").exists()
        assert await store.add(run, outcomes(20, 40)) == 20


async def test_close_with_a_reader_connected(path: Path) -> None:
    """A reader that stays connected sees every row after the writer's close, and the next close tidies up."""
    async with AsyncExitStack() as later:
        async with Store(path, SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), outcomes(0, 100))
            reader = await later.enter_async_context(Reader(path))
        assert path.with_name(path.name + "-wal").stat().st_size == 0
        assert sum((await reader.counts()).values()) == 100
    async with Store(path, SPEC):
        pass
    assert names(path.parent) == [path.name]


async def test_reading_after_a_kill(path: Path) -> None:
    """The rows that a killed writer left in FILE-wal are read without being moved."""
    killed_store(path)
    async with Reader(path) as reader:
        assert [o async for o in reader.rows()] == outcomes(0, 20)
    assert path.with_name(path.name + "-wal").stat().st_size > 0


async def test_creation_cut_off(path: Path) -> None:
    """What a kill leaves of a store in the making is rolled back, and the store made again."""
    half_made(path)
    with pytest.raises(StoreError, match="cut off while it changed"):
        async with Reader(path):
            pass
    async with Store(path, SPEC) as store:
        assert await store.counts() == {}
        assert await store.runs() == []
    assert names(path.parent) == [path.name]


async def test_locked_by_another_program(path: Path) -> None:
    """A foreign program's lock gives a clear line after the timeout, and the store goes on after it."""
    async with Store(path, SPEC, busy_timeout=0.05) as store:
        run = await store.begin_run(RunInfo("test"))
        foreign = sqlite3.connect(path, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreWriteError, match="locked by another program; a batch of 1 rows"):
            await store.add(run, [outcome(0)])
        foreign.close()
        assert await store.add(run, [outcome(0)]) == 1


async def test_a_failure_behind_a_cancelled_call(path: Path) -> None:
    """Whoever cancels a batch gets CancelledError, and nobody is told of an error that was never seen."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with Store(path, SPEC, busy_timeout=0.05) as store:
        run = await store.begin_run(RunInfo("test"))
        foreign = sqlite3.connect(path, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        batch = asyncio.create_task(store.add(run, [outcome(0)]))
        await asyncio.sleep(0)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        del batch
        gc.collect()
        foreign.close()
    assert complaints == []


async def test_opening_what_another_program_has_locked(path: Path) -> None:
    """A store that a foreign program holds exclusively is refused to writers and readers."""
    async with Store(path, SPEC):
        pass
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN EXCLUSIVE")
    for opening in (Store(path, SPEC, busy_timeout=0.05), Reader(path, busy_timeout=0.05)):
        with pytest.raises(StoreError, match="is locked by another program"):
            async with opening:
                pass
    foreign.close()


@pytest.mark.chaos
@pytest.mark.parametrize("mode", ["free", "churn"])
async def test_kills_lose_no_acknowledged_row(path: Path, mode: str) -> None:
    """Killed at any moment, writing, opening or closing, the store keeps every acknowledged row, once."""
    chance = random.Random(mode)
    acknowledged = 0
    for _ in range(10):
        with writing_child(path, mode, acknowledged) as child:
            kill_soon(child, chance)
            acknowledged = last_acknowledged(child, acknowledged)
        async with Store(path, SPEC) as store:
            assert [gap async for gap in store.gaps(0, acknowledged)] == []
            acknowledged = sum((await store.counts()).values())
            assert [o async for o in store.rows()] == outcomes(0, acknowledged)
        assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert acknowledged > 0
