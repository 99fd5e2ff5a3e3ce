"""Statistics and events: what a scheduler says of itself, at any time."""

import asyncio
import math
from pathlib import Path

import pytest
import workload
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.calls.errors import CallTimeout, SchedulerError, WorkerDied
from asyncgen.calls.events import (
    CallEnded,
    CallStarted,
    Event,
    ProcessReady,
    ProcessRecycled,
    StartFailed,
    TemplateLost,
)
from asyncgen.calls.statistics import Histogram, Statistics
from asyncgen.scheduler import Scheduler


class TestHistogram:
    """Percentiles from buckets."""

    @given(
        st.lists(st.floats(1e-6, 2e6), min_size=1, max_size=200), st.sampled_from([0.01, 0.5, 0.9, 0.99, 1.0])
    )
    def test_a_percentile_is_within_five_percent_of_the_sorted_list(self, seconds: list[float], share: float):
        """The nearest rank of the durations themselves is the oracle."""
        histogram = Histogram()
        for each in seconds:
            histogram.add(each)
        exact = sorted(seconds)[math.ceil(share * len(seconds)) - 1]
        assert histogram.percentile(share) == pytest.approx(exact, rel=0.05)

    @pytest.mark.parametrize(("seconds", "shown"), [(0.0, 1e-6), (-1e-9, 1e-6), (1e12, 2.5e6)])
    def test_what_is_out_of_range_counts_at_the_border(self, seconds: float, shown: float):
        """Neither a clock that stood still nor a call of an age ends the counting."""
        histogram = Histogram()
        histogram.add(seconds)
        assert histogram.percentile(0.5) == pytest.approx(shown, rel=0.06)

    def test_without_a_duration_there_is_no_percentile(self):
        """Nothing is made up."""
        assert Histogram().percentiles() is None
        with pytest.raises(ValueError, match="nothing was measured"):
            Histogram().percentile(0.5)


class TestStatistics:
    """The snapshot of a scheduler."""

    pytestmark = pytest.mark.both_loops

    def test_a_scheduler_that_is_not_open_has_done_nothing(self):
        """Only its number of workers is known."""
        assert Scheduler(workers=3).statistics == Statistics(workers=3)

    async def test_it_counts_who_works_and_who_waits(self, tmp_path: Path):
        """Three calls for one worker, by `run` and by an executor: one busy, two waiting, none idle."""
        async with Scheduler(workers=1, spares=2) as scheduler:
            executor, go = scheduler.executor(), str(tmp_path / "go")
            tasks = [asyncio.create_task(scheduler.run(workload.wait_for, go)) for _ in range(2)]
            while scheduler.statistics.busy < 1 or scheduler.statistics.spares < 2:
                await asyncio.sleep(0.001)
            futures = [executor.submit(workload.wait_for, go) for _ in range(3)]
            while scheduler.statistics.waiting < 4:  # one of the executor's has become a task
                await asyncio.sleep(0)
            now = scheduler.statistics
            assert (now.workers, now.busy, now.idle, now.spares, now.waiting, now.calls) == (1, 1, 0, 2, 4, 0)
            Path(go).touch()
            await asyncio.gather(*tasks, *map(asyncio.wrap_future, futures))
            now = scheduler.statistics
            assert (now.busy, now.idle, now.waiting, now.calls) == (0, 1, 0, 5)

    async def test_it_counts_how_calls_ended(self):
        """Failures by type, the cancelled apart, and processes given up by reason."""
        async with Scheduler(workers=1, calls_per_worker=2) as scheduler:
            await scheduler.run(workload.echo, 1)
            for function, error in (
                (workload.die, ValueError),
                (workload.die, WorkerDied),
                (workload.hang, CallTimeout),
            ):
                how = {ValueError: "exception", WorkerDied: "_exit"}.get(error)
                with pytest.raises(error):
                    await scheduler.run(function, how, timeout=None if how else 0.1)
            call = asyncio.create_task(scheduler.run(workload.hang))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0.001)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            now = scheduler.statistics
        assert (now.calls, now.cancelled) == (4, 1)
        assert now.failures == {"ValueError": 1, "WorkerDied": 1, "CallTimeout": 1}
        assert now.recycled == {"retired": 1, "died": 1, "killed": 2}

    async def test_it_knows_how_long_calls_took_and_waited(self):
        """A call's own time is in its result; who waits does so for at least one other call."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, 1)
            results = await asyncio.gather(
                *(scheduler.call(None, workload.echo, (i,), None) for i in range(9))
            )
            now = scheduler.statistics
        took = sorted(result.wall_seconds for result in results)
        assert now.call_seconds is not None
        assert now.wait_seconds is not None
        assert took[0] * 0.9 < now.call_seconds.p50 < took[-1] * 1.1
        assert now.wait_seconds.p50 > took[0] * 0.9

    async def test_a_snapshot_does_not_change(self):
        """What was handed out is the caller's."""
        async with Scheduler(workers=1) as scheduler:
            before = scheduler.statistics
            with pytest.raises(ValueError, match="x"):
                await scheduler.run(workload.fail, "x")
            assert before.failures == {}
            before.failures["mine"] += 1
            assert scheduler.statistics.failures == {"ValueError": 1}


