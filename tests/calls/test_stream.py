"""Streams of calls: bounded, as completed, and clean to leave at any time."""

import asyncio
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import workload
from makers import stream_of
from processes import living

from asyncgen.calls.errors import CallTimeout, SchedulerClosed, SchedulerError, WorkerDied
from asyncgen.calls.stream import CallResult, Stream
from asyncgen.scheduler import Scheduler

pytestmark = pytest.mark.both_loops


class Unopened:
    """Cannot be iterated over, and looks as if it could."""

    def __iter__(self) -> Iterator[int]:
        raise TypeError("not now")


class Counted:
    """A source that knows how much was drawn from it."""

    def __init__(self, items: Iterator[object]) -> None:
        self.drawn = 0
        self._items = items

    def __iter__(self) -> "Counted":
        return self

    def __next__(self) -> object:
        item = next(self._items)
        self.drawn += 1
        return item


async def test_every_item_comes_back_exactly_once():
    """A thousand items in, a thousand results out, each with its own item."""
    async with Scheduler(workers=2) as scheduler:
        results = [result async for result in scheduler.stream(workload.echo, range(1000))]
    assert sorted(result.item for result in results) == list(range(1000))
    assert all(result.value == result.item and result.error is None for result in results)


async def test_results_come_as_completed(tmp_path: Path):
    """A call that waits does not hold up those behind it."""
    go = tmp_path / "go"
    async with Scheduler(workers=2) as scheduler:
        order = []
        async for result in scheduler.stream(workload.wait_for_or_echo, [str(go), "a", "b", "c"]):
            order.append(result.value)
            if result.value == "c":
                go.touch()
    assert order == ["a", "b", "c", str(go)]


async def test_a_failure_is_a_value_and_the_stream_goes_on():
    """Exception, death and timeout each come as the error of their own item."""
    async with Scheduler(workers=2, timeout=1.0) as scheduler:
        items = ["exception", "_exit", "hang", "fine"]
        stream = scheduler.stream(workload.die_or_hang, items)
        errors = {result.item: type(result.error) async for result in stream}
    assert errors == {
        "exception": ValueError,
        "_exit": WorkerDied,
        "hang": CallTimeout,
        "fine": type(None),
    }


@pytest.mark.parametrize("inflight", [1, 2, 7])
async def test_no_more_than_the_bound_is_ever_drawn_ahead(inflight: int):
    """Drawn and not yet consumed never exceeds the bound, however slow the consumer."""
    source = Counted(iter(range(60)))
    consumed, most = 0, 0
    async with Scheduler(workers=2) as scheduler:
        async for _ in scheduler.stream(workload.echo, source, inflight=inflight):
            consumed += 1
            for _ in range(20):
                await asyncio.sleep(0)
            most = max(most, source.drawn - consumed)
    assert consumed == 60
    assert most <= inflight


async def test_drawing_stops_when_the_consumer_stops():
    """A consumer that pauses for good leaves the source where the bound says."""
    source = Counted(iter(range(1000)))
    async with (
        Scheduler(workers=2) as scheduler,
        scheduler.stream(workload.echo, source, inflight=5) as stream,
    ):
        await anext(stream)
        while source.drawn < 6:
            await asyncio.sleep(0.001)
        assert await scheduler.run(workload.echo, "other calls go on") == "other calls go on"
        assert source.drawn == 6


async def test_an_asynchronous_source_is_drawn_one_item_at_a_time():
    """Several runners share it without disturbing each other."""

    async def source() -> AsyncIterator[int]:
        for number in range(100):
            await asyncio.sleep(0)
            yield number

    async with Scheduler(workers=3) as scheduler:
        values = [result.value async for result in scheduler.stream(workload.echo, source())]
    assert sorted(values) == list(range(100))


async def test_an_exception_of_the_source_comes_after_the_results_before_it():
    """What was drawn is not lost, and the fault is not hidden."""

    def source() -> Iterator[int]:
        yield from range(5)
        raise KeyError("the source broke")

    seen = []
    async with Scheduler(workers=2) as scheduler:
        with pytest.raises(KeyError, match="the source broke"):
            async for result in scheduler.stream(workload.echo, source()):
                seen.append(result.value)
    assert sorted(seen) == list(range(5))


