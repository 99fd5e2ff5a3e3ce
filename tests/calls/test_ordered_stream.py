"""Streams in the order of their source: early results wait, and the bound holds meanwhile."""

import asyncio
import itertools
from pathlib import Path

import pytest
import workload
from makers import ordered_stream_of

from asyncgen.calls.errors import CallTimeout, SchedulerError, WorkerDied
from asyncgen.calls.stream import CallResult
from asyncgen.scheduler import Scheduler

pytestmark = pytest.mark.both_loops


async def test_results_come_in_the_order_of_the_source(tmp_path: Path):
    """A first call that waits for the last one to be done still comes first."""
    go = tmp_path / "go"

    async def source():
        for item in [str(go), "a", "b", "c"]:
            yield item
        go.touch()

    async with Scheduler(workers=2) as scheduler:
        stream = scheduler.stream(workload.wait_for_or_echo, source(), ordered=True)
        order = [result.item async for result in stream]
    assert order == [str(go), "a", "b", "c"]


async def test_failures_keep_their_places():
    """Exception, death and timeout each come where their item stood."""
    items = ["fine", "hang", "exception", "fine", "_exit", "fine"]
    async with Scheduler(workers=3, timeout=0.5) as scheduler:
        stream = scheduler.stream(workload.die_or_hang, items, ordered=True)
        found = [(result.item, type(result.error)) async for result in stream]
    nothing = type(None)
    kinds = [nothing, CallTimeout, ValueError, nothing, WorkerDied, nothing]
    assert found == list(zip(items, kinds, strict=True))


@pytest.mark.parametrize(("bound", "runners"), [(1, 1), (2, 1), (2, 2), (7, 3), (3, 8)])
async def test_behind_a_hanging_call_no_more_is_drawn_than_the_bound_allows(bound: int, runners: int):
    """The results that wait for it count, and when it is done all go on."""
    go, drawn = asyncio.Event(), 0

    def source():
        nonlocal drawn
        for item in range(50):
            drawn += 1
            yield item

    async def call(item: int) -> CallResult[int, int]:
        if item == 0:
            await go.wait()
        return CallResult(item, item, None, 0.0, 0.0)

    async with ordered_stream_of(call, source(), runners, bound) as stream:
        for _ in range(200):
            await asyncio.sleep(0)
        assert drawn == (1 if runners == 1 or bound == 1 else bound)
        go.set()
        assert [result.item async for result in stream] == list(range(50))


async def test_calls_that_end_in_any_order_come_sorted():
    """Every order in which five calls can end."""
    for ends in itertools.permutations(range(5)):
        turns = [asyncio.Event() for _ in range(5)]

        async def call(item: int, turns=turns) -> CallResult[int, int]:
            await turns[item].wait()
            return CallResult(item, item, None, 0.0, 0.0)

        async with ordered_stream_of(call, range(5), 5, 5) as stream:
            for item in ends:
                turns[item].set()
                await asyncio.sleep(0)
            assert [result.item async for result in stream] == [0, 1, 2, 3, 4]


async def test_a_call_that_is_no_result_ends_it_after_the_results_before_it():
    """What a scheduler's own fault leaves out is never skipped silently."""

    async def call(item: int) -> CallResult[int, int]:
        await asyncio.sleep(0)
        if item == 3:
            raise SchedulerError("no process can be had")
        return CallResult(item, item, None, 0.0, 0.0)

    stream, seen = ordered_stream_of(call, itertools.count(), 2, 4), []
    with pytest.raises(SchedulerError, match="no process"):
        async for result in stream:
            seen.append(result.item)
    assert seen == [0, 1, 2]
