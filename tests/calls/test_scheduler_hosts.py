"""What the program around a scheduler may do or lack: descriptors, signals, forks, a loop in debug mode."""

import asyncio
import errno
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import workload
from places import SUPPORT
from processes import descendants, living, open_descriptors

from asyncgen.calls import frames, nursery
from asyncgen.calls.errors import CallTimeout, SchedulerError, WorkerDied
from asyncgen.calls.events import Event, TemplateLost
from asyncgen.scheduler import Scheduler

# Starts a scheduler, makes the call `name(path)`, and first forks where it is told to.
HOST = """
import asyncio, os, signal, sys
sys.path.insert(0, {tests!r})
import workload
from asyncgen.scheduler import Scheduler

async def main(name, path, fork):
    async with Scheduler(workers=1) as scheduler:
        await scheduler.run(workload.pid)
        print(scheduler.template_pid, *scheduler.pids, flush=True)
        if fork == "fork" and (pid := os.fork()) == 0:
            signal.pause()
        print(pid if fork == "fork" else 0, flush=True)
        await scheduler.run(getattr(workload, name), path)

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def descriptors() -> Iterator[Callable[[int], None]]:
    """Let this process have so many open descriptors, until the end of the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def allow(number: int) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))

    yield allow
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def no_children() -> bool:
    return descendants() == []


class TestDescriptors:
    """EMFILE at any moment is an error or a delay, and never a call that waits for ever."""

    pytestmark = pytest.mark.both_loops

    @pytest.mark.parametrize("room", range(0, 14))
    async def test_opening_with_few_descriptors_fails_whole_or_works(self, room: int, descriptors):
        """Either `async with` raises and leaves nothing behind, or every call is made."""
        before = open_descriptors()
        end: object = None
        descriptors(before - 1 + room)  # one of those counted was that of the counting
        try:
            async with Scheduler(workers=3) as scheduler:
                end = await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(5)))
        except (OSError, SchedulerError) as error:
            end = str(error)
        assert end == [0, 1, 2, 3, 4] or "Too many open files" in str(end)
        descriptors(1000)
        assert open_descriptors() == before
        assert no_children()

    async def test_a_moment_without_descriptors_costs_no_call(self, descriptors):
        """A worker that cannot be replaced at once is replaced later."""
        async with Scheduler(workers=2, calls_per_worker=1) as scheduler:
            await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(4)))
            descriptors(open_descriptors() - 4)
            tasks = [asyncio.create_task(scheduler.run(workload.echo, i)) for i in range(10)]
            asyncio.get_running_loop().call_later(0.2, descriptors, 1000)
            assert await asyncio.gather(*tasks) == list(range(10))

    async def test_a_template_that_dies_where_there_is_no_descriptor_is_replaced_all_the_same(
        self, descriptors
    ):
        """Its workers' deaths are watched as soon as there is one, and nobody waits for ever."""
        async with Scheduler(workers=1) as scheduler:
            await scheduler.run(workload.echo, 0)
            call = asyncio.create_task(scheduler.run(workload.hang))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0.001)
            descriptors(1)
            os.kill(scheduler.template_pid, signal.SIGKILL)
            asyncio.get_running_loop().call_later(0.2, descriptors, 1000)
            with pytest.raises(WorkerDied, match="template"):
                await call
            assert await scheduler.run(workload.echo, 1) == 1


class TestSpares:
    """Processes that are ready and have nothing to do."""

    pytestmark = pytest.mark.both_loops

    async def test_a_spare_that_speaks_unasked_is_replaced(self):
        """It is of no use any more, and costs no call."""
        async with Scheduler(workers=1) as scheduler:
            while not scheduler.spare_pids:
                await asyncio.sleep(0.002)
            (spare,) = scheduler._supply._stock
            scheduler._supply.answered(spare, frames.Frame(frames.Kind.RESULT, [b""], 0.0))
            while scheduler.spare_pids in ([], [spare.pid]):
                await asyncio.sleep(0.002)
            assert await scheduler.run(workload.echo, 1) == 1