async def test_leaving_a_stream_kills_its_calls_and_keeps_the_scheduler(tmp_path: Path, appears):
    """`break` inside `async with` ends what the stream had running, and nothing else."""
    async with Scheduler(workers=2) as scheduler:
        async with scheduler.stream(
            workload.hang_or_echo, ["value", str(tmp_path / "pid"), "more"]
        ) as stream:
            async for _ in stream:
                worker = int(await appears(tmp_path / "pid"))
                break
        assert living(worker) == []
        assert await scheduler.run(workload.echo, 1) == 1


async def test_closing_the_scheduler_ends_its_streams(tmp_path: Path, appears):
    """A stream that was left without a word is gone with its scheduler."""
    async with Scheduler(workers=1) as scheduler:
        stream = scheduler.stream(workload.announce_and_hang, [str(tmp_path / "pid")])
        worker = int(await appears(tmp_path / "pid"))
    assert living(worker) == []
    with pytest.raises(SchedulerClosed):
        await anext(stream)


async def test_who_waits_for_more_hears_that_the_scheduler_was_closed():
    """What had come is given first; nothing looks as if it were all."""
    seen: list[int] = []

    async def consume(stream: Stream[int, int]) -> None:
        async for result in stream:
            seen.append(result.unwrap())

    async with Scheduler(workers=1) as scheduler:
        consuming = asyncio.create_task(consume(scheduler.stream(workload.echo, itertools.count())))
        while len(seen) < 10:
            await asyncio.sleep(0)
    with pytest.raises(SchedulerClosed, match="before the stream had ended"):
        await consuming
    assert sorted(seen) == list(range(len(seen)))


@pytest.mark.parametrize("source", [5, None, Unopened()])
@pytest.mark.parametrize("workers", [0, 1])
async def test_what_cannot_be_iterated_over_is_an_error(workers: int, source: Any):
    """It is the one that Python raises, and nobody waits for ever."""
    async with Scheduler(workers=workers) as scheduler:
        with pytest.raises(TypeError):
            async for _ in scheduler.stream(workload.echo, source):
                raise AssertionError("there is nothing")


async def test_a_source_that_is_cancelled_is_no_end():
    """What it would have given is missing, and somebody may rely on it."""

    def source() -> Iterator[int]:
        yield 1
        raise asyncio.CancelledError

    async with Scheduler(workers=1) as scheduler:
        stream = scheduler.stream(workload.echo, source())
        assert (await anext(stream)).value == 1
        with pytest.raises(SchedulerError, match="the source of the stream was cancelled"):
            await anext(stream)


async def test_a_scheduler_that_cannot_start_raises_from_its_streams():
    """No item is reported as failed for a fault that is not its own."""
    async with Scheduler(workers=2, preload=("no_such_module",)) as scheduler:
        with pytest.raises(SchedulerError, match="No module named"):
            async for _ in scheduler.stream(workload.echo, range(10)):
                raise AssertionError("nothing can have run")


async def test_an_empty_source_ends_at_once():
    """No item, no result."""
    async with Scheduler(workers=1) as scheduler:
        assert [result async for result in scheduler.stream(workload.echo, [])] == []


async def test_a_bound_below_one_is_refused():
    """It could never draw anything."""
    async with Scheduler(workers=1) as scheduler:
        with pytest.raises(ValueError, match="inflight"):
            scheduler.stream(workload.echo, [1], inflight=0)


async def test_closing_ends_a_runner_whose_call_ate_the_cancelling():
    """An answer that arrives together with the cancelling wins in asyncio.wait_for before Python 3.12."""
    begun = asyncio.Event()

    async def call(item: int) -> CallResult[int, int]:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return CallResult(item, item, None, 0.0, 0.0)
        raise AssertionError

    stream = stream_of(call, range(5), workers=1, bound=1)
    await begun.wait()
    await stream.aclose()
    assert len(asyncio.all_tasks()) == 1


