"""Does anything grow with the number of shards: memory, what a shard takes, the server's history?

A real development server, the workflow Run in a process of its own, with a stand-in for nodes that reports
each shard soon, and this process in the place of a submitter: it asks every second how far the run is.
First the rows stay where they are made, as with --results; then they travel, and this process takes them and
forgets them. Printed, as it goes: milliseconds a shard, resident memory of the processes, the size of the
server's file. In the end: how often the run continued as new, and events and bytes of its histories, beside
Temporal's limits of 51,200 events and 50 MiB for each. A shard has more events where little comes
at the same time.

    python benchmarks/cluster_growth.py [--shards 5000] [--travelling 1000] [--at-once 1] [--quick]
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from accounting import MIB
from cluster import a_server
from rounds import table
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import asyncgen
from asyncgen.cluster.collector import Collector
from asyncgen.cluster.connection import Server, connect
from asyncgen.cluster.names import BRING, LABEL_SHARD, STORE_ROWS, node_queue, rows_queue
from asyncgen.cluster.overview import asked
from asyncgen.cluster.records import (
    ATTEMPTS,
    HEARTBEAT,
    SHARD_ROWS,
    Home,
    Report,
    Request,
    RowLimits,
    RunState,
    Shard,
    Span,
    Work,
)
from asyncgen.cluster.run import Run

MARKS = 5  # times that memory is noted
ASK = 1.0  # seconds between two questions
MOST_EVENTS, MOST_BYTES = 51_200, 50 * MIB  # that Temporal allows a history
RUN, TOKEN = "growth", "token"

Handle = WorkflowHandle[Run, RunState]
Look = Callable[[int, float], "Note"]  # at how things stand, after so many shards and seconds


@dataclass(frozen=True, slots=True)
class Note:
    """How things stand after so many shards; memory in MiB."""

    shards: int
    seconds: float
    submitter: float
    node: float
    server: float
    file: float


# -- the node ----------------------------------------------------------------------------------------


class Node:
    """Reports each shard after so many seconds."""

    def __init__(self, client: Client, size: int, seconds: float) -> None:
        self._client = client
        self._seconds = seconds
        self._rows = os.urandom(size)  # of a shard, as they travel

    @activity.defn(name=LABEL_SHARD)
    async def label_shard(self, shard: Shard) -> Report:
        span, coming = shard.span, list[Span]()
        await asyncio.sleep(self._seconds)
        if shard.work.results is None:
            await self._client.start_workflow(
                BRING,
                args=[Home(shard.work.run, shard.work.token), span, 1, self._rows],
                id=f"{shard.work.run}-rows-{span.start}-{span.stop}",
                task_queue=rows_queue(shard.work.run, shard.work.token),
            )
            coming = [span]
        return Report("node", len(span), {"elementary": len(span)}, 1.0, 1.0, [], coming)


def serve(address: str, size: int, at_once: int, seconds: float) -> None:
    """Be the nodes until killed."""

    async def work() -> None:
        client = await connect(Server(address=address))
        await Worker(
            client,
            task_queue=node_queue(asyncgen.__version__),
            workflows=[Run],
            workflow_runner=UnsandboxedWorkflowRunner(),
            activities=[Node(client, size, seconds).label_shard],
            max_concurrent_activities=at_once,
        ).run()

    asyncio.run(work())


@contextmanager
def a_node(*arguments: Any) -> Iterator[int]:
    """The process id of a node."""
    process = multiprocessing.get_context("spawn").Process(target=serve, args=arguments, daemon=True)
    process.start()
    try:
        yield process.pid or 0
    finally:
        process.kill()
        process.join()


# -- the submitter -----------------------------------------------------------------------------------


class Forgetful(Collector):
    """Takes rows as a submitter does, and has no store."""

    def __init__(self) -> None: ...

    @activity.defn(name=STORE_ROWS)
    async def store_rows(self, data: bytes) -> int:
        return len(data)


@asynccontextmanager
async def collecting(client: Client, travel: bool) -> AsyncIterator[None]:
    if travel:
        async with Forgetful().collecting(client, rows_queue(RUN, TOKEN)):
            yield
    else:
        yield


async def start(client: Client, shards: int, travel: bool) -> Handle:
    """A run of so many shards."""
    results = None if travel else "somewhere"
    work = Work(RUN, "no specification", RowLimits(5.0, None, None), asyncgen.__version__, TOKEN, results)
    rows = shards * SHARD_ROWS
    state = RunState(total=rows, began=time.time())
    request = Request(work, state, [Span(0, rows)], SHARD_ROWS, HEARTBEAT, ATTEMPTS)
    return await client.start_workflow(Run.run, request, id=RUN, task_queue=node_queue(work.version))


async def followed(client: Client, shards: int, travel: bool, look: Look) -> tuple[list[Note], Handle]:
    """A run to its end, with a note of each part of its shards."""
    notes: list[Note] = []
    unanswered = 0
    began = time.monotonic()
    async with collecting(client, travel):
        handle = await start(client, shards, travel)
        ending = asyncio.ensure_future(handle.result())
        while not ending.done():
            await asyncio.wait([ending], timeout=ASK)
            snapshot = None if ending.done() else await asked(handle)
            done = shards if ending.done() else snapshot and snapshot.state.shards
            unanswered += done is None
            noted = notes[-1].shards if notes else 0
            if done is not None and done > noted and done >= shards * (1 + len(notes)) // MARKS:
                notes.append(look(done, time.monotonic() - began))
    assert ending.result().rows == shards * SHARD_ROWS
    if unanswered:
        print(f"questions to the run that nobody answered: {unanswered}")
    return notes, handle


async def executions(client: Client, handle: Handle) -> list[tuple[int, int]]:
    """Events and bytes of each execution of a run, in their order."""
    found = []
    execution = handle.first_execution_run_id
    while execution:
        one = client.get_workflow_handle(handle.id, run_id=execution)
        info = (await one.describe()).raw_description.workflow_execution_info
        found.append((info.history_length, info.history_size_bytes))
        execution = ""
        closing = WorkflowHistoryEventFilterType.CLOSE_EVENT
        async for event in one.fetch_history_events(event_filter_type=closing):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
                execution = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


# -- what is printed ---------------------------------------------------------------------------------


def show(shards: int, notes: list[Note], found: list[tuple[int, int]]) -> None:
    shown, last = [], (0, 0.0)
    for note in notes:
        pace = (note.seconds - last[1]) / (note.shards - last[0]) * 1e3
        last = note.shards, note.seconds
        sizes = (note.submitter, note.node, note.server, note.file)
        shown.append([str(note.shards), f"{pace:.1f}", *(f"{size:.1f}" for size in sizes)])
    table(["shards", "ms a shard", "submitter MiB", "node MiB", "server MiB", "server's file MiB"], shown)
    events, size = (sum(each) for each in zip(*found, strict=True))
    print(f"{notes[-1].seconds / shards * 1e3:.1f} ms a shard; continued as new {len(found) - 1} times")
    print(f"history: {events / shards:.1f} events and {size / shards:.0f} bytes a shard")
    most = max(events for events, _ in found), max(size for _, size in found)
    print(f"most of an execution: {most[0]} of {MOST_EVENTS} events, {most[1]} of {MOST_BYTES} bytes")
    assert most[0] < MOST_EVENTS
    assert most[1] < MOST_BYTES


def measure(shards: int, travel: bool, options: argparse.Namespace) -> None:
    """One run with a server of its own."""
    size, at_once, seconds = options.bytes, options.at_once, options.seconds
    how = f"travel, {size} bytes a shard" if travel else "stay where they are made"
    print(f"{shards} shards of {SHARD_ROWS} rows, which {how}:", flush=True)
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        folder = Path(name)
        with a_server(folder, {}) as address, a_node(address, size, at_once, seconds) as node:
            server = next(one.pid for one in psutil.Process().children() if one.name() == "temporal")

            def look(done: int, seconds: float) -> Note:
                held = [psutil.Process(pid).memory_info().rss / MIB for pid in (os.getpid(), node, server)]
                file = sum(part.stat().st_size for part in folder.glob("temporal.db*")) / MIB
                return Note(done, seconds, *held, file)

            async def run() -> None:
                client = await connect(Server(address=address))
                notes, handle = await followed(client, shards, travel, look)
                show(shards, notes, await executions(client, handle))

            asyncio.run(run())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shards", type=int, default=5000)
    parser.add_argument("--travelling", type=int, default=1000, help="shards whose rows travel")
    parser.add_argument("--bytes", type=int, default=200_000, help="of the rows of a shard")
    parser.add_argument("--at-once", type=int, default=1, help="shards at a time")
    parser.add_argument("--seconds", type=float, default=0.02, help="that a shard takes")
    parser.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    options = parser.parse_args()
    shards, travelling = (50, 20) if options.quick else (options.shards, options.travelling)
    measure(shards, False, options)
    measure(travelling, True, options)


if __name__ == "__main__":
    main()
