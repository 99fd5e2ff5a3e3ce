"""Schedulers without workers: calls are made in this process, and what a user sees is the same."""

import asyncio
import os
import threading
import traceback
from contextvars import ContextVar
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import talkative
import workload

from asyncgen.calls.errors import RemoteError, Saturated, SchedulerClosed, SchedulerError
from asyncgen.calls.events import CallEnded, CallProgress, CallStarted, Event
from asyncgen.pool import KillableExecutor
from asyncgen.scheduler import Scheduler

NAME: ContextVar[str] = ContextVar("NAME")


class Odd(Exception):
    """Cannot be pickled."""

    def __init__(self, lock: Any) -> None:
        super().__init__("odd")
        self.lock = lock


class TestCalls:
    """What a call is, and what comes of it."""

    pytestmark = pytest.mark.both_loops

    async def test_a_function_is_called_here_with_its_own_arguments(self):
        """In this process and on the loop's thread; nothing is pickled."""
        thing = threading.Lock()
        async with Scheduler(workers=0) as scheduler:
            assert await scheduler.run(workload.echo, thing) is thing
            assert await scheduler.run(lambda: (os.getpid(), threading.get_ident())) == (
                os.getpid(),
                threading.get_ident(),
            )

    async def test_an_error_is_the_functions_own_with_its_traceback(self):
        """A debugger finds the frame that raised it, and there is no other cause."""
        error = Odd(threading.Lock())

        def fail_here() -> None:
            raise error

        async with Scheduler(workers=0) as scheduler:
            with pytest.raises(Odd) as caught:
                await scheduler.run(fail_here)
        assert caught.value is error
        assert caught.value.__cause__ is None
        assert traceback.extract_tb(caught.tb)[-1].name == "fail_here"

    @pytest.mark.parametrize("kind", [StopIteration, asyncio.CancelledError, GeneratorExit])
    async def test_an_error_that_would_be_taken_for_something_else_arrives_as_its_cause(
        self, kind: type[BaseException]
    ):
        """As text that a worker would have sent, and as itself behind it."""

        def fail_oddly() -> None:
            raise kind("oddly")

        async with Scheduler(workers=0) as scheduler:
            with pytest.raises(RemoteError, match="oddly") as caught:
                await scheduler.run(fail_oddly)
            assert type(caught.value.__cause__) is kind
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_what_a_function_sets_in_context_variables_is_its_own(self):
        """It sees those of its caller, who does not see what it has set."""
        async with Scheduler(workers=0) as scheduler:
            NAME.set("caller")
            assert await scheduler.run(lambda: (NAME.get(), NAME.set("function"))[0]) == "caller"
            assert NAME.get() == "caller"

    @pytest.mark.parametrize("ordered", [False, True])
    async def test_a_stream_gives_each_result(self, ordered: bool):
        """Values and errors, in order: no call overtakes another."""
        async with Scheduler(workers=0) as scheduler:
            results = [
                result
                async for result in scheduler.stream(workload.reciprocal, [1, 0, 2], ordered=ordered, chunk=2)
            ]
        assert [result.item for result in results] == [1, 0, 2]
        assert [result.value for result in results] == [1.0, None, 0.5]
        assert isinstance(results[1].error, ZeroDivisionError)

    async def test_a_stream_may_be_left_early(self):
        """What has not begun is not called."""
        called = []
        async with (
            Scheduler(workers=0) as scheduler,
            scheduler.stream(called.append, iter(int, 1), inflight=2) as results,
        ):
            await anext(results)
        assert 1 <= len(called) <= 4

    async def test_other_tasks_have_their_turns_between_calls(self):
        """A stream of short calls does not hold the loop."""
        turns = []

        async def other() -> None:
            while True:
                turns.append(len(turns))
                await asyncio.sleep(0)

        async with Scheduler(workers=0) as scheduler:
            task = asyncio.create_task(other())
            counts = [r.unwrap() async for r in scheduler.stream(lambda _: len(turns), range(50))]
            task.cancel()
        assert all(later > earlier for earlier, later in pairwise(counts))

    async def test_calls_are_made_again_as_in_workers(self):
        """After the errors that are named; the last one is raised, with a note of the others."""
        left = [ValueError("first"), ValueError("second")]

        def fail_twice() -> str:
            if left:
                raise left.pop(0)
            return "done"

        async with Scheduler(workers=0) as scheduler:
            assert await scheduler.run(fail_twice, retries=2, retry_on=(ValueError,)) == "done"
            left[:] = [ValueError("first"), ValueError("second")]
            with pytest.raises(ValueError, match="second") as caught:
                await scheduler.run(fail_twice, retries=1, retry_on=(ValueError,))
            assert "first" in caught.value.__notes__[0]

    async def test_limits_are_not_enforced(self):
        """A call takes the time that it takes."""
        async with Scheduler(workers=0, timeout=0.001, cpu_limit=0.001, memory_limit=1) as scheduler:
            assert await scheduler.run(workload.sleep, 0.01) is None

    async def test_a_call_that_waits_can_be_cancelled(self):
        """It is not made, and counts as cancelled."""
        called = []
        async with Scheduler(workers=0) as scheduler:
            call = asyncio.create_task(scheduler.run(called.append, 1))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert scheduler.statistics.cancelled == 1
        assert called == []

    async def test_what_ends_programs_is_not_held_up(self):
        """A `sys.exit` in a function is one in this program."""
        async with Scheduler(workers=0) as scheduler:
            call = scheduler.run(workload.die, "SystemExit")
            with pytest.raises(SystemExit):
                while True:
                    call.send(None)