class TestTheTemplate:
    """Starting it, losing it, and not waiting for it."""

    async def test_a_template_that_says_it_cannot_be_used_is_not_tried_again(self):
        """Another one would import the same: the first word ends the scheduler."""
        events: list[Event] = []
        async with Scheduler(workers=1, preload=("no_such_module",), on_event=events.append) as scheduler:
            with pytest.raises(SchedulerError, match="no_such_module"):
                await scheduler.run(workload.echo, 1)
            await asyncio.sleep(0)  # what the hook is told comes from the loop
        assert [type(event) for event in events].count(TemplateLost) == 1

    pytestmark = pytest.mark.both_loops

    async def lose_it(self, scheduler: Scheduler) -> "list[asyncio.Task[int]]":
        await scheduler.run(workload.echo, 0)
        os.kill(scheduler.template_pid, signal.SIGKILL)
        while not scheduler.statistics.recycled["template"]:
            await asyncio.sleep(0.001)
        return [asyncio.create_task(scheduler.run(workload.echo, i)) for i in range(4)]

    async def test_a_template_that_cannot_be_replaced_at_once_is_replaced_later(self, monkeypatch):
        """As where the system has no process to spare for a moment: the calls wait."""
        async with Scheduler(workers=2) as scheduler:
            with monkeypatch.context() as patch:
                patch.setattr(sys, "executable", "/nonexistent")
                tasks = await self.lose_it(scheduler)
                await asyncio.sleep(0)
            assert await asyncio.gather(*tasks) == [0, 1, 2, 3]

    async def test_a_template_that_cannot_be_replaced_at_all_fails_the_calls(self, monkeypatch):
        """With the system's own words, and for each call an exception of its own."""
        async with Scheduler(workers=2) as scheduler:
            monkeypatch.setattr(sys, "executable", "/nonexistent")
            ends = await asyncio.gather(*await self.lose_it(scheduler), return_exceptions=True)
            assert all(isinstance(end, SchedulerError) and "/nonexistent" in str(end) for end in ends)
            assert len({id(end) for end in ends}) == 4

    async def test_a_request_that_cannot_be_sent_costs_no_call(self, monkeypatch):
        """As with ETOOMANYREFS, when too many descriptors are on their way: a new template is asked."""
        send, failures = socket.send_fds, iter([OSError(errno.ETOOMANYREFS, "too many references")])

        def refuse_once(sock: socket.socket, data: "list[bytes]", descriptors: "list[int]") -> int:
            if descriptors and (error := next(failures, None)):
                raise error
            return send(sock, data, descriptors)

        monkeypatch.setattr(socket, "send_fds", refuse_once)
        before = open_descriptors()
        async with Scheduler(workers=2) as scheduler:
            assert await asyncio.gather(*(scheduler.run(workload.echo, i) for i in range(4))) == [0, 1, 2, 3]
        assert open_descriptors() == before

    async def test_closing_does_not_wait_for_the_preloading(self, monkeypatch):
        """A template that still imports has no workers, and is killed, as by whoever gives up the opening."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 3600.0)
        scheduler = Scheduler(workers=1, preload=("workload:hang",))
        opening = asyncio.create_task(scheduler.__aenter__())
        await asyncio.sleep(0.01)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert living(scheduler.template_pid) == []

    async def test_closing_does_not_wait_for_a_stopped_template(self, monkeypatch):
        """Also where it has nothing left to kill."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 0.2)
        async with Scheduler(workers=1, initializer=workload.die, initargs=("exception",)) as scheduler:
            with pytest.raises(SchedulerError, match="initializer"):
                await scheduler.run(workload.echo, 1)
            template = psutil.Process(scheduler.template_pid)
            while template.children():
                await asyncio.sleep(0.002)
            template.suspend()
        assert living(template.pid) == []

    async def test_a_template_that_stops_behind_a_kill_is_noticed(self, monkeypatch):
        """It has answered that the kill was carried out, and never says that the process is gone."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 0.2)
        async with Scheduler(workers=1, preload=("workload:stop_behind_each_kill",)) as scheduler:
            template = scheduler.template_pid
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.hang, timeout=0.1)
            assert await scheduler.run(workload.echo, 1) == 1
            assert scheduler.template_pid != template
        assert living(template) == []

    async def test_a_loop_that_was_stuck_does_not_blame_the_template(self, monkeypatch):
        """Its answer has arrived and was not read yet: uvloop runs timers first."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 0.2)
        loop, (waker, wake) = asyncio.get_running_loop(), socket.socketpair()
        async with Scheduler(workers=1) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.hang))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0.001)

            def kill_and_be_stuck() -> None:
                loop.remove_reader(waker)
                scheduler._slots[0]._work.cancel()
                time.sleep(0.4)  # what is tested is a loop that sleeps

            loop.add_reader(waker, kill_and_be_stuck)
            wake.send(b"x")
            with pytest.raises(asyncio.CancelledError):
                await call
            assert living(scheduler.template_pid) == [scheduler.template_pid]
        waker.close()
        wake.close()

    async def test_a_worker_that_dies_behind_its_last_answer_is_not_killed_again(self, monkeypatch):
        """The template would be asked for a process that it has buried, and blamed for not answering."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", 0.2)
        async with Scheduler(workers=1, calls_per_worker=1) as scheduler:
            while not (scheduler.pids and scheduler.spares):
                await asyncio.sleep(0.002)
            call = asyncio.create_task(scheduler.run(workload.long_answer, workload.DiesWhenFreed()))
            while not scheduler.statistics.busy:
                await asyncio.sleep(0)
            # The loop is busy until the death is reported, so that the answer is read after it.
            select.select([scheduler._supply._nursery._control], [], [])
            assert len(await call) == 100_000
            assert scheduler._supply._nursery._doomed == {}
            assert scheduler.statistics.recycled == {"retired": 1}

    def test_a_loop_that_ends_while_a_template_is_mourned_does_not_hang(self):
        """`asyncio.run` cancels every task, that of the burial too, and waits for them."""

        async def live() -> None:
            async with Scheduler(workers=2) as scheduler:
                await scheduler.run(workload.echo, 1)
                os.kill(scheduler.template_pid, signal.SIGKILL)
                await asyncio.Event().wait()

        async def main() -> "asyncio.Task[None]":
            living_on = asyncio.create_task(live())
            while not any("_bury_orphans" in repr(task) for task in asyncio.all_tasks()):
                await asyncio.sleep(0)
            return living_on

        assert asyncio.run(main()).cancelled()

    @pytest.mark.parametrize("turns", range(4))
    def test_a_loop_that_ends_while_a_scheduler_closes_leaves_no_process(self, turns: int):
        """The closing is cancelled like every task, however far it has come, and is done all the same."""

        async def live() -> None:
            async with Scheduler(workers=2) as scheduler:
                await scheduler.run(workload.echo, 1)
                closing.set()

        closing = asyncio.Event()

        async def main() -> "asyncio.Task[None]":
            living_on = asyncio.create_task(live())
            await closing.wait()
            for _ in range(turns):
                await asyncio.sleep(0)
            return living_on

        assert asyncio.run(main()).cancelled()
        assert no_children()


class TestHosts:
    """Programs with habits of their own."""

    async def test_signals_that_the_host_blocks_are_not_blocked_in_its_workers(self):
        """Else the template would never be told of a death, nor a worker of its timers."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGPROF})
        try:
            async with Scheduler(workers=1) as scheduler:
                with pytest.raises(CallTimeout):
                    await scheduler.run(workload.hang, timeout=0.2)
                with pytest.raises(WorkerDied):
                    await scheduler.run(workload.die, "_exit")
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    async def test_a_loop_in_debug_mode_refuses_coroutine_functions_and_keeps_the_slot(self):
        """The mistake is raised, and the next call is made."""

        async def mistaken() -> None: ...

        asyncio.get_running_loop().set_debug(True)
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(TypeError, match="coroutines"):
                await scheduler.run(mistaken)
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_programs_that_a_call_starts_inherit_no_socket(self):
        """Nor does one that is started without closing descriptors."""
        async with Scheduler(workers=1) as scheduler:
            assert await scheduler.run(workload.sockets_of_a_program) == 0

    async def test_two_schedulers_in_one_loop_do_not_disturb_each_other(self):
        """Closing one, with all its processes, leaves the other's alone."""
        async with Scheduler(workers=2) as first:
            pids = {await first.run(workload.pid)}
            async with Scheduler(workers=2) as second:
                ends = await asyncio.gather(first.run(workload.echo, 1), second.run(workload.echo, 2))
            pids.add(await first.run(workload.pid))
        assert ends == [1, 2]
        assert len(pids) <= 2
        assert first.statistics.recycled == {}

    def test_schedulers_work_in_the_loops_of_several_threads(self):
        """Each belongs to its own loop, and none needs the main thread."""

        async def work(number: int) -> list[int]:
            async with Scheduler(workers=1) as scheduler:
                return [await scheduler.run(workload.echo, number + i) for i in range(5)]

        async def both() -> list[list[int]]:
            threads = (asyncio.to_thread(asyncio.run, work(number)) for number in (10, 20))
            return await asyncio.gather(*threads)

        assert asyncio.run(both()) == [[10, 11, 12, 13, 14], [20, 21, 22, 23, 24]]

    @pytest.mark.parametrize(("name", "fork"), [("announce_and_hang", "fork"), ("leave_a_daemon", "no")])
    def test_killing_the_host_ends_template_and_workers_whoever_lives_on(
        self, tmp_path: Path, name: str, fork: str
    ):
        """Neither a fork of the host, which holds the sockets open, nor a worker's daemon keeps them."""
        script, note = tmp_path / "host.py", tmp_path / "note"
        script.write_text(HOST.format(tests=str(SUPPORT)))
        command = [sys.executable, str(script), name, str(note), fork]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
            assert host.stdout is not None
            ours = [psutil.Process(int(pid)) for pid in host.stdout.readline().split()]
            survivors = [int(host.stdout.readline())]
            while not note.exists():
                os.sched_yield()
            survivors.append(int(note.read_text()) if fork == "no" else 0)
            host.kill()
            try:
                psutil.wait_procs(ours, timeout=30)
                assert living(*(process.pid for process in ours)) == []
                assert len(living(*filter(None, survivors))) == 1
            finally:
                for pid in filter(None, survivors):
                    os.kill(pid, signal.SIGKILL)
