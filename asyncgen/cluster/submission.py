"""Hands the gaps of a store to nodes, and waits for their rows.

    store.gaps ──Request──▶ workflow Run ──▶ nodes ──▶ collector ──▶ store

Guarantees: a submitter that goes away costs nothing: the run goes on, and the same call again finds it. It
    ends when the store has every row of the range but those of shards that were set aside.
Assumes: one submitter at a time for each store (the store refuses a second).
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError

from asyncgen.cluster.collector import Collector
from asyncgen.cluster.connection import ServerError, is_passing, patiently
from asyncgen.cluster.names import BRING, node_queue, rows_queue
from asyncgen.cluster.order import Order, memo_of, work_of
from asyncgen.cluster.overview import asked, described, is_cancelled, listening, run_named
from asyncgen.cluster.records import (
    Request,
    RunState,
    SetAside,
    Snapshot,
    Span,
)
from asyncgen.cluster.run import Run
from asyncgen.jobs.generate import check_limits
from asyncgen.jobs.progress import Progress, State, Tally
from asyncgen.jobs.run import Control
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import is_constructed
from asyncgen.problems.records import Status
from asyncgen.store import Store

_REPORT_SECONDS = 0.5
_MOST_SPANS = 20_000  # of a request, which is to be below 2 MiB
_LOOKS, _LOOK_SECONDS = 20, 0.25  # at rows that may still be on the server
_ASK_SECONDS = 2.0  # between two questions to a run whose rows do not come here
_LOOK_AT_RUN_SECONDS = 15.0  # and to one whose rows do: is it paused?

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Submitted:
    """How a run ended, or stands when the submitter leaves: its rows that are stored, shards set aside."""

    run: str
    progress: Progress
    set_aside: list[SetAside]
    goes_on: bool  # without the submitter


async def submit(client: Client, order: Order, control: Control) -> Submitted:
    """Have what is missing of a range made by nodes, and stored.

    Once control.stop is set, it leaves; the run goes on. Raises UsageError where the store or a run of the
    same name does not fit, ServerError where the run was ended by somebody else.
    """
    settings = order.settings
    span = order.indices.start, order.indices.stop
    async with Store(order.store, order.spec, settings.patience, control.stop) as store:
        await check_limits(store, settings)
        drops = await store.drops(*span) if is_constructed(order.spec) else None
        tally = Tally(len(order.indices), await store.counts(*span), drops)
        return await _Submitter(client, order, store, tally, control).run()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work comes to; None where the stop is set before: then it is ended."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})


class _Submitter:
    """One submitter, while it has the store."""

    def __init__(self, client: Client, order: Order, store: Store, tally: Tally, control: Control) -> None:
        self._client = client
        self._order = order
        self._store = store
        self._tally = tally
        self._control = control
        self._say = control.say
        self._memo = memo_of(order)
        self._work = work_of(order)
        self._handle = run_named(client, self._work.run)
        self._queue = rows_queue(self._work.run, self._work.token)
        self._collector = Collector(store, order.indices, tally)
        self._is_open = self._is_paused = False  # the run, as far as is known

    async def run(self) -> Submitted:
        state: State = "stopped"
        set_aside: list[SetAside] = []
        cpu_seconds = 0.0
        try:
            async with self._collector.collecting(self._client, self._queue):
                found = await _unless(self._control.stop, self._follow_to_the_end())
                await self._let_go()
            if found is not None:
                set_aside = found.set_aside
                cpu_seconds = sum(node.cpu_seconds for node in found.nodes.values())
            if self._tally.complete or (found is not None and self._work.results is not None):
                state = "stopped" if set_aside else "done"
        finally:
            await self._collector.end("done" if state == "done" else "stopped")
        progress = self._tally.snapshot(state)
        if self._work.results is not None:  # no row came by here that could tell
            progress = replace(progress, cpu_seconds=cpu_seconds)
        self._control.on_progress(progress)
        return Submitted(self._work.run, progress, set_aside, self._is_open)

    async def _let_go(self) -> None:
        """See that nothing is left on the server of a run that has ended."""
        if self._control.stop.is_set():  # the run goes on, and its rows wait
            return
        query = f"WorkflowType = '{BRING}' AND TaskQueue = '{self._queue}' AND ExecutionStatus = 'Running'"
        for _ in range(_LOOKS):
            with contextlib.suppress(RPCError):
                if not (await self._client.count_workflows(query)).count:
                    return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _follow_to_the_end(self) -> RunState | None:
        """What the last run ended with; None where it was cancelled."""
        while True:
            spans = await self._missing()
            description = await self._open_run()
            if description is None and not spans:
                return RunState(total=0, began=time.time())
            is_ending = description is not None and is_cancelled(description)
            if description is None:
                await self._start(spans)
            elif is_ending:
                self._say(f"the run {self._work.run} was cancelled before, and is about to end")
            else:
                await self._say_how_it_stands()
            self._is_open = not is_ending
            state = await self._result()
            self._is_open = False
            if is_ending:
                continue
            if state is None or state.set_aside or self._work.results is not None:
                return state

    async def _missing(self) -> list[Span]:
        """The indices without a row; where there are very many holes, the shards around them."""
        indices, size = self._order.indices, self._order.shard_rows
        holes: list[Span] = []
        shards: list[Span] = []
        async for gap in self._store.gaps(indices.start, indices.stop):
            if len(holes) <= _MOST_SPANS:
                holes.append(Span(gap.start, gap.stop))
            start = max(indices.start, gap.start // size * size)
            stop = min(indices.stop, -(-gap.stop // size) * size)
            if shards and start <= shards[-1].stop:
                start = shards.pop().start
            shards.append(Span(start, stop))
        return holes if len(holes) <= _MOST_SPANS else shards

    # -- the run on the server -----------------------------------------------------------------------

    async def _say_how_it_stands(self) -> None:
        """Say what a run that was there already has of its own."""
        with contextlib.suppress(RPCError):
            if (snapshot := await asked(self._handle)) is None:
                return
            if snapshot.state.total != len(self._order.indices):
                self._say(
                    f"the run {self._work.run} is open, for {snapshot.state.total} rows: it comes to its end "
                    "first, with its own shards"
                )
            self._say_if_paused(snapshot)

    def _say_if_paused(self, snapshot: Snapshot) -> None:
        """Say it once, each time that it changes."""
        if snapshot.state.paused == self._is_paused:
            return
        self._is_paused = snapshot.state.paused
        how = "is paused: asyncgen cluster resume lets it go on" if self._is_paused else "goes on"
        self._say(f"the run {self._work.run} {how}")

    async def _open_run(self) -> WorkflowExecutionDescription | None:
        """The run of this name that is open, if there is one. Raises UsageError where it is another's."""
        description = await patiently(lambda: described(self._handle), self._say)
        if description is None or description.status is not WorkflowExecutionStatus.RUNNING:
            return None
        await self._check(description)
        return description

    async def _check(self, description: WorkflowExecutionDescription) -> None:
        memo = await description.memo()
        for what, ours in self._memo.items():
            if (theirs := memo.get(what)) != ours:
                raise UsageError(
                    f"the run {self._work.run} is open, and its {what} is {theirs}, not {ours}: wait for its "
                    f"end, or end it with asyncgen cluster cancel --run {self._work.run}"
                )

    async def _start(self, spans: list[Span]) -> None:
        order, work = self._order, self._work
        before = await self._store.counts(order.indices.start, order.indices.stop)
        state = RunState(
            total=len(order.indices),
            began=time.time(),
            before={str(status): count for status, count in before.items()},
        )
        request = Request(work, state, spans, order.shard_rows, order.heartbeat, order.attempts)
        await patiently(
            lambda: self._client.start_workflow(
                Run.run,
                request,
                id=work.run,
                task_queue=node_queue(work.version),
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                memo=self._memo,
                static_summary=f"{len(order.indices)} rows for {self._memo['store']}",
            ),
            self._say,
        )
        self._say(f"run {work.run}: {sum(map(len, spans))} rows to be made")
        if not await patiently(lambda: listening(self._client, node_queue(work.version)), self._say):
            self._say(f"no node of asyncgen {work.version} is there yet: asyncgen cluster node starts one")

    async def _result(self) -> RunState | None:
        """What the run ended with; None where it was cancelled."""
        asking = asyncio.ensure_future(self._ended())
        reporting = asyncio.ensure_future(self._report())
        ends: set[asyncio.Future[Any]] = {asking, reporting, self._collector.failed}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in (self._collector.failed, reporting):
                if end.done():
                    end.result()
            return asking.result()
        except WorkflowFailureError as error:
            if isinstance(error.cause, CancelledError):
                self._say(f"the run {self._work.run} was cancelled")
                return None
            raise ServerError(f"the run {self._work.run} has failed: {error.cause}") from None
        finally:
            asking.cancel()
            reporting.cancel()

    async def _ended(self) -> RunState:
        """What the run ended with, however often the server is away meanwhile."""
        while True:
            try:
                return await self._handle.result()
            except RPCError as error:
                if not is_passing(error):
                    raise
            await patiently(self._handle.describe, self._say)

    async def _report(self) -> None:
        """Say how far it is, now and then: by the rows that come here, or as the run says."""
        pause = _REPORT_SECONDS if self._work.results is None else _ASK_SECONDS
        looked = time.monotonic()
        while True:
            progress = self._tally.snapshot("running")
            if time.monotonic() - looked > _LOOK_AT_RUN_SECONDS or self._work.results is not None:
                progress = await self._as_the_run_says(progress)
                looked = time.monotonic()
            self._control.on_progress(progress)
            await asyncio.sleep(pause)

    async def _as_the_run_says(self, progress: Progress) -> Progress:
        """The progress, of rows that do not come here as the run has counted them; a pause is said, too."""
        snapshot = await patiently(lambda: asked(self._handle), self._say)
        if snapshot is None:
            return progress
        self._say_if_paused(snapshot)
        if self._work.results is None:
            return progress
        made = Counter({Status(name): count for name, count in snapshot.state.counts.items()})
        return replace(progress, stored=snapshot.state.rows, counts=Counter(progress.counts) + made)
