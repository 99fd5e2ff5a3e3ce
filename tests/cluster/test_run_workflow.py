"""The workflow Run, on a real server, with activities that label nothing."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from asyncgen.cluster.names import LABEL_SHARD, REFUSED
from asyncgen.cluster.records import (
    Report,
    Request,
    RowLimits,
    RunState,
    Shard,
    Snapshot,
    Span,
    Work,
)
from asyncgen.cluster.run import Run

Handle = WorkflowHandle[Run, RunState]
TOKEN = "token"
Label = Callable[[Shard], Awaitable[Report]]


def report(span: Span, left: list[Span] | None = None, coming: list[Span] | None = None) -> Report:
    """A node's word that a shard is labelled, but for what is left."""
    rows = len(span) - sum(map(len, left or []))
    return Report("n1", rows, {"elementary": rows}, 1.0, 1.0, left or [], coming or [])


class Labelling:
    """Notes what is given out, and answers at once."""

    def __init__(self) -> None:
        self.given: list[Span] = []

    async def __call__(self, shard: Shard) -> Report:
        self.given.append(shard.span)
        return await self.made(shard.span)

    async def made(self, span: Span) -> Report:
        return report(span)


@asynccontextmanager
async def started(client: Client, label: Label, spans: list[Span], **options: Any) -> AsyncIterator[Handle]:
    """A run that is under way, whose histories are replayed in the end: it must be deterministic."""
    name = f"run-{uuid.uuid4().hex}"
    work = Work(name, "{}", RowLimits(5.0, None, None), "1", TOKEN)
    state = RunState(total=sum(map(len, spans)), began=0.0)
    request = Request(work, state, spans, **{"shard_rows": 10, "heartbeat": 5.0, "attempts": 3, **options})

    @activity.defn(name=LABEL_SHARD)
    async def label_shard(shard: Shard) -> Report:
        return await label(shard)

    runner = UnsandboxedWorkflowRunner()
    async with Worker(
        client,
        task_queue=name,
        workflows=[Run],
        activities=[label_shard],
        workflow_runner=runner,
        max_heartbeat_throttle_interval=timedelta(seconds=0.1),
        default_heartbeat_throttle_interval=timedelta(seconds=0.1),
    ):
        handle = await client.start_workflow(Run.run, request, id=name, task_queue=name)
        yield client.get_workflow_handle(name, result_type=RunState)
        replayer = Replayer(workflows=[Run], workflow_runner=runner)
        first = client.get_workflow_handle(name, run_id=handle.first_execution_run_id)
        await replayer.replay_workflow(await first.fetch_history())


async def until(handle: Handle, condition: Callable[[Snapshot], object]) -> Snapshot:
    while not condition(seen := await handle.query(Run.progress)):
        await asyncio.sleep(0.01)
    return seen


async def recalled() -> None:
    """Wait, and say that we live, until what was given out is wanted back."""
    try:
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        return


async def test_each_index_is_given_out_once(client: Client):
    """In shards that end at multiples of their size, whatever spans there are."""
    label = Labelling()
    async with started(client, label, [Span(0, 25), Span(27, 28), Span(95, 101)], window=3) as handle:
        state = await handle.result()
    spans = [(0, 10), (10, 20), (20, 25), (27, 28), (95, 100), (100, 101)]
    assert sorted((span.start, span.stop) for span in label.given) == spans
    assert (state.rows, state.shards, state.counts) == (32, 6, {"elementary": 32})
    assert state.nodes["n1"].rows == 32


async def test_it_continues_as_new_and_forgets_nothing(client: Client):
    """Before its history is too long."""
    label = Labelling()
    async with started(client, label, [Span(0, 1000)], window=5, most_events=50) as handle:
        state = await handle.result()
        history = await client.get_workflow_handle(handle.id).fetch_history()
    assert len(label.given) == len(set(label.given)) == 100
    assert (state.rows, state.shards, len(state.set_aside)) == (1000, 100, 0)
    assert len(history.events) < 150
    first = history.events[0].workflow_execution_started_event_attributes
    assert first.continued_execution_run_id  # it is not the first execution


async def test_what_is_left_is_given_out_again(client: Client):
    """As a node says that drains."""

    class Draining(Labelling):
        async def made(self, span: Span) -> Report:
            left = [Span(3, 4), Span(7, 10)] if span == Span(0, 10) else []
            return report(span, left)

    label = Draining()
    async with started(client, label, [Span(0, 20)]) as handle:
        state = await handle.result()
    assert sorted((span.start, span.stop) for span in label.given) == [(0, 10), (3, 4), (7, 10), (10, 20)]
    assert (state.rows, state.shards) == (20, 4 - 1)


async def test_a_refusal_is_no_failure_of_the_shard(client: Client):
    """Which has one attempt here, and is made all the same."""

    class Refusing(Labelling):
        async def made(self, span: Span) -> Report:
            if len(self.given) == 1:
                raise ApplicationError("no", "n7", "no engine here", type=REFUSED, non_retryable=True)
            return report(span)

    label = Refusing()
    async with started(client, label, [Span(0, 10)], attempts=1) as handle:
        state = await handle.result()
    assert (state.rows, state.refusals, state.set_aside) == (10, {"n7": "no engine here"}, [])


