"""The submitter's side of Bring: rows into the one store, as they come.

    Bring ──local activity store_rows──▶ store.add; who is counted is what was missing

Guarantees: each row once, by its index; the process that made it stands with it, in `runs`. A store that
    takes no more ends the submitter, and the rows wait on the server.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import asyncgen
from asyncgen.cluster.bring import Bring
from asyncgen.cluster.names import STORE_ROWS
from asyncgen.cluster.rows import Origin, unpack
from asyncgen.jobs.progress import Tally
from asyncgen.problems.records import Outcome
from asyncgen.store import Ending, RunInfo, Store

COMMAND = "cluster"  # what `runs` says of rows that nodes have made
_AT_ONCE = 4  # spans of rows that are unpacked or stored at a time
_CACHED = 100  # workflows whose rows are held, of those that wait for pieces


class Collector:
    """Puts rows into a store, and counts those of its range."""

    def __init__(self, store: Store, indices: range, tally: Tally) -> None:
        self._store = store
        self._indices = indices
        self._tally = tally
        self._turn = asyncio.Lock()
        self._runs: dict[str, int] = {}  # in the store, by the sessions of nodes
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @activity.defn(name=STORE_ROWS)
    async def store_rows(self, data: bytes) -> int:
        """Store what is missing; how many rows were."""
        try:
            origin, outcomes = await asyncio.to_thread(unpack, data)
            async with self._turn:
                return await self._add(origin, outcomes)
        except Exception as error:  # whoever waits for the rows must hear of it, not the server alone
            if not self.failed.done():
                self.failed.set_exception(error)
            raise

    async def _add(self, origin: Origin, outcomes: Sequence[Outcome]) -> int:
        span = outcomes[0].index, outcomes[-1].index + 1
        gaps = [gap async for gap in self._store.gaps(*span)]
        new = [outcome for outcome in outcomes if any(outcome.index in gap for gap in gaps)]
        if new:
            await self._store.add(await self._run(origin), new)
            self._tally.add(outcome for outcome in new if outcome.index in self._indices)
        return len(new)

    async def _run(self, origin: Origin) -> int:
        """The number in the store of a node's process, as far as this submitter has its rows."""
        session = origin.session
        if session not in self._runs:
            known = {
                run.info.machine.get("session"): run.id
                for run in await self._store.runs()
                if run.how_ended is None  # of a submitter that was killed
            }
            info = RunInfo(
                COMMAND,
                settings=origin.settings,
                versions=origin.versions,
                machine={**origin.machine, "session": session},
            )
            self._runs[session] = known.get(session) or await self._store.begin_run(info)
        return self._runs[session]

    async def end(self, how: Ending) -> None:
        """Note how the work of the nodes ended, those of earlier submitters included."""
        for run in await self._store.runs():
            if run.info.command == COMMAND and run.how_ended is None:
                await self._store.end_run(run.id, how)

    @asynccontextmanager
    async def collecting(self, client: Client, queue: str) -> AsyncIterator[None]:
        """Take what comes by a queue, meanwhile."""
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[Bring],
            workflow_runner=UnsandboxedWorkflowRunner(),
            activities=[self.store_rows],
            max_concurrent_workflow_tasks=_AT_ONCE,
            max_concurrent_local_activities=_AT_ONCE,
            max_cached_workflows=_CACHED,
            no_remote_activities=True,
            identity="submitter",
            build_id=asyncgen.__version__,
        )
        async with worker:
            yield
