"""How far a call is: said in the worker, told to the hook, and to whoever holds the call."""

import asyncio
import gc
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
import talkative
import workload
from processes import living
from talkative import all_steps

from asyncgen import CallTimeout, RunningCall, Scheduler, SchedulerError, WorkerDied, progress
from asyncgen.calls.child import progress as pace
from asyncgen.calls.events import CallEnded, CallProgress, Event
from asyncgen.calls.running import MOST_KEPT

LAST = (1.0, "done")


def told(steps: list[Any]) -> list[tuple[float | None, str]]:
    return [(step.fraction, step.message) for step in steps if isinstance(step, CallProgress)]


@pytest.mark.both_loops
class TestStartedCalls:
    """What `start` returns."""

    async def test_it_is_awaited_for_the_value(self):
        """Without anyone who iterates, and as often as one likes."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(talkative.advance, 1)
            assert not call.done()
            assert (await call, await call) == (1, 1)
            assert call.done()

    async def test_iterating_tells_how_far_it_is(self):
        """From the first step to the last, with process and function, and ends with the call."""
        async with Scheduler(workers=1) as scheduler:
            steps = await all_steps(scheduler.start(talkative.advance, 1))
            assert told(steps) == [(0.0, "step 0"), LAST]
            assert {(s.pid, s.function) for s in steps} == {(scheduler.pids[0], talkative.advance)}

    async def test_its_error_is_raised_where_it_is_awaited(self):
        """As itself each time; the iteration ends in peace."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(talkative.advance_and_fail)
            assert told(await all_steps(call)) == [(0.5, "")]
            for _ in range(2):
                with pytest.raises(ValueError, match="no further"):
                    await call

    async def test_to_cancel_it_kills(self, tmp_path: Path, appears):
        """Whoever awaits it is cancelled when the process is dead; whoever iterates comes to the end."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(workload.announce_and_hang, str(tmp_path / "pid"))
            following = asyncio.create_task(all_steps(call))
            pid = int(await appears(tmp_path / "pid"))
            assert call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert living(pid) == []
            assert await following == []
            assert not call.cancel()
            assert scheduler.statistics.cancelled == 1

    async def test_to_cancel_a_task_that_awaits_it_kills(self, tmp_path: Path, appears):
        """As with `run`: the task ends when the process is dead."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(workload.announce_and_hang, str(tmp_path / "pid"))
            waiting = asyncio.ensure_future(call)
            pid = int(await appears(tmp_path / "pid"))
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert living(pid) == []

    async def test_to_cancel_a_task_that_iterates_kills_nothing(self, tmp_path: Path):
        """It only stops listening, and another one goes on."""
        path = tmp_path / "go"
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(talkative.advance_and_wait_for, str(path))
            steps, leaving = aiter(call), asyncio.create_task(all_steps(call))
            assert (await anext(steps)).message == str(path)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            path.touch()
            assert await call == str(path)
            assert await anext(steps, None) is None

    async def test_who_comes_late_gets_the_last_steps(self):
        """So many and no more, and the very last among them; each iteration begins anew."""
        async with Scheduler(workers=1) as scheduler:
            call: RunningCall[int] = scheduler.start(talkative.advance, 3)
            await call
            for number in range(100):
                call._steps.add(CallProgress(1, talkative.advance, None, f"{number}"))
            for _ in range(2):
                found = [step.message for step in await all_steps(call)]
                assert found == [f"{number}" for number in range(100 - MOST_KEPT, 100)]

    async def test_several_may_iterate(self):
        """Each is told all, if it is fast enough."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(talkative.advance, 1)
            first, second, value = await asyncio.gather(all_steps(call), all_steps(call), call)
            assert (told(first), told(second), value) == ([(0.0, "step 0"), LAST], told(first), 1)

    async def test_one_that_is_dropped_goes_on(self, tmp_path: Path, appears):
        """It does its work to the end. What it leaves, an error too, is no complaint of the loop."""
        complaints: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        async with Scheduler(workers=1) as scheduler:
            scheduler.start(workload.write_atomically, str(tmp_path / "done"), "yes")
            dropped = weakref.ref(scheduler.start(workload.fail, "unheard"))
            assert await appears(tmp_path / "done") == "yes"
            await scheduler.run(workload.echo, 1)
            gc.collect()
            assert dropped() is None
            assert scheduler.statistics.failures == {"ValueError": 1}
        assert complaints == []

    async def test_it_ends_with_the_scheduler(self, tmp_path: Path, appears):
        """At work or waiting: killed, and an error for whoever awaits it; nothing is left behind."""
        async with Scheduler(workers=1) as scheduler:
            calls = [scheduler.start(workload.announce_and_hang, str(tmp_path / "pid")) for _ in range(2)]
            pid = int(await appears(tmp_path / "pid"))
        assert living(pid) == []
        assert all(call.done() for call in calls)
        for call in calls:
            with pytest.raises(SchedulerError, match="closed"):
                await call
        with pytest.raises(SchedulerError, match="not open"):
            scheduler.start(workload.echo, 1)

    async def test_it_takes_the_options_of_run(self):
        """Limits and new tries; a client has it too."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.client("impatient", timeout=60.0).start(talkative.advance_and_hang, timeout=0.3)
            assert told(await all_steps(call))[0] == (0.25, "first")
            with pytest.raises(CallTimeout):
                await call
            with pytest.raises(WorkerDied) as caught:
                await scheduler.start(workload.die, "_exit", retries=1)
            assert len(caught.value.attempts) == 2

    async def test_its_steps_survive_a_look_at_its_limit(self, tmp_path: Path):
        """The clock is looked at while the call is under way, and it is another future that waits then."""
        path = tmp_path / "go"
        async with Scheduler(workers=1, cpu_limit=0.4) as scheduler:
            call = scheduler.start(talkative.advance_and_wait_for_twice, str(path))
            steps = aiter(call)
            await anext(steps)
            (slot,) = scheduler._slots
            first = slot._work
            await talkative.until(lambda: slot._work is not first)
            path.touch()
            assert (await anext(steps)).message == "again"
            assert await call == str(path)


