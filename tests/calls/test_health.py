"""Health: a scheduler says that it can make calls only where its processes answer."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest
import workload

from asyncgen.calls import health
from asyncgen.calls.errors import SchedulerClosed, SchedulerError
from asyncgen.calls.events import CallStarted, Event
from asyncgen.calls.health import Health
from asyncgen.pool import KillableExecutor
from asyncgen.scheduler import Scheduler


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that does nothing for a while; it may be dead in the end."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


class TestScheduler:
    """`Scheduler.check`."""

    pytestmark = pytest.mark.both_loops

    async def test_at_rest_all_workers_that_have_a_process_are_idle(self):
        """The template and a worker have answered."""
        async with Scheduler(workers=1) as scheduler:
            found = await scheduler.check()
            assert found.template_seconds > 0
            assert found == Health(1, 0, 0, None, found.template_seconds)

    async def test_that_all_workers_are_busy_is_healthy(self):
        """It says so at once, without waiting for one of them."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, 1)
            calls = [asyncio.create_task(scheduler.run(workload.hang)) for _ in range(3)]
            while scheduler.statistics.busy < 1 or scheduler.statistics.waiting < 2:
                await asyncio.sleep(0)
            found = await scheduler.check()
            assert (found.workers, found.busy, found.waiting) == (1, 1, 2)
            for call in calls:
                call.cancel()

    async def test_the_oldest_call_is_told(self, tmp_path: Path, appears):
        """Two calls, the second begun after the first: the age is that of the first."""
        async with Scheduler(workers=2) as scheduler:
            calls, notes = [], [tmp_path / "first", tmp_path / "second"]
            calls.append(asyncio.create_task(scheduler.run(workload.announce_and_hang, str(notes[0]))))
            await appears(notes[0])
            before = (await scheduler.check()).oldest_seconds
            calls.append(asyncio.create_task(scheduler.run(workload.announce_and_hang, str(notes[1]))))
            await appears(notes[1])
            after = (await scheduler.check()).oldest_seconds
            assert before is not None
            assert after is not None
            assert after > before > 0
            for call in calls:
                call.cancel()

    async def test_a_scheduler_that_is_not_open_is_not_healthy(self):
        """Neither before nor after."""
        scheduler = Scheduler(workers=1)
        with pytest.raises(SchedulerClosed):
            await scheduler.check()
        async with scheduler:
            pass
        with pytest.raises(SchedulerClosed):
            await scheduler.check()

    async def test_a_broken_scheduler_is_not_healthy(self):
        """The reason is the one that calls get."""
        async with Scheduler(workers=1, initializer=workload.fail, initargs=("no luck",)) as scheduler:
            with pytest.raises(SchedulerError, match="no luck"):
                await scheduler.check()

    async def test_a_template_that_does_not_answer_is_not_healthy(self):
        """Though the workers would still make calls: no other could take their place."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.check()
            with stopped(scheduler.template_pid):
                assert await scheduler.run(workload.echo, 1) == 1
                with pytest.raises(SchedulerError, match="template process did not answer"):
                    await scheduler.check(timeout=0.1)
            assert (await scheduler.check()).workers == 1

    async def test_a_template_that_was_lost_is_waited_for(self):
        """The one after it answers."""
        async with Scheduler(workers=1) as scheduler:
            before = scheduler.template_pid
            os.kill(before, signal.SIGKILL)
            found = await scheduler.check()
            assert (found.workers, scheduler.template_pid != before) == (1, True)

    async def test_an_idle_worker_that_does_not_answer_is_not_healthy(self):
        """It is killed, and the next check finds another."""
        async with Scheduler(workers=1) as scheduler:
            worker = await scheduler.run(workload.pid)
            with stopped(worker), pytest.raises(SchedulerError, match="worker process did not answer"):
                await scheduler.check(timeout=1.0)
            await scheduler.check()
            assert await scheduler.run(workload.pid) != worker

    async def test_workers_that_do_not_become_ready_are_not_healthy(self):
        """Where none is busy, somebody has to make the call."""
        async with Scheduler(workers=1, initializer=workload.hang) as scheduler:
            with pytest.raises(SchedulerError, match="process did not answer within"):
                await scheduler.check(timeout=0.3)

    async def test_a_worker_that_dies_at_a_call_is_not_healthy(self, monkeypatch: pytest.MonkeyPatch):
        """However often: the check goes on asking, whatever `most_deaths` says."""
        monkeypatch.setattr(health, "_NO_OP", partial(workload.die, "_exit"))
        async with Scheduler(workers=1, most_deaths=1) as scheduler:
            for _ in range(2):
                with pytest.raises(SchedulerError, match="could make no call"):
                    await scheduler.check()

    async def test_a_check_is_no_call_of_the_program(self):
        """Neither statistics nor events show it."""
        events: list[Event] = []
        async with Scheduler(workers=1, on_event=events.append) as scheduler:
            before = scheduler.statistics
            await scheduler.check()
            now = scheduler.statistics
            assert (now.calls, now.call_seconds, now.wait_seconds) == (0, None, None)
            assert (now.failures, now.recycled) == (before.failures, before.recycled)
        assert not any(isinstance(event, CallStarted) for event in events)

    async def test_closing_ends_a_check(self):
        """It waits for nothing that will not come."""
        async with Scheduler(workers=1, initializer=workload.hang) as scheduler:
            check = asyncio.create_task(scheduler.check())
            await asyncio.sleep(0)
        with pytest.raises(SchedulerClosed):
            await check


class TestExecutor:
    """`KillableExecutor.check`, for programs without an event loop."""

    def test_a_pool_at_rest_is_healthy(self):
        """It says what a scheduler says."""
        with KillableExecutor(workers=1) as pool:
            assert (pool.check().workers, pool.check().busy) == (1, 0)

    def test_a_pool_that_was_shut_down_is_not(self):
        """At whatever stage of its end."""
        with KillableExecutor(workers=1) as pool:
            pool.shutdown(wait=False)
            with pytest.raises(SchedulerClosed):
                pool.check()
        with pytest.raises(SchedulerClosed):
            pool.check()

    def test_a_thread_that_is_stuck_is_not(self, monkeypatch: pytest.MonkeyPatch):
        """A hook that never returns holds up the pool's event loop."""
        monkeypatch.setattr("asyncgen.pool._THREAD_PATIENCE", 0.0)
        stuck, go = threading.Event(), threading.Event()

        def hook(_: object) -> None:
            stuck.set()
            go.wait()

        with KillableExecutor(workers=1, on_event=hook) as pool:
            call = pool.submit(workload.echo, 1)
            assert stuck.wait(60)
            try:
                with pytest.raises(SchedulerError, match="thread did not answer"):
                    pool.check(timeout=0.1)
            finally:
                go.set()
            assert call.result(60) == 1

    def test_a_check_in_the_pools_own_thread_is_refused(self):
        """It would wait for itself."""
        found: Future[BaseException | None] = Future()

        def ask(_: object) -> None:
            try:
                pool.check()
                found.set_result(None)
            except RuntimeError as error:
                found.set_result(error)

        with KillableExecutor(workers=1) as pool:
            pool.submit(workload.echo, 1).add_done_callback(ask)
            assert "wait for itself" in str(found.result(60))
