"""Rows into the submitter's store, and what a node sends there."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from asyncgen.cluster.collector import Collector
from asyncgen.cluster.delivery import DeliveryError, deliver
from asyncgen.cluster.names import rows_queue
from asyncgen.cluster.records import RowLimits, Shard, Span, Work
from asyncgen.cluster.rows import PIECE, Origin, pack
from asyncgen.jobs.progress import Tally
from asyncgen.problems.distributions import preset
from asyncgen.problems.records import Outcome, Status
from asyncgen.problems.spec import Spec
from asyncgen.store import Reader, RunInfo, Store

SPEC = Spec(distribution=preset("lample-charton"))
N1, N2 = (Origin(f"session {name}", {}, {}, {"node": name}) for name in ("n1", "n2"))


def rows(*indices: int, text: str = "x") -> list[Outcome]:
    return [Outcome(index, "forward", Status.UNSOLVED, "x", text, 0) for index in indices]


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "functions.db", SPEC) as store:
        yield store


@pytest_asyncio.fixture
async def collector(store: Store) -> Collector:
    return Collector(store, range(10), Tally(10, {}))


async def test_each_row_is_stored_once(store: Store, collector: Collector):
    """Whoever sends it again, and with whatever else."""
    assert await collector.store_rows(pack(N1, rows(0, 1, 5))) == 3
    assert await collector.store_rows(pack(N1, rows(0, 1, 5))) == 0
    assert await collector.store_rows(pack(N2, rows(1, 2, 3, 5, text="y"))) == 2
    found = {row.index: row.integrand async for row in store.rows()}
    assert found == {0: "x", 1: "x", 2: "y", 3: "y", 5: "x"}


async def test_rows_of_the_range_are_counted_once(store: Store, tmp_path: Path):
    tally = Tally(10, {})
    collector = Collector(store, range(10), tally)
    await collector.store_rows(pack(N1, rows(0, 1, 10, 11)))
    await collector.store_rows(pack(N1, rows(1, 2)))
    assert tally.snapshot("running").stored == 3


async def test_each_process_is_a_run_of_the_store(store: Store, collector: Collector):
    """Also for a later submitter, who says how those of earlier ones ended."""
    await collector.store_rows(pack(N1, rows(0)))
    await collector.store_rows(pack(N2, rows(1)))
    later = Collector(store, range(10), Tally(10, {}))
    await later.store_rows(pack(N1, rows(2)))
    other = await store.begin_run(RunInfo("generate"))
    await later.end("done")
    runs = {run.id: run for run in await store.runs()}
    assert [run.info.machine.get("node") for run in runs.values()] == ["n1", "n2", None]
    assert [run.how_ended for run in runs.values()] == ["done", "done", None]
    assert runs[other].info.command == "generate"


async def test_a_submitter_that_comes_back_begins_another_run(store: Store, collector: Collector):
    """Of a process whose run has ended with the submitter before: a run ends behind its rows."""
    await collector.store_rows(pack(N1, rows(0)))
    await collector.end("stopped")
    later = Collector(store, range(10), Tally(10, {}))
    await later.store_rows(pack(N1, rows(1)))
    await later.end("done")
    assert [run.how_ended for run in await store.runs()] == ["stopped", "done"]


async def test_what_cannot_be_stored_ends_the_submitter(store: Store, collector: Collector):
    """The server alone would try again for ever, and nobody would hear of it."""
    with pytest.raises(ValueError, match="no rows"):
        await collector.store_rows(b"rubbish")
    with pytest.raises(ValueError, match="no rows"):
        await collector.failed


async def test_rows_however_long_come_home(client: Client, store: Store, tmp_path: Path):
    """In pieces, where they are more than a message may hold; what nobody fetches yet waits."""
    path = tmp_path / "scratch.db"
    texts = {index: os.urandom(length // 2).hex() for index, length in ((0, 6 * PIECE), (1, 100), (7, PIECE))}
    async with Store(path, SPEC) as scratch:
        run = await scratch.begin_run(RunInfo("cluster"))
        await scratch.add(run, [rows(index, text=text)[0] for index, text in texts.items()])
    name = f"run-{uuid.uuid4().hex}"
    shard = Shard(Work(name, SPEC.canonical(), RowLimits(5.0, None, None), "1", "token"), Span(0, 10))
    assert await deliver(client, shard, path, N1) == [Span(0, 8)]
    await deliver(client, shard, path, N1)  # as of a shard that is tried again
    collector = Collector(store, range(10), Tally(10, {}))
    async with collector.collecting(client, rows_queue(name, "token")):
        while sum((await store.counts()).values()) < 3:
            await asyncio.sleep(0.01)
    assert {row.index: row.integrand async for row in store.rows()} == texts


async def test_a_folder_holds_a_store_a_shard(client: Client, tmp_path: Path):
    """As a whole or not at all; the same shard again takes its place. No folder is made here alone."""
    path, folder = tmp_path / "scratch.db", tmp_path / "results"
    shard = Shard(
        Work("run", SPEC.canonical(), RowLimits(5.0, None, None), "1", "token", str(folder)), Span(20, 30)
    )
    async with Store(path, SPEC):
        pass
    with pytest.raises(DeliveryError, match="No such file"):
        await deliver(client, shard, path, N1)
    folder.mkdir()
    for count in (1, 2):
        async with Store(path, SPEC) as scratch:
            await scratch.add(await scratch.begin_run(RunInfo("cluster")), rows(*range(20, 20 + count)))
        assert await deliver(client, shard, path, N1) == []
        assert [file.name for file in folder.iterdir()] == ["run-token-000000000020-000000000030.db"]
        async with Reader(folder / "run-token-000000000020-000000000030.db") as reader:
            assert sum((await reader.counts()).values()) == count