class TestUsers:
    """Clients and executors."""

    async def test_clients_have_their_options(self):
        """As with workers."""
        async with Scheduler(workers=0) as scheduler:
            client = scheduler.client("web", share=3, retries=1, retry_on=(ZeroDivisionError,))
            with pytest.raises(ZeroDivisionError) as caught:
                await client.run(workload.reciprocal, 0)
            assert "the last of 2 tries" in caught.value.__notes__[0]

    async def test_an_executor_makes_calls_here(self):
        """Also those of other threads; an error keeps its traceback."""
        async with Scheduler(workers=0) as scheduler:
            executor = scheduler.executor()
            assert await asyncio.wrap_future(executor.submit(threading.get_ident)) == threading.get_ident()
            numbers = await asyncio.to_thread(lambda: list(executor.map(workload.square, range(5))))
            assert numbers == [0, 1, 4, 9, 16]
            with pytest.raises(ZeroDivisionError) as caught:
                await asyncio.wrap_future(executor.submit(workload.reciprocal, 0))
            assert traceback.extract_tb(caught.tb)[-1].name == "reciprocal"

    async def test_the_queue_of_an_executor_may_be_full(self):
        """Calls that wait count as they do with workers."""
        async with Scheduler(workers=0) as scheduler:
            executor = scheduler.executor(max_pending=1, reject=True)
            first = executor.submit(workload.echo, 1)
            second = executor.submit(workload.echo, 2)
            with pytest.raises(Saturated):
                executor.submit(workload.echo, 3)
            assert await asyncio.gather(*map(asyncio.wrap_future, (first, second))) == [1, 2]

    def test_a_pool_makes_calls_in_its_thread(self):
        """For programs without asyncio."""
        with KillableExecutor(workers=0) as pool:
            thread = pool.submit(threading.current_thread).result()
            assert thread is not threading.current_thread()
            assert list(pool.map(workload.square, range(3))) == [0, 1, 4]
            assert pool.submit(os.getpid).result() == os.getpid()


