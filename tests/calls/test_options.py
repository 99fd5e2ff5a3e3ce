"""What may be said of single calls and of users: CPU limits, waiting, shares, new tries."""

import asyncio
import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import workload

from asyncgen import progress
from asyncgen.calls import clocks
from asyncgen.calls.errors import (
    CallStalled,
    CallTimeout,
    CpuLimitExceeded,
    FunctionKillsWorkers,
    MemoryLimitExceeded,
    Saturated,
    WorkerDied,
)
from asyncgen.scheduler import Scheduler

pytestmark = pytest.mark.both_loops
MIB = 1 << 20


class TestCpuLimits:
    """Of the whole process group, whatever runs in it."""

    @pytest.mark.parametrize("function", [workload.burn, workload.burn_in_a_child, workload.burn_in_threads])
    async def test_what_burns_is_killed_at_its_limit(self, function):
        """Also where a child burns, or an orphan in the group; the error says what was used."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(CpuLimitExceeded, match=r"at its limit of 0\.4 s of CPU") as caught:
                await scheduler.run(function, cpu_limit=0.4)
            assert 0.39 <= caught.value.cpu_seconds < 2
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_waiting_is_not_counted(self):
        """A call that sleeps beyond its limit, and then answers, has its value."""
        async with Scheduler(workers=1, cpu_limit=0.2) as scheduler:
            await scheduler.run(workload.sleep, 1.0)
            assert scheduler.statistics.recycled == {}

    async def test_earlier_calls_of_the_process_are_not_counted(self):
        """Nor what its start has used."""
        async with Scheduler(workers=1, cpu_limit=0.5, start_method="spawn") as scheduler:
            for _ in range(4):
                await scheduler.run(workload.burn_for, 0.3)
            assert scheduler.statistics.recycled == {}

    async def test_what_hangs_is_ended_in_the_end(self, monkeypatch):
        """It uses nothing for too long."""
        monkeypatch.setattr(clocks, "IDLE", 0.3)
        async with Scheduler(workers=1, cpu_limit=0.2) as scheduler:
            with pytest.raises(CallStalled, match=r"used 0\.0\d s of the 0\.2 s of CPU that it may use"):
                await scheduler.run(workload.hang)
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_single_calls_may_have_other_limits(self):
        """None at all, too."""
        async with Scheduler(workers=1, timeout=0.2, cpu_limit=0.1) as scheduler:
            await scheduler.run(workload.burn_for, 0.4, timeout=float("inf"), cpu_limit=float("inf"))
            with pytest.raises(CallTimeout, match=r"limit of 0\.05 s$"):
                await scheduler.run(workload.hang, timeout=0.05)
            client = scheduler.client("patient", timeout=10, cpu_limit=10)
            await client.run(workload.burn_for, 0.3)
            for options in ({"timeout": 0}, {"cpu_limit": -1}, {"queue_timeout": float("nan")}):
                with pytest.raises(ValueError, match="must be more than 0 seconds"):
                    await scheduler.run(workload.echo, 1, **options)


class TestMistakes:
    """What cannot be meant is refused where it is said, by its name."""

    @pytest.mark.parametrize(
        ("options", "error", "says"),
        [
            ({"timeout": "a"}, TypeError, "timeout must be a number of seconds, not 'a'"),
            ({"timeout": True}, TypeError, "timeout must be a number of seconds, not True"),
            ({"reject": "x"}, TypeError, "reject must be True or False"),
            ({"retry_on": ("x",)}, TypeError, "retry_on must be a tuple of classes of exceptions"),
            ({"retry_on": ValueError}, TypeError, "retry_on must be a tuple of classes of exceptions"),
            ({"retrys": 3}, TypeError, "a call has no option 'retrys'; it has timeout, cpu_limit"),
        ],
    )
    async def test_options(self, options: dict[str, Any], error: type[Exception], says: str):
        """Of single calls and of clients."""
        async with Scheduler(workers=0) as scheduler:
            with pytest.raises(error, match=re.escape(says)):
                await scheduler.run(workload.echo, 1, **options)
            if "retrys" not in options:
                with pytest.raises(error, match=re.escape(says)):
                    scheduler.client("web", **options)

    async def test_numbers_of_a_stream_and_of_a_check(self):
        """They are whole, and above 0; seconds are seconds."""
        async with Scheduler(workers=0) as scheduler:
            for wrong in ({"chunk": 1.5}, {"chunk": True}, {"inflight": "a"}):
                with pytest.raises(TypeError, match="must be a whole number"):
                    scheduler.stream(workload.echo, [1], **wrong)
            with pytest.raises(ValueError, match="timeout must be more than 0 seconds"):
                await scheduler.check(timeout=-1)
            with pytest.raises(TypeError, match="fraction must be a number, or None, not 'a'"):
                await scheduler.run(progress, "a")


class TestClients:
    """Several users of one scheduler."""

    async def test_one_with_few_calls_is_not_kept_waiting_by_one_with_many(self):
        """Its calls are made long before the others are through."""
        async with Scheduler(workers=1) as scheduler:
            many = [asyncio.create_task(scheduler.run(workload.sleep, 0.01)) for _ in range(100)]
            web = scheduler.client("web")
            await asyncio.sleep(0)
            await asyncio.gather(*(web.run(workload.sleep, 0.01) for _ in range(5)))
            assert sum(task.done() for task in many) < 30
            for task in many:
                task.cancel()

    @pytest.mark.parametrize(("workers", "chunk"), [(1, None), (2, 1), (2, 5)])
    async def test_streams_have_shares_too(self, workers: int, chunk: int | None):
        """Of the workers' time, though a stream has no more calls waiting than it needs to keep its place."""
        async with Scheduler(workers=workers) as scheduler:
            seconds = {"a": 0.0, "b": 0.0}
            calls, longest = 0, 0.0
            enough = asyncio.Event()

            async def consume(name: str, share: float) -> None:
                nonlocal calls, longest
                client = scheduler.client(name, share=share)
                endless = itertools.repeat(0.005)
                async with client.stream(workload.sleep, endless, chunk=chunk) as results:
                    async for result in results:
                        calls += 1
                        longest = max(longest, result.wall_seconds)
                        seconds[name] += result.wall_seconds
                        if calls >= 240 and sum(seconds.values()) > 20 * longest:  # a stalled one is no share
                            enough.set()

            tasks = [asyncio.create_task(consume(name, share)) for name, share in (("a", 3), ("b", 1))]
            await enough.wait()
            assert 1.8 < seconds["a"] / seconds["b"] < 5
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def test_shares_are_shares_of_time(self, tmp_path: Path):
        """A client with three times the share has three times the calls of equal length."""
        async with Scheduler(workers=1) as scheduler:
            ended: list[str] = []
            clients = {"a": scheduler.client("a"), "b": scheduler.client("b", share=3)}

            async def make(name: str) -> None:
                await clients[name].run(workload.sleep, 0.005)
                ended.append(name)

            await scheduler.run(workload.echo, 1)
            await asyncio.gather(*(make(name) for name in "ab" * 80))
            first = Counter(ended[:80])
            assert first["b"] == pytest.approx(60, abs=8)
        with pytest.raises(ValueError, match="share must be more than 0"):
            scheduler.client("none", share=0)

    async def test_priorities_order_the_calls_of_one(self, tmp_path: Path):
        """What is urgent goes first, once a worker is free."""
        async with Scheduler(workers=1) as scheduler:
            running = asyncio.create_task(scheduler.run(workload.wait_for, str(tmp_path / "go")))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0)
            order: list[int] = []

            async def note(priority: int) -> None:
                await scheduler.run(workload.echo, 1, priority=priority)
                order.append(priority)

            notes = [asyncio.create_task(note(priority)) for priority in (0, 2, 1)]
            await asyncio.sleep(0)
            (tmp_path / "go").touch()
            await asyncio.gather(running, *notes)
            assert order == [2, 1, 0]

    async def test_too_many_that_wait_are_refused(self, tmp_path: Path):
        """At once, or after a while; the scheduler goes on."""
        async with Scheduler(workers=1, max_pending=1) as scheduler:
            running = asyncio.create_task(scheduler.run(workload.wait_for, str(tmp_path / "go")))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0)
            with pytest.raises(Saturated, match=r"no worker was free within 0\.05 s"):
                await scheduler.run(workload.echo, 1, queue_timeout=0.05)
            waiting = asyncio.create_task(scheduler.run(workload.echo, 2))
            await asyncio.sleep(0)
            with pytest.raises(Saturated, match="1 calls wait already, and 1 may"):
                await scheduler.run(workload.echo, 3, reject=True)
            (tmp_path / "go").touch()
            assert (await running, await waiting) == (str(tmp_path / "go"), 2)


