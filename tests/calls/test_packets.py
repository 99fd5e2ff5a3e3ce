"""Small calls that travel together: each keeps its own clock, error, result and seconds."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest
import workload
from processes import living

from asyncgen.calls.errors import (
    CallTimeout,
    CpuLimitExceeded,
    MemoryLimitExceeded,
    SchedulerClosed,
    WorkerDied,
)
from asyncgen.calls.events import CallEnded, Event
from asyncgen.calls.stream import CallResult
from asyncgen.scheduler import Scheduler

pytestmark = pytest.mark.both_loops
MIB = 1 << 20


async def results(scheduler: Scheduler, function, items, **options) -> list[CallResult]:
    """In the order of the items."""
    return [result async for result in scheduler.stream(function, items, ordered=True, **options)]


async def test_many_calls_travel_together():
    """In far fewer messages than there are items, whose values come in order."""
    async with Scheduler(workers=1, calls_per_worker=100_000) as scheduler:
        found = await results(scheduler, workload.echo, range(3000), chunk=500)
        assert [result.value for result in found] == list(range(3000))
        assert all(result.cpu_seconds >= 0 and result.wall_seconds > 0 for result in found)
        assert scheduler.statistics.calls == 3000


async def test_packets_grow_where_calls_are_short():
    """From one item on, until they take about twenty milliseconds."""
    async with Scheduler(workers=1) as scheduler:
        pids = [r.value async for r in scheduler.stream(workload.pid, range(5000))]
        assert len(set(pids)) == 1
        stream = scheduler.stream(workload.echo, range(5000))
        async for _ in stream:
            pass
        assert stream._runners._chunks.size > 50


async def test_each_item_has_its_own_error():
    """What cannot be pickled, on either side, and what the function raises, cost nobody else."""
    items = [3, workload.Weak, lambda: None, 0, "x", 5]
    async with Scheduler(workers=1) as scheduler:
        found = await results(scheduler, workload.reciprocal, items, chunk=6)
        kinds = [type(result.error).__name__ for result in found]
        assert kinds[0] == kinds[5] == "NoneType"
        assert kinds[1] == "TypeError"
        assert kinds[2] in ("PicklingError", "AttributeError")
        assert kinds[3] == "ZeroDivisionError"
        assert "reciprocal" in str(found[3].error.__cause__)
        assert kinds[4] == "TypeError"
        assert [result.item for result in found] == items
        assert scheduler.statistics.recycled == {}


async def test_a_death_costs_the_item_under_way():
    """Those before it have their answers, those behind it go to another process, each once."""
    async with Scheduler(workers=2) as scheduler:
        items = ["fine"] * 20 + ["_exit"] + ["fine"] * 30 + ["SIGKILL"] + ["fine"] * 10
        found = await results(scheduler, workload.die_or_pass, items, chunk=25)
        assert [type(r.error).__name__ for r in found if r.error] == ["WorkerDied", "WorkerDied"]
        died = [r for r in found if isinstance(r.error, WorkerDied)]
        assert [r.item for r in died] == ["_exit", "SIGKILL"]
        assert [r.error.exitcode for r in died] == [7, -9]
        assert len(found) == len(items)
        assert scheduler.statistics.calls == len(items)


async def test_a_limit_costs_the_item_under_way():
    """Its own time, and not that of the packet, which takes much longer altogether."""
    async with Scheduler(workers=1, timeout=0.3) as scheduler:
        items = [0.02] * 30 + [60] + [0.02] * 5
        found = await results(scheduler, workload.sleep, items, chunk=len(items))
        assert [type(r.error).__name__ for r in found if r.error] == ["CallTimeout"]
        assert isinstance(found[30].error, CallTimeout)
        assert found[30].wall_seconds >= 0.3
        assert scheduler.statistics.recycled == {"killed": 1}


async def test_cpu_and_memory_limits_hold_for_items():
    """CPU seconds of one item, resident bytes of its process."""
    async with Scheduler(workers=1, cpu_limit=0.3) as scheduler:
        found = await results(scheduler, workload.burn_or_echo, [1, "burn", 2], chunk=3)
        assert [r.value for r in found] == [1, None, 2]
        assert isinstance(found[1].error, CpuLimitExceeded)
        assert found[1].error.cpu_seconds == pytest.approx(0.3, abs=0.25)
    async with Scheduler(workers=1, memory_limit=200 * MIB) as scheduler:
        found = await results(scheduler, workload.allocate_if_large, [1, 600 * MIB, 1], chunk=3)
        assert [type(r.error) for r in found] == [type(None), MemoryLimitExceeded, type(None)]


async def test_processes_are_replaced_after_their_calls():
    """A packet is no larger than what its process may still do."""
    async with Scheduler(workers=1, calls_per_worker=7) as scheduler:
        pids = [r.value for r in await results(scheduler, workload.pid, range(21), chunk=10)]
        assert list(Counter(pids).values()) == [7, 7, 7]


async def test_large_items_travel_in_packets_of_their_own():
    """A message has its largest size; what is over it fails alone, before it is sent."""
    items = [bytes(size) for size in (10, 700_000, 600_000, 10, 3_000_000, 900_000, 10)]
    async with Scheduler(workers=1, max_message=1_000_000) as scheduler:
        found = await results(scheduler, workload.length, items, chunk=len(items))
        assert [result.value for result in found] == [10, 700_000, 600_000, 10, None, 900_000, 10]
        assert "raise max_message" in str(found[4].error)
        assert scheduler.statistics.recycled == {}


async def test_leaving_a_stream_kills_its_packet(tmp_path: Path, appears):
    """Nothing of it runs on, and the slot is free again."""
    path = str(tmp_path / "pid")
    async with Scheduler(workers=1) as scheduler:
        async with scheduler.stream(workload.hang_or_echo, ["a", path, "b"], chunk=3) as stream:
            assert (await anext(stream)).value == "a"
            pid = int(await appears(tmp_path / "pid"))
        assert living(pid) == []
        assert await scheduler.run(workload.echo, 1) == 1
        assert scheduler.statistics.cancelled in (1, 2)  # "b" may have been recalled before


async def test_closing_the_scheduler_ends_a_packet(tmp_path: Path, appears):
    """The stream raises what the scheduler has to say."""
    path = str(tmp_path / "pid")
    async with Scheduler(workers=1) as scheduler:
        stream = scheduler.stream(workload.hang_or_echo, [path, "b"], chunk=2)
        await appears(tmp_path / "pid")
    with pytest.raises(SchedulerClosed):
        await anext(stream)


async def test_each_item_has_its_event():
    """As each call."""
    events: list[Event] = []
    async with Scheduler(workers=1, on_event=events.append) as scheduler:
        await results(scheduler, workload.reciprocal, [1, 0, 2], chunk=3)
        await asyncio.sleep(0)
    ends = [event.how for event in events if isinstance(event, CallEnded)]
    assert ends == ["value", "ZeroDivisionError", "value"]


async def test_a_function_that_cannot_be_had_fails_for_each_item():
    """On either side of the socket."""
    async with Scheduler(workers=1) as scheduler:
        found = await results(scheduler, lambda item: item, range(3), chunk=3)
        assert all("raised while pickling the call" in result.error.__notes__ for result in found)
        found = await results(scheduler, workload.UnloadableFunction(), range(3), chunk=3)
        assert [type(result.error) for result in found] == [ValueError] * 3
        assert (await results(scheduler, workload.echo, range(3), chunk=3))[2].value == 2


async def test_streams_and_calls_share_the_workers():
    """A call waits for a packet at most."""
    async with (
        Scheduler(workers=1) as scheduler,
        scheduler.stream(workload.sleep, [0.001] * 3000) as stream,
    ):
        await anext(stream)
        assert await scheduler.run(workload.echo, "in between") == "in between"
        assert len(stream._runners.results) < 2000


async def test_nobody_waits_behind_an_item_that_takes_long(tmp_path: Path):
    """Those behind it go to another process, while it goes on where it is."""
    gate = tmp_path / "gate"
    items = ["a", str(gate), *"bcdefgh"]
    async with (
        Scheduler(workers=2) as scheduler,
        scheduler.stream(workload.wait_for_path, items, chunk=len(items)) as stream,
    ):
        others = [(await anext(stream)).value for _ in range(8)]
        assert others == list("abcdefgh")
        gate.touch()
        assert (await anext(stream)).value == str(gate)
        assert await scheduler.run(workload.echo, 1) == 1
        assert scheduler.statistics.calls == len(items) + 1
        assert scheduler.statistics.recycled == {}


async def test_a_death_behind_which_all_was_recalled_costs_itself(tmp_path: Path):
    """The others are with another process, or wait for one."""
    gate = tmp_path / "gate"
    async with Scheduler(workers=2) as scheduler:
        stream = scheduler.stream(workload.die_at, [str(gate), *"bcdefgh"], chunk=8)
        assert [(await anext(stream)).value for _ in range(7)] == list("bcdefgh")
        gate.touch()
        last = [result async for result in stream]
        assert [type(result.error) for result in last] == [WorkerDied]


async def test_a_forked_child_that_comes_back_answers_nothing():
    """Neither with a value nor with an error: the answers are those of the worker, in their order."""
    async with Scheduler(workers=1) as scheduler:
        found = await results(scheduler, workload.fork_and_return, range(40), chunk=10)
        assert [result.value for result in found] == list(range(40))
        assert min(result.cpu_seconds for result in found) >= 0
        assert [await scheduler.run(workload.fork_and_return, number) for number in (3, 7, 1)] == [3, 7, 1]


async def test_the_attempts_at_an_item_are_all_told():
    """The first of them was made in a packet."""
    async with Scheduler(workers=1) as scheduler:
        found = await results(scheduler, workload.die_or_pass, ["fine", "_exit", "fine"], chunk=3, retries=2)
        assert len(found[1].error.attempts) == 3
        assert "the last of 3 tries" in found[1].error.__notes__[0]
        with pytest.raises(CallTimeout) as caught:
            await scheduler.run(workload.hang, timeout=0.1, retries=1, retry_on=(CallTimeout,))
        assert len(caught.value.attempts) == 2


@pytest.mark.chaos
async def test_each_item_is_made_once_wherever_it_goes(tmp_path: Path):
    """Recalled again and again, as one in ten takes long, it is begun by one process only."""
    note = str(tmp_path / "note")
    items = [(note, number, 0.07 if number % 10 == 3 else 0.0) for number in range(600)]
    async with Scheduler(workers=3) as scheduler:
        found = await results(scheduler, workload.note_and_sleep, items, chunk=25)
        assert [result.value for result in found] == list(range(600))
    assert sorted(map(int, Path(note).read_text().split())) == list(range(600))


@pytest.mark.chaos
async def test_kills_at_random_lose_no_item():
    """Each item ends once: with its value, or with the death of the process that had begun with it."""
    async with Scheduler(workers=2, spares=2) as scheduler:
        killed: set[int] = set()

        async def killer() -> None:
            for _ in range(50):
                await asyncio.sleep(0.01)
                for pid in scheduler.pids[:1]:
                    if pid not in killed:
                        killed.add(pid)
                        os.kill(pid, 9)

        killing = asyncio.create_task(killer())
        found = await results(scheduler, workload.echo, range(20_000))
        killing.cancel()
        assert [result.item for result in found] == list(range(20_000))
        lost = [result for result in found if result.error is not None]
        assert all(isinstance(result.error, WorkerDied) for result in lost)
        assert len(lost) <= len(killed)
        assert all(result.value == result.item for result in found if result.error is None)