class TestOpening:
    """Preload, initializer, and the end."""

    async def test_preload_and_initializer_run_once(self):
        """In this process, when the scheduler is opened."""
        called: list[str] = []
        settings: dict[str, Any] = {
            "preload": ("workload:note_process",),
            "initializer": called.append,
            "initargs": ("here",),
        }
        async with Scheduler(workers=0, **settings) as scheduler:
            assert called == ["here"]
            assert await scheduler.run(workload.noted_and_own) == (os.getpid(), os.getpid())
            await scheduler.run(workload.echo, 1)
        assert called == ["here"]

    async def test_an_initializer_that_raises_fails_every_call(self):
        """With the reason, as with workers; its own error is the cause."""
        settings: dict[str, Any] = {"initializer": workload.fail, "initargs": ("so it goes",)}
        async with Scheduler(workers=0, **settings) as scheduler:
            for _ in range(2):
                with pytest.raises(SchedulerError, match="initializer raised ValueError: so it") as caught:
                    await scheduler.run(workload.pid)
                assert isinstance(caught.value.__cause__, ValueError)

    async def test_a_module_that_cannot_be_imported_fails_every_call(self):
        """With the reason, as with workers."""
        async with Scheduler(workers=0, preload=("no_such_module",)) as scheduler:
            with pytest.raises(SchedulerError, match="preloading 'no_such_module' failed"):
                await scheduler.run(workload.pid)

    async def test_a_closed_scheduler_makes_no_call(self):
        """Neither one that comes later nor one that waits."""
        called: list[int] = []
        async with Scheduler(workers=0) as scheduler:
            waiting = asyncio.create_task(scheduler.run(called.append, 1))
        for call in (waiting, scheduler.run(called.append, 2)):
            with pytest.raises(SchedulerClosed):
                await call
        assert called == []

    async def test_what_belongs_to_processes_is_left_alone(self, tmp_path: Path):
        """Environment, niceness, limits and folder are those of the program."""
        here = os.getcwd(), os.nice(0), dict(os.environ)
        changes: dict[str, Any] = {"environment": {"ASYNCGEN_TEST": "1"}, "nice": 5, "own_folder": True}
        async with Scheduler(workers=0, address_space=1, output=tmp_path / "log", **changes) as scheduler:
            await scheduler.run(workload.echo, 1)
            assert (os.getcwd(), os.nice(0), dict(os.environ)) == here
        assert not (tmp_path / "log").exists()


class TestSeen:
    """What is told, and what is not there."""

    async def test_calls_are_counted_and_told(self):
        """With this process's id, and with their errors by name."""
        told: list[Event] = []
        async with Scheduler(workers=0, on_event=told.append) as scheduler:
            await scheduler.run(workload.burn_for, 0.01)
            with pytest.raises(ValueError, match="so it goes"):
                await scheduler.run(workload.fail, "so it goes")
            await asyncio.sleep(0)
            statistics = scheduler.statistics
        assert [type(event) for event in told] == [CallStarted, CallEnded] * 2
        ends = [event for event in told if isinstance(event, CallEnded)]
        assert [event.how for event in ends] == ["value", "ValueError"]
        assert {event.pid for event in ends} == {os.getpid()}
        assert ends[0].cpu_seconds > 0.005
        assert (statistics.calls, dict(statistics.failures)) == (2, {"ValueError": 1})
        assert (statistics.workers, statistics.spares, statistics.waiting) == (0, 0, 0)
        assert statistics.call_seconds is not None

    async def test_how_far_a_call_is_reaches_its_caller(self):
        """Each step, as nothing has to travel; the hook hears of it too, with the caller's own function."""
        events: list[Event] = []
        async with Scheduler(workers=0, on_event=events.append, context=("talkative:tenant",)) as scheduler:
            call = scheduler.start(talkative.advance, 3)
            steps = [step.fraction async for step in call]
            assert await call == 3
            await asyncio.sleep(0)
        assert steps == [event.fraction for event in events if isinstance(event, CallProgress)]
        assert len(steps) >= 3
        assert {event.function for event in events} == {talkative.advance}

    async def test_it_is_healthy(self):
        """As long as it is open."""
        async with Scheduler(workers=0) as scheduler:
            assert (await scheduler.check()).busy == 0
        with pytest.raises(SchedulerClosed):
            await scheduler.check()

    async def test_there_is_no_process(self):
        """The lists of ids are empty, and there is no template."""
        async with Scheduler(workers=0) as scheduler:
            await scheduler.run(workload.echo, 1)
            assert scheduler.pids == scheduler.spare_pids == []
            with pytest.raises(SchedulerError, match="no template process"):
                scheduler.template_pid  # noqa: B018