async def test_a_shard_that_fails_is_set_aside(client: Client):
    """After so many attempts, with the last error; the others are made."""

    class Failing(Labelling):
        async def made(self, span: Span) -> Report:
            if span.start == 10:
                raise RuntimeError("bad luck")
            return report(span)

    label = Failing()
    async with started(client, label, [Span(0, 30)], attempts=2) as handle:
        state = await handle.result()
    assert label.given.count(Span(10, 20)) == 2
    assert [(one.span, one.error) for one in state.set_aside] == [(Span(10, 20), "RuntimeError: bad luck")]
    assert state.rows == 20


async def test_a_shard_that_is_wanted_back_may_fail(client: Client):
    """As that of a node that died, when the run is paused: the server does not try it again."""

    class Dying(Labelling):
        async def made(self, span: Span) -> Report:
            if len(self.given) == 1:
                await recalled()
                raise RuntimeError("dead")
            return report(span)

    label = Dying()
    async with started(client, label, [Span(0, 10)], attempts=1) as handle:
        await until(handle, lambda seen: label.given)
        await handle.signal(Run.pause)
        await until(handle, lambda seen: not seen.under_way)
        await handle.signal(Run.resume)
        state = await handle.result()
    assert (state.rows, state.set_aside) == (10, [])


async def test_it_gives_up_where_too_much_fails(client: Client):
    """Instead of burning all of the work."""

    class Failing(Labelling):
        async def made(self, span: Span) -> Report:
            raise RuntimeError("bad luck")

    label = Failing()
    options = {"attempts": 1, "window": 2, "most_set_aside": 3}
    async with started(client, label, [Span(0, 1000)], **options) as handle:
        state = await handle.result()
    assert 3 <= len(label.given) == len(state.set_aside) <= 4


async def test_it_waits_for_the_rows(client: Client):
    """Until all are stored, also those that were before their shard was reported."""

    class Travelling(Labelling):
        async def made(self, span: Span) -> Report:
            middle = span.start + 5
            parts = [Span(span.start, middle), Span(middle, span.stop)]
            if span.start == 0:
                await handle.signal(Run.stored, args=[parts[1], TOKEN])
            return report(span, coming=parts)

    async with started(client, Travelling(), [Span(0, 20)]) as handle:
        seen = await until(handle, lambda seen: seen.state.rows == 20)
        assert set(seen.state.coming) == {Span(0, 5), Span(10, 15), Span(15, 20)}
        await handle.signal(Run.stored, args=[Span(0, 5), "of another store"])
        assert len((await handle.query(Run.progress)).state.coming) == 3
        for span in seen.state.coming:
            await handle.signal(Run.stored, args=[span, TOKEN])
        state = await handle.result()
    assert (state.coming, state.home) == ([], [])


async def test_rows_that_are_not_fetched_hold_it_up(client: Client):
    """No more is labelled than may wait."""

    class Travelling(Labelling):
        async def made(self, span: Span) -> Report:
            return report(span, coming=[span])

    label = Travelling()
    async with started(client, label, [Span(0, 100)], most_coming=3, window=2) as handle:
        seen = await until(handle, lambda seen: len(seen.state.coming) >= 3 and not seen.under_way)
        assert len(label.given) == len(seen.state.coming) <= 4
        while len(label.given) < 10:
            for span in (await handle.query(Run.progress)).state.coming:
                await handle.signal(Run.stored, args=[span, TOKEN])
        for span in (await until(handle, lambda seen: not seen.under_way)).state.coming:
            await handle.signal(Run.stored, args=[span, TOKEN])
        state = await handle.result()
    assert state.rows == 100


async def test_a_pause_has_everything_back(client: Client):
    """What nodes have labelled by then counts; the rest is given out when it goes on."""

    class Slow(Labelling):
        async def made(self, span: Span) -> Report:
            if len(self.given) > 2:
                return report(span)
            await recalled()
            return report(span, [Span(span.start + 4, span.stop)])

    label = Slow()
    async with started(client, label, [Span(0, 40)], window=2) as handle:
        await until(handle, lambda seen: len(label.given) == 2)
        await handle.signal(Run.pause)
        paused = await until(handle, lambda seen: not seen.under_way)
        assert paused.state.paused
        assert (paused.state.rows, paused.waiting) == (8, 32)
        await handle.signal(Run.resume)
        state = await handle.result()
    assert (state.rows, state.paused) == (40, False)


async def test_a_cancelled_run_waits_for_what_it_has_given_out(client: Client):
    """Nodes are through with it when it has ended."""
    ended: list[Span] = []

    class Slow(Labelling):
        async def made(self, span: Span) -> Report:
            await recalled()
            ended.append(span)
            return report(span)

    async with started(client, Slow(), [Span(0, 40)], window=2) as handle:
        await until(handle, lambda seen: seen.under_way == 2)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert len(ended) == 2
        history = await handle.fetch_history()
    assert history.events[-1].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