class TestEvents:
    """What `on_event` is told."""

    @pytest.mark.both_loops
    async def test_progress_is_an_event_of_each_call(self):
        """Of calls alone and of items that travel together, each before the end of its call."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            await scheduler.run(talkative.advance, 1)
            async for _ in scheduler.stream(talkative.advance_item, range(5), chunk=5):
                pass
            await asyncio.sleep(0)
        assert told(events) == [(0.0, "step 0"), LAST, *((None, f"item {n}") for n in range(5))]
        kinds = [type(event) for event in events if isinstance(event, CallProgress | CallEnded)]
        assert kinds == [CallProgress, CallProgress, CallEnded, *[CallProgress, CallEnded] * 5]

    async def test_without_anyone_who_listens_it_does_nothing(self):
        """A plain call of a function that tells."""
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(talkative.advance, 1000) == 1000

    async def test_it_works_from_a_thread_of_the_call(self):
        """As from the main one."""
        async with Scheduler(workers=1) as scheduler:
            steps = await all_steps(scheduler.start(talkative.advance_in_a_thread))
            assert told(steps) == [(0.75, "in a thread")]


class TestPace:
    """How often it is sent."""

    async def test_a_tight_loop_does_not_flood(self):
        """At most one about each 20 ms, the first and the last among them."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            before = time.monotonic()
            await scheduler.run(talkative.advance, 100_000)
            seconds = time.monotonic() - before
            await asyncio.sleep(0)
        steps = told(events)
        assert (steps[0], steps[-1]) == ((0.0, "step 0"), LAST)
        assert len(steps) <= 2 + seconds / pace._INTERVAL

    async def test_the_last_word_comes_though_the_call_goes_on(self):
        """One that was said too early is sent when its time has come, and not only with the answer."""
        async with Scheduler(workers=1) as scheduler:
            call = scheduler.start(talkative.advance_and_hang)
            steps = aiter(call)
            assert [(await anext(steps)).message for _ in range(2)] == ["first", "second"]
            call.cancel()

    async def test_no_thread_is_left(self):
        """The one that waits to send ends with that."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(talkative.advance, 1)
            while await scheduler.run(workload.threads) > 1:
                pass


class TestMisuse:
    """What the function itself checks."""

    def test_outside_of_a_worker_it_does_nothing(self):
        """So that a function may be called anywhere."""
        progress(0.5, "half")
        progress(None)

    @pytest.mark.parametrize("fraction", [-0.1, 1.1, 50, float("nan")])
    async def test_another_fraction_is_refused(self, fraction: float):
        """In a worker and elsewhere alike."""
        with pytest.raises(ValueError, match="fraction must be between 0 and 1"):
            progress(fraction)
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(ValueError, match="fraction must be between 0 and 1"):
                await scheduler.run(talkative.say_wrong, fraction)

    async def test_errors_of_rounding_are_none(self):
        """The sum of ten tenths is a little off."""
        async with Scheduler(workers=1) as scheduler:
            steps = await all_steps(scheduler.start(talkative.say_wrong, 1 + 1e-15))
            assert told(steps) == [(1.0, "")]