class TestEvents:
    """What the hook is told."""

    pytestmark = pytest.mark.both_loops

    async def test_it_is_told_of_each_call_in_order(self):
        """Ready, started, ended, with the process that made the call and what became of it."""
        events: list[Event] = []
        async with Scheduler(workers=1, spares=0, on_event=events.append) as scheduler:
            pid = await scheduler.run(workload.pid)
            with pytest.raises(ValueError, match="x"):
                await scheduler.run(workload.fail, "x")
            await asyncio.sleep(0)
        kinds = [ProcessReady, CallStarted, CallEnded, CallStarted, CallEnded]
        assert [type(event) for event in events] == kinds
        assert {getattr(event, "pid", None) for event in events} == {pid}
        ends = [event for event in events if isinstance(event, CallEnded)]
        assert [(end.function, end.how) for end in ends] == [
            (workload.pid, "value"),
            (workload.fail, "ValueError"),
        ]
        assert all(end.seconds > 0 and end.cpu_seconds >= 0 for end in ends)

    @pytest.mark.parametrize(
        ("what", "timeout", "how", "why"),
        [
            ("hang", 0.1, "CallTimeout", "killed"),
            ("hang", None, "cancelled", "killed"),
            ("_exit", None, "WorkerDied", "died"),
        ],
    )
    async def test_it_is_told_why_a_process_was_recycled(self, what: str, timeout, how: str, why: str):
        """And what became of the call that it had."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.die_or_hang, what, timeout=timeout))
            while how == "cancelled" and not any(isinstance(event, CallStarted) for event in events):
                await asyncio.sleep(0.001)
            if how == "cancelled":
                call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await asyncio.sleep(0)
        (started,) = (event for event in events if isinstance(event, CallStarted))
        (ended,) = (event for event in events if isinstance(event, CallEnded))
        assert ended.how == how
        assert ProcessRecycled(started.pid, why) in events
        assert ended.pid == started.pid

    async def test_it_is_told_of_spares_starts_and_templates_that_are_lost(self):
        """What costs no call, and so would be seen nowhere else."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            while not scheduler.spares:
                await asyncio.sleep(0.001)
            (spare,) = scheduler.spare_pids
            await scheduler.run(workload.kill_all, [spare])
            while ProcessRecycled(spare, "spare") not in events:
                await asyncio.sleep(0.001)
            template = scheduler.template_pid
            await asyncio.gather(scheduler.run(workload.kill_all, [template]), return_exceptions=True)
            while not any(isinstance(event, TemplateLost) for event in events):
                await asyncio.sleep(0.001)
        (lost,) = (event for event in events if isinstance(event, TemplateLost))
        assert lost.pid == template
        events.clear()
        settings = {"workers": 1, "initializer": workload.die, "initargs": ("_exit",)}
        async with Scheduler(**settings, on_event=events.append) as scheduler:
            with pytest.raises(SchedulerError, match="did not start"):
                await scheduler.run(workload.echo, 1)
        assert events[0] == StartFailed("the worker process ended by itself with exit code 7")

    async def test_a_hook_that_raises_is_reported_and_disturbs_nothing(self):
        """Its exception goes where the loop's exceptions go."""
        complaints: list[object] = []

        def hook(event: Event) -> None:
            raise KeyError(type(event).__name__)

        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context["exception"]))
        async with Scheduler(workers=1, spares=0, on_event=hook) as scheduler:
            assert await scheduler.run(workload.echo, 1) == 1
            await asyncio.sleep(0)
        assert [repr(error) for error in complaints] == [
            "KeyError('ProcessReady')",
            "KeyError('CallStarted')",
            "KeyError('CallEnded')",
        ]

    async def test_a_hook_may_close_the_scheduler(self):
        """It is called from the loop, not from inside of what it closes."""
        closings: list[asyncio.Task[None]] = []

        def hook(event: Event) -> None:
            if isinstance(event, CallStarted):
                closings.append(asyncio.ensure_future(scheduler.close()))

        async with Scheduler(workers=1, on_event=hook) as scheduler:
            with pytest.raises(SchedulerError, match="closed"):
                await scheduler.run(workload.hang)
            await closings[0]

    @pytest.mark.parametrize("hook", ["print", asyncio.sleep])
    def test_a_hook_that_could_not_be_called_is_refused(self, hook):
        """A coroutine function would only look as if it was."""
        with pytest.raises(TypeError, match="on_event"):
            Scheduler(on_event=hook)

    def test_an_event_cannot_be_changed(self):
        """Several parts of a program may keep it."""
        with pytest.raises(AttributeError):
            ProcessReady(1, 0.5).pid = 2  # type: ignore[misc]
