"""The scheduler's contract over real processes: values, limits, deaths, and that nothing is left behind."""

import asyncio
import gc
import os
import pickle
import select
import signal
import time
import weakref
from pathlib import Path

import pytest
import workload
from processes import living, open_descriptors, open_threads

from asyncgen.calls import frames, nursery
from asyncgen.calls.errors import (
    CallTimeout,
    MemoryLimitExceeded,
    RemoteError,
    RemoteTraceback,
    SchedulerClosed,
    SchedulerError,
    WorkerDied,
)
from asyncgen.calls.settings import Settings
from asyncgen.calls.slot import CallFuture
from asyncgen.scheduler import Scheduler

MIB = 1 << 20
EMPTY_ERROR = b"".join(bytes(part) for part in frames.encode(frames.Kind.ERROR, []))


async def stocked(scheduler: Scheduler) -> None:
    """Wait until every slot has a process and every spare is ready."""
    settings = scheduler.settings
    while len(scheduler.pids) < settings.workers or scheduler.spares < settings.spares:
        await asyncio.sleep(0.002)


class TestValues:
    """What goes into a call and what comes out."""

    pytestmark = pytest.mark.both_loops

    async def test_a_call_returns_what_the_function_returns_from_another_process(self):
        """`run` is the function's value, computed elsewhere."""
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(workload.echo, {"a": [1, 2]}) == {"a": [1, 2]}
            assert await scheduler.run(workload.pid) == scheduler.pids[0] != os.getpid()

    async def test_an_exception_arrives_as_itself_with_the_remote_traceback(self):
        """The caller handles the function's own exception type, and can see where it was raised."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(ValueError, match="so it goes") as caught:
                await scheduler.run(workload.fail, "so it goes")
            assert isinstance(caught.value.__cause__, RemoteTraceback)
            assert "in fail" in str(caught.value.__cause__)

    @pytest.mark.parametrize(
        ("function", "text"),
        [
            (workload.raise_unpicklable, "text of the unpicklable error"),
            (workload.raise_unloadable, "text of the unloadable error"),
            (workload.raise_stop_iteration, "StopIteration: 3"),
        ],
    )
    async def test_an_exception_that_cannot_travel_arrives_as_text(self, function, text):
        """What cannot be pickled, rebuilt or raised from a future becomes a RemoteError that quotes it."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(RemoteError, match=text):
                await scheduler.run(function)

    async def test_an_argument_that_cannot_be_pickled_fails_its_call_alone(self):
        """The process is not bothered, and goes on."""
        async with Scheduler(workers=1) as scheduler:
            before = await scheduler.run(workload.pid)
            with pytest.raises(ValueError, match="on purpose"):
                await scheduler.run(workload.echo, workload.DiesWhenPickled("exception"))
            assert await scheduler.run(workload.pid) == before

    @pytest.mark.parametrize("how", ["SystemExit", "StopIteration"])
    async def test_what_pickling_raises_here_ends_the_call_and_not_this_program(self, how: str):
        """Of the arguments and of the result: what could not be raised as itself becomes a RemoteError."""
        async with Scheduler(workers=1) as scheduler:
            before = await scheduler.run(workload.pid)
            with pytest.raises(RemoteError, match=how):
                await scheduler.run(workload.echo, workload.DiesWhenPickled(how))
            with pytest.raises(RemoteError, match=how):
                await scheduler.run(workload.make, workload.DiesWhenUnpickled, how)
            assert await scheduler.run(workload.pid) == before

    @pytest.mark.parametrize("size", [0, 100, 300_000, 40 * MIB])
    async def test_messages_of_any_size_arrive_whole(self, size):
        """Smaller than a read, larger than a socket's buffer, larger than a mapped one."""
        data = os.urandom(1000) * (size // 1000)
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(workload.echo, data) == data

    async def test_buffers_travel_out_of_band(self):
        """A PickleBuffer is not copied into the pickle, and arrives as writable memory."""
        data = bytearray(os.urandom(3 * MIB))
        async with Scheduler(workers=1) as scheduler:
            back = await scheduler.run(workload.reverse_buffer, pickle.PickleBuffer(data))
        assert bytes(back) == data[::-1]

    async def test_calls_that_are_too_large_fail_alone(self):
        """A message over the limit is refused on the side that would send or receive it."""
        async with Scheduler(workers=1, max_message=MIB) as scheduler:
            with pytest.raises(ValueError, match="raise max_message"):
                await scheduler.run(workload.echo, bytes(2 * MIB))
            with pytest.raises(WorkerDied, match="over the limit"):
                await scheduler.run(bytes, 2 * MIB)
            assert await scheduler.run(workload.echo, 1) == 1


class TestLimits:
    """Time, memory and number of calls."""

    pytestmark = pytest.mark.both_loops

    async def test_at_the_limit_the_whole_process_group_is_dead(self, tmp_path: Path):
        """A grandchild does not survive its worker, and the worker does not survive its limit."""
        note = tmp_path / "pids"
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(TimeoutError) as caught:
                await scheduler.run(workload.announce_family_and_hang, str(note), timeout=1.0)
            assert isinstance(caught.value, CallTimeout)
            assert living(*map(int, note.read_text().split())) == []

    async def test_a_killed_call_reports_the_cpu_it_burnt(self):
        """CPU seconds of a killed call are those of the kernel, known when the call returns."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, 0)
            with pytest.raises(CallTimeout) as caught:
                await scheduler.run(workload.burn, timeout=0.5)
            assert 0.05 < caught.value.cpu_seconds < 5

    async def test_a_companion_that_was_waited_for_in_silence_costs_no_call(self):
        """Its clock is gone; the worker goes on without it."""
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(workload.forget_a_companion) == await scheduler.run(workload.pid)

    async def test_a_timeout_error_of_the_function_is_not_the_limit(self):
        """What the function raises stays what it is."""
        async with Scheduler(workers=1, timeout=60) as scheduler:
            with pytest.raises(TimeoutError) as caught:
                await scheduler.run(workload.raise_timeout_error)
            assert not isinstance(caught.value, CallTimeout)

    @pytest.mark.parametrize("function", [workload.stop_oneself, workload.burn])
    async def test_a_stopped_or_busy_worker_is_ended_by_its_limit(self, function):
        """The limit relies on nothing that the worker does."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(function, timeout=0.2)
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_a_worker_that_ignores_sigterm_is_ended_by_its_limit(self, tmp_path: Path):
        """Only SIGKILL is relied on."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.ignore_sigterm_and_hang, str(tmp_path / "pid"), timeout=0.5)

    async def test_the_clock_of_a_call_does_not_run_while_it_waits(self, tmp_path: Path):
        """With one worker, calls that each take most of the limit all succeed."""
        async with Scheduler(workers=1, timeout=1.0) as scheduler:
            waits = [scheduler.run(time.sleep, 0.25) for _ in range(6)]
            assert await asyncio.gather(*waits) == [None] * 6

    async def test_a_limit_that_is_no_limit_is_refused(self):
        """Zero, less and NaN; the worker is not bothered."""
        async with Scheduler(workers=1) as scheduler:
            for timeout in (0, -1.0, float("nan")):
                with pytest.raises(ValueError, match="more than 0 seconds"):
                    await scheduler.run(workload.echo, 1, timeout=timeout)
                with pytest.raises(ValueError, match="more than 0 seconds"):
                    scheduler.stream(workload.echo, [1], timeout=timeout)
            assert await scheduler.run(workload.echo, 1, timeout=float("inf")) == 1

    async def test_an_answer_that_has_arrived_counts_though_the_loop_had_no_time_to_read_it(self):
        """A cancelling that comes before the reading finds the call done, and kills nothing."""
        async with Scheduler(workers=1) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.echo, "answer"))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0)
            select.select([scheduler._slots[0]._process._sock], [], [])
            assert not scheduler._slots[0]._work.cancel()
            assert await call == "answer"
        assert scheduler.statistics.recycled == {}

    @pytest.mark.parametrize("function", [workload.allocate, workload.allocate_in_a_child])
    async def test_memory_over_the_limit_ends_the_call(self, function):
        """Resident bytes count, those of descendants included."""
        async with Scheduler(workers=1, memory_limit=150 * MIB, timeout=60) as scheduler:
            with pytest.raises(MemoryLimitExceeded, match="bytes of memory"):
                await scheduler.run(function, 400 * MIB)
            assert await scheduler.run(workload.echo, 1) == 1
            assert scheduler.statistics.recycled == {"memory": 1}

    async def test_a_worker_retires_after_its_number_of_calls(self):
        """With a limit of 3 calls, 9 calls use exactly 3 processes, 3 calls each."""
        async with Scheduler(workers=1, calls_per_worker=3) as scheduler:
            pids = [await scheduler.run(workload.pid) for _ in range(9)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3]
        assert scheduler.statistics.recycled["retired"] == 3


class TestDeaths:
    """A worker's end costs the call it was making, and nothing else."""

    pytestmark = pytest.mark.both_loops

    @pytest.mark.parametrize("how", ["SystemExit", "_exit", "segv", "SIGKILL"])
    @pytest.mark.parametrize("when", ["unpickling the call", "running", "pickling the result"])
    async def test_each_way_to_die_gives_workerdied(self, how: str, when: str):
        """Whatever kills the process, and whenever, the caller gets its exit code and the slot goes on."""
        async with Scheduler(workers=1, timeout=60) as scheduler:
            with pytest.raises(WorkerDied) as caught:
                if when == "unpickling the call":
                    await scheduler.run(workload.echo, workload.DiesWhenUnpickled(how))
                elif when == "running":
                    await scheduler.run(workload.die, how)
                else:
                    await scheduler.run(workload.make, workload.DiesWhenPickled, how)
            expected = {"segv": -signal.SIGSEGV, "SIGKILL": -signal.SIGKILL}
            assert caught.value.exitcode == expected.get(how, 7)
            assert await scheduler.run(workload.echo, 1) == 1

    @pytest.mark.parametrize("kind", [workload.DiesWhenUnpickled, workload.DiesWhenPickled])
    async def test_an_exception_while_pickling_the_result_is_the_calls_own(self, kind: type):
        """On either side of the socket: the error arrives and the process lives."""
        async with Scheduler(workers=1) as scheduler:
            before = await scheduler.run(workload.pid)
            with pytest.raises(ValueError, match="on purpose"):
                await scheduler.run(workload.make, kind, "exception")
            assert await scheduler.run(workload.pid) == before

    async def test_a_result_survives_an_argument_that_kills_the_worker_when_freed(self):
        """The answer is sent first, and the next call, sent to the dying process, is made by another."""
        async with Scheduler(workers=1) as scheduler:
            for number in range(30):
                assert await scheduler.run(len, (workload.DiesWhenFreed(),)) == 1
                assert await scheduler.run(workload.echo, number) == number
        assert scheduler.statistics.failures == {}

    async def test_an_idle_worker_that_dies_costs_no_call(self):
        """The slot notices, and takes another process."""
        async with Scheduler(workers=2) as scheduler:
            await stocked(scheduler)
            for _ in range(10):
                for pid in scheduler.pids:
                    os.kill(pid, signal.SIGKILL)
                assert await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(4))) == [
                    0,
                    1,
                    2,
                    3,
                ]
        assert scheduler.statistics.failures == {}

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    async def test_signals_that_ask_to_stop_cost_no_call(
        self, tmp_path: Path, appears, number: signal.Signals
    ):
        """A service manager sends them to every process; what is to be stopped is the parent's to say."""
        async with Scheduler(workers=1, timeout=60) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.announce_and_wait_for, str(tmp_path / "call")))
            os.kill(int(await appears(tmp_path / "call.pid")), number)
            os.kill(scheduler.template_pid, number)
            (tmp_path / "call").touch()
            assert await call == str(tmp_path / "call")
        assert scheduler.statistics.recycled == {}

    @pytest.mark.parametrize("rubbish", [b"x" * 100, b"agf1" + b"\xff" * 100, b"a", EMPTY_ERROR])
    async def test_rubbish_on_the_socket_costs_one_call(self, rubbish: bytes):
        """What is no frame ends the process that sent it; what is only half of one meets the limit."""
        async with Scheduler(workers=1, timeout=1.0) as scheduler:
            with pytest.raises((WorkerDied, CallTimeout)):
                await scheduler.run(workload.write_rubbish, rubbish)
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_a_worker_that_dies_in_mid_write_costs_one_call(self):
        """Half of an answer that is larger than the socket's buffer is no answer."""
        async with Scheduler(workers=1, timeout=60) as scheduler:
            with pytest.raises(WorkerDied) as caught:
                await scheduler.run(workload.die_in_mid_write, 8 * MIB)
            assert caught.value.exitcode == -signal.SIGKILL
            assert await scheduler.run(workload.echo, 1) == 1

    @pytest.mark.parametrize("workers", [1, 2, 5, 13])
    async def test_workers_that_kill_each_other_cost_no_more_than_their_calls(self, workers: int):
        """Each ends with WorkerDied or its value, and afterwards all slots serve."""
        async with Scheduler(workers=workers, timeout=60) as scheduler:
            await stocked(scheduler)
            for _ in range(2):
                jobs = [scheduler.run(workload.kill_all, scheduler.pids) for _ in range(workers)]
                ends = await asyncio.gather(*jobs, return_exceptions=True)
                assert {type(end) for end in ends} <= {WorkerDied, type(None)}
            numbers = range(3 * workers)
            assert await asyncio.gather(*(scheduler.run(workload.echo, i) for i in numbers)) == list(numbers)

    async def test_killing_the_template_costs_the_calls_under_way_and_no_more(self, tmp_path: Path, appears):
        """Its workers die with it, their calls get WorkerDied, and a new template serves the rest."""
        async with Scheduler(workers=2) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            family = [int(pid) for pid in (await appears(tmp_path / "pids")).split()]
            os.kill(scheduler.template_pid, signal.SIGKILL)
            with pytest.raises(WorkerDied, match="template"):
                await call
            assert living(family[0]) == []
            assert await scheduler.run(workload.echo, 1) == 1
        assert living(*family) == []

    async def test_a_stopped_template_is_replaced(self, tmp_path: Path, monkeypatch):
        """A kill that nobody carries out ends the template, and so the call."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 0.2)
        async with Scheduler(workers=1) as scheduler:
            await stocked(scheduler)
            os.kill(scheduler.template_pid, signal.SIGSTOP)
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.hang, timeout=0.1)
            assert await scheduler.run(workload.echo, 1) == 1


class TestCancelling:
    """Cancelling, closing, and leaving early."""

    pytestmark = pytest.mark.both_loops

    async def test_cancelling_kills_and_waits_until_the_group_is_gone(self, tmp_path: Path, appears):
        """When the cancelled task is done, no process of its call is alive."""
        async with Scheduler(workers=1) as scheduler:
            task = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            family = [int(pid) for pid in (await appears(tmp_path / "pids")).split()]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert living(*family) == []
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_cancelling_a_waiting_call_takes_no_worker(self, tmp_path: Path, appears):
        """The process that is at work is left alone, and the call never starts."""
        async with Scheduler(workers=1) as scheduler:
            first = asyncio.create_task(scheduler.run(workload.wait_for, str(tmp_path / "go")))
            second = asyncio.create_task(scheduler.run(workload.announce_and_hang, str(tmp_path / "no")))
            await stocked(scheduler)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            assert scheduler.statistics.waiting == 0
            (tmp_path / "go").touch()
            assert await first == str(tmp_path / "go")
        assert not (tmp_path / "no").exists()
        assert scheduler.statistics.recycled == {}

    @pytest.mark.parametrize("steps", range(12))
    async def test_cancelling_at_any_step_leaves_the_scheduler_whole(self, steps: int):
        """After so many turns of the loop, a cancel takes effect, and both slots still serve."""
        async with Scheduler(workers=2) as scheduler:
            tasks = [asyncio.create_task(scheduler.run(workload.echo, i)) for i in range(4)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            results = await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(6)))
            assert results == list(range(6))

    async def test_leaving_the_block_kills_what_runs(self, tmp_path: Path, appears):
        """The pending call gets SchedulerClosed; when the block is left, every process is gone."""
        async with Scheduler(workers=1) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            family = [int(pid) for pid in (await appears(tmp_path / "pids")).split()]
            template = scheduler.template_pid
        assert living(*family, template) == []
        with pytest.raises(SchedulerClosed):
            await call

    async def test_an_exception_inside_the_block_leaves_nothing_running(self, tmp_path: Path, appears):
        """The exception passes through, after the processes are gone."""
        with pytest.raises(KeyError):
            async with Scheduler(workers=1) as scheduler:
                call = asyncio.create_task(scheduler.run(workload.announce_and_hang, str(tmp_path / "pid")))
                worker = int(await appears(tmp_path / "pid"))
                raise KeyError("on purpose")
        assert living(worker) == []
        await asyncio.gather(call, return_exceptions=True)

    async def test_closing_is_safe_at_any_time(self):
        """Before the first process is ready, twice, and with calls that wait."""
        async with Scheduler(workers=1) as scheduler:
            waiting = [asyncio.create_task(scheduler.run(workload.hang)) for _ in range(3)]
            await asyncio.sleep(0)
            await asyncio.gather(scheduler.close(), scheduler.close())
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(end) for end in ends] == [SchedulerClosed] * 3

    async def test_a_scheduler_that_is_not_open_says_so(self):
        """Before `async with`, after it, and inside a second one."""
        scheduler = Scheduler(workers=1)
        with pytest.raises(SchedulerClosed, match="async with"):
            await scheduler.run(workload.echo, 1)
        async with scheduler:
            with pytest.raises(SchedulerError, match="twice"):
                await scheduler.__aenter__()
        with pytest.raises(SchedulerClosed, match="async with"):
            await scheduler.run(workload.echo, 1)

    async def test_a_cancelling_that_meets_the_answer_is_still_a_cancelling(self):
        """Whoever was asked to end while it was at work does end; the worker goes on."""
        async with Scheduler(workers=1, timeout=100.0) as scheduler:
            before = await scheduler.run(workload.pid)
            for function in (workload.echo, workload.fail):
                task = asyncio.create_task(scheduler.run(function, "x"))
                await asyncio.sleep(0)
                asked = []  # since Python 3.12 the task hears of the answer first, and may be over
                scheduler._slots[0]._work.add_done_callback(
                    lambda _, task=task, asked=asked: asked.append(task.cancel())
                )
                await asyncio.wait([task])
                assert asked == [task.cancelled()]
            assert await scheduler.run(workload.pid) == before


class TestStarting:
    """Fresh processes: preloading, initializers, spares, output."""

    async def test_preloaded_modules_are_there_before_the_first_call(self):
        """The template imports them once; a module that nobody preloaded is not there."""
        async with Scheduler(workers=1, preload=("colorsys", "workload:start_nothing")) as scheduler:
            assert await scheduler.run(workload.modules, ["colorsys", "wave"]) == [True, False]

    @pytest.mark.parametrize(
        ("preload", "text"),
        [("no_such_module", "No module named"), ("workload:no_such_function", "no attribute")],
    )
    async def test_a_preload_that_cannot_work_is_reported_to_every_call(self, preload: str, text: str):
        """An import error is said once and not tried again."""
        async with Scheduler(workers=2, preload=(preload,)) as scheduler:
            ends = await asyncio.gather(
                *(scheduler.run(workload.echo, 1) for _ in range(3)), return_exceptions=True
            )
            assert all(isinstance(end, SchedulerError) and text in str(end) for end in ends)
            assert len({id(end) for end in ends}) == 3  # one for each call, so that tracebacks do not mix

    async def test_an_initializer_runs_in_every_process(self):
        """Also in those that replace others."""
        async with Scheduler(
            workers=1, initializer=workload.remember, initargs=(42,), calls_per_worker=1
        ) as scheduler:
            assert [await scheduler.run(workload.recall) for _ in range(3)] == [42] * 3

    async def test_a_failing_initializer_is_reported_and_not_looped(self, tmp_path: Path):
        """Every waiting call fails with the reason, and no process after the first ones is tried."""
        note = tmp_path / "calls"
        async with Scheduler(
            workers=2, initializer=workload.append_line_and_fail, initargs=(str(note),)
        ) as scheduler:
            with pytest.raises(SchedulerError, match="initializer") as caught:
                await scheduler.run(workload.echo, 1)
            assert "does not like this machine" in repr(caught.value.__cause__)
            with pytest.raises(SchedulerError, match="initializer"):
                await scheduler.run(workload.echo, 1)
        assert len(note.read_text().splitlines()) <= 3

    async def test_a_ready_spare_takes_the_slot(self):
        """After a kill the next call runs in the process that was already waiting."""
        async with Scheduler(workers=1, spares=1) as scheduler:
            await stocked(scheduler)
            spare = scheduler.spare_pids[0]
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.hang, timeout=0.1)
            assert await scheduler.run(workload.pid) == spare

    async def test_output_goes_where_the_settings_say(self, tmp_path: Path, capfd):
        """By default nowhere, however much it is; otherwise to the file. Never to this terminal."""
        log = tmp_path / "workers.log"
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.say, "silence")
        async with Scheduler(workers=1, output=log) as scheduler:
            await scheduler.run(workload.say, "recorded")
        assert log.read_text().count("recorded") == 20002
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize(
        "wrong", [{"workers": -1}, {"timeout": 0}, {"timeout": float("nan")}, {"spares": -1}]
    )
    def test_settings_that_cannot_work_are_refused(self, wrong: dict[str, float]):
        """At once, with the name of the setting."""
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings(**wrong)


class TestResources:
    """Nothing piles up."""

    async def test_the_future_of_a_call_is_the_slots_own_and_is_let_go(self):
        """`run_in_executor` hands it on as it is; when the call has ended, nothing holds it any more."""
        loop = asyncio.get_running_loop()
        async with Scheduler(workers=1) as scheduler:
            slot = scheduler._slots[0]
            assert await scheduler.run(workload.echo, 1) == 1
            future = loop.run_in_executor(slot, workload.echo, "value")
            assert type(future) is CallFuture
            assert await future == "value"
            held = weakref.ref(future)
            del future
            await asyncio.sleep(0)  # what woke this task up has the future, too
            gc.collect()
            assert held() is None

    async def test_no_descriptor_is_left_over_recycles(self):
        """As many are open after fifty replaced processes as before."""
        async with Scheduler(workers=2, calls_per_worker=1) as scheduler:
            await stocked(scheduler)
            before, threads = open_descriptors(), open_threads()
            for _ in range(50):
                await scheduler.run(workload.echo, 1)
            await stocked(scheduler)
            assert open_descriptors() <= before + 1
            assert open_threads() == threads

    @pytest.mark.parametrize("how", ["value", "exception", "limit", "cancelling"])
    async def test_arguments_and_results_are_freed_with_the_call(self, how: str):
        """Whichever way it ended, and without the garbage collector's help."""

        async def use(scheduler: Scheduler) -> "list[weakref.ref[workload.Weak]]":
            thing = workload.Weak(fail=how == "exception")
            call = asyncio.create_task(
                scheduler.run(workload.use, thing)
                if how in ("value", "exception")
                else scheduler.run(workload.hang, thing, timeout=0.2)
            )
            while how == "cancelling" and not scheduler.statistics.busy:
                await asyncio.sleep(0)
            if how == "cancelling":
                call.cancel()
            (end,) = await asyncio.gather(call, return_exceptions=True)
            return [weakref.ref(thing), *([weakref.ref(end)] if how == "value" else [])]

        gc.disable()
        try:
            async with Scheduler(workers=1) as scheduler:
                seen = await use(scheduler)
                for _ in range(3):  # the loop lets go of its last callbacks
                    await asyncio.sleep(0)
                assert [ref() for ref in seen if ref() is not None] == []
        finally:
            gc.enable()

    async def test_no_signal_handler_is_installed(self):
        """The library is a guest in the process."""
        before = [signal.getsignal(number) for number in signal.valid_signals()]
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, 1)
            assert [signal.getsignal(number) for number in signal.valid_signals()] == before