async def test_a_cancelling_that_meets_the_closing_is_raised_after_it(tmp_path: Path, appears):
    """Whoever closes a stream and is asked to end does both."""
    async with Scheduler(workers=1) as scheduler:
        stream = scheduler.stream(workload.announce_and_hang, [str(tmp_path / "pid")])
        worker = int(await appears(tmp_path / "pid"))
        closing = asyncio.create_task(stream.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert living(worker) == []


async def test_a_stream_that_nobody_holds_stops_drawing_and_kills_its_calls(tmp_path: Path, appears):
    """`break` without `async with` frees its workers, and nothing complains."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with Scheduler(workers=2) as scheduler:
        source = Counted(itertools.chain(["value", str(tmp_path / "pid")], map(str, itertools.count())))
        async for _ in scheduler.stream(workload.hang_or_echo, source, inflight=1000):
            worker = int(await appears(tmp_path / "pid"))
            break
        while scheduler._core.streams:
            await asyncio.sleep(0.001)
        assert living(worker) == []
        drawn = source.drawn
        assert await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(4))) == [0, 1, 2, 3]
        assert source.drawn == drawn
    assert complaints == []


async def test_a_stream_may_be_dropped_in_another_thread(tmp_path: Path, appears):
    """Wherever the garbage collector runs: the calls end on the loop's own."""
    async with Scheduler(workers=1) as scheduler:
        held = [scheduler.stream(workload.announce_and_hang, [str(tmp_path / "pid")])]
        worker = int(await appears(tmp_path / "pid"))
        await asyncio.to_thread(held.clear)
        while scheduler._core.streams:
            await asyncio.sleep(0.001)
        assert living(worker) == []


async def test_a_stream_that_outlives_its_loop_is_freed_in_silence():
    """Its tasks ended with the scheduler."""
    async with Scheduler(workers=1) as scheduler:
        held = [scheduler.stream(workload.echo, itertools.count())]
        await anext(held[0])
    held.clear()


@pytest.mark.parametrize("closing", ["stream", "scheduler"])
async def test_a_source_that_closes_what_waits_for_it_is_told_so(closing: str):
    """It would wait for itself; the stream ends with the mistake, and the scheduler goes on."""

    async def source() -> AsyncIterator[int]:
        yield 1
        await (stream.aclose() if closing == "stream" else scheduler.close())

    async with Scheduler(workers=2) as scheduler:
        stream, seen = scheduler.stream(workload.echo, source()), []
        with pytest.raises(SchedulerError, match=f"cannot close .*{closing}"):
            async for result in stream:
                seen.append(result.value)
        assert seen == [1]
        assert await scheduler.run(workload.echo, 2) == 2


async def test_a_source_may_have_its_scheduler_closed_by_another_task():
    """Which waits for the source, while the source waits for nothing."""
    closings: list[asyncio.Task[None]] = []
    seen = asyncio.Event()

    async def source() -> AsyncIterator[int]:
        yield 1
        await seen.wait()
        closings.append(asyncio.create_task(scheduler.close()))
        await asyncio.Event().wait()

    async with Scheduler(workers=1) as scheduler:
        with pytest.raises(SchedulerClosed):
            async for result in scheduler.stream(workload.echo, source()):
                assert result.value == 1
                seen.set()
        await closings[0]


async def test_a_finished_stream_is_forgotten():
    """A scheduler that lives long does not collect the streams that it has had."""
    async with Scheduler(workers=2) as scheduler:
        for _ in range(3):
            assert len([result async for result in scheduler.stream(workload.echo, range(5))]) == 5
        await asyncio.sleep(0)
        assert not scheduler._core.streams


async def test_a_runner_that_fails_ends_an_endless_stream():
    """What is no result stops the drawing, and is raised after the results."""

    async def call(item: int) -> CallResult[int, int]:
        await asyncio.sleep(0)
        if item == 5:
            raise SchedulerError("no process can be had")
        return CallResult(item, item, None, 0.0, 0.0)

    seen = []
    with pytest.raises(SchedulerError, match="no process"):
        async for result in stream_of(call, itertools.count(), workers=3, bound=4):
            seen.append(result.value)
    assert 5 not in seen
    assert len(seen) < 20


async def test_a_schedulererror_of_the_function_is_a_value():
    """Only the scheduler's own faults end a stream; a function may use a scheduler itself, and fail."""
    async with Scheduler(workers=2) as scheduler:
        results = [result async for result in scheduler.stream(workload.raise_scheduler_error, range(5))]
    assert sorted(result.item for result in results) == [0, 1, 2, 3, 4]
    assert [(r.item, type(r.error)) for r in results if r.error] == [(2, SchedulerClosed)]


async def test_a_stream_keeps_no_item_or_result_that_was_consumed():
    """While it waits for its source, without the garbage collector's help."""
    wait = asyncio.Event()

    async def source() -> AsyncIterator[workload.Weak]:
        yield workload.Weak()
        await wait.wait()

    gc.disable()
    try:
        async with Scheduler(workers=1) as scheduler, scheduler.stream(workload.use, source()) as stream:
            result = await anext(stream)
            seen = [weakref.ref(result.item), weakref.ref(result.value)]
            del result
            for _ in range(5):
                await asyncio.sleep(0)
            assert [ref() for ref in seen] == [None, None]
    finally:
        gc.enable()