class TestTries:
    """Calls whose worker died are made again, where that was asked for."""

    async def test_a_call_is_made_again(self, tmp_path: Path):
        """Until it answers; by default never."""
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(workload.die_twice, str(tmp_path / "a"), retries=2) == 3
            with pytest.raises(WorkerDied) as caught:
                await scheduler.run(workload.die_twice, str(tmp_path / "b"))
            assert caught.value.attempts == ()

    async def test_the_error_has_the_attempts(self):
        """All of them, the last one included; a note says how they ended."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(WorkerDied) as caught:
                await scheduler.run(workload.die, "_exit", retries=1)
            assert [error.exitcode for error in caught.value.attempts] == [7, 7]
            assert "the last of 2 tries" in caught.value.__notes__[0]

    async def test_limits_are_no_reason_unless_they_are_named(self):
        """A call that was too long or too large would be so again."""
        async with Scheduler(workers=1, memory_limit=150 * MIB) as scheduler:
            cases = [(workload.hang, 0.2, CallTimeout), (workload.allocate, 60, MemoryLimitExceeded)]
            for function, timeout, error in cases:
                for retry_on, deaths in (((WorkerDied,), 1), ((WorkerDied, error), 2)):
                    before = sum(scheduler.statistics.recycled.values())
                    limited = scheduler.client("limited", timeout=timeout, retries=1, retry_on=retry_on)
                    with pytest.raises(error):
                        await limited.run(function, 400 * MIB)
                    assert sum(scheduler.statistics.recycled.values()) == before + deaths

    async def test_items_of_a_packet_are_tried_again(self, tmp_path: Path):
        """Alone."""
        items = [str(tmp_path / name) for name in "abc"]
        async with Scheduler(workers=2) as scheduler:
            stream = scheduler.stream(workload.die_twice, items, chunk=3, ordered=True, retries=2)
            assert [result.value async for result in stream] == [3, 3, 3]

    async def test_a_function_that_kills_every_worker_is_refused(self):
        """With one clear error; others are called, and one success starts the count anew."""
        async with Scheduler(workers=1, most_deaths=3) as scheduler:
            for how in ("_exit", "_exit", "fine", "_exit", "_exit", "_exit"):
                if how == "fine":
                    await scheduler.run(workload.die_or_pass, how)
                    continue
                with pytest.raises(WorkerDied):
                    await scheduler.run(workload.die_or_pass, how)
            with pytest.raises(FunctionKillsWorkers, match=r"die_or_pass is not called any more: 3 calls"):
                await scheduler.run(workload.die_or_pass, "fine")
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_a_stream_of_it_ends(self):
        """With the same error, behind the results that it had."""
        async with Scheduler(workers=2, most_deaths=5) as scheduler:
            died = 0
            with pytest.raises(FunctionKillsWorkers):
                async for result in scheduler.stream(workload.die, ["_exit"] * 1000):
                    died += isinstance(result.error, WorkerDied)
            assert 5 <= died <= 7

    async def test_cancelling_between_two_tries(self, tmp_path: Path):
        """Ends the call."""
        async with Scheduler(workers=1) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.die, "_exit", retries=100))
            while not scheduler.statistics.recycled:
                await asyncio.sleep(0.001)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await scheduler.run(workload.echo, 1) == 1
