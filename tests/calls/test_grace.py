"""The setting `grace`: a call that is killed may clean up first, and no longer than that."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest
import workload
from places import SUPPORT
from processes import living

from asyncgen.calls import nursery, supply
from asyncgen.calls.child.killing import Graces
from asyncgen.calls.errors import CallTimeout, MemoryLimitExceeded, SchedulerClosed
from asyncgen.scheduler import Scheduler

LONG = 1000.0  # seconds: a test that waited for its end would fail
SHORT = 0.2

Appears = Callable[[Path], Awaitable[str]]


class TestCleaningUp:
    """What a killed call may still do."""

    pytestmark = pytest.mark.both_loops

    async def test_at_its_limit_a_call_gets_system_exit(self, tmp_path: Path):
        """It can clean up, and its process is dead before the call returns."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.clean_up_at_the_end, str(tmp_path / "note"), timeout=0.5)
            assert (tmp_path / "note.ended").read_text() == "SystemExit 143"
            assert living(int((tmp_path / "note").read_text())) == []

    async def test_a_cancelled_call_gets_it_too(self, tmp_path: Path, appears: Appears):
        """The task ends when the process is dead."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.clean_up_at_the_end, str(tmp_path / "note")))
            pid = int(await appears(tmp_path / "note"))
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert (tmp_path / "note.ended").exists()
            assert living(pid) == []

    async def test_an_item_of_a_packet_gets_it_too(self, tmp_path: Path):
        """The items behind it go to another process."""
        async with Scheduler(workers=1, grace=LONG, timeout=0.5) as scheduler:
            notes = [str(tmp_path / name) for name in "ab"]
            results = scheduler.stream(workload.clean_up_at_the_end, notes, chunk=2, ordered=True)
            assert [type(result.error) async for result in results] == [CallTimeout] * 2
            assert all(Path(f"{note}.ended").exists() for note in notes)

    async def test_closing_lets_what_runs_clean_up(self, tmp_path: Path, appears: Appears):
        """`async with` is left when it has."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            call = asyncio.create_task(scheduler.run(workload.clean_up_at_the_end, str(tmp_path / "note")))
            await appears(tmp_path / "note")
        assert (tmp_path / "note.ended").exists()
        with pytest.raises(SchedulerClosed):
            await call

    async def test_workers_of_the_other_start_method_can(self, tmp_path: Path):
        """A spawned worker has the same handler."""
        async with Scheduler(workers=1, grace=LONG, start_method="spawn") as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.clean_up_at_the_end, str(tmp_path / "note"), timeout=0.5)
            assert (tmp_path / "note.ended").exists()

    async def test_who_tells_it_twice_does_not_disturb_the_cleaning_up(self, tmp_path: Path):
        """Only the first SIGTERM raises."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.clean_up_twice, str(tmp_path / "note"), timeout=0.5)
            assert (tmp_path / "note.ended").exists()

    async def test_without_a_grace_nothing_is_cleaned_up(self, tmp_path: Path):
        """SIGKILL at once, as by default."""
        async with Scheduler(workers=1) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.clean_up_at_the_end, str(tmp_path / "note"), timeout=0.5)
            assert not (tmp_path / "note.ended").exists()


class TestGoingOn:
    """Calls that are told to end, and come to their end by themselves."""

    @pytest.mark.parametrize("size", [1, 10_000_000])
    async def test_a_call_that_returns_all_the_same_is_the_last_of_its_process(
        self, tmp_path: Path, size: int
    ):
        """Its answer comes too late, whatever its size, and the process does not wait for another call."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.swallow_the_end, str(tmp_path / "note"), size, timeout=0.5)
            assert living(int((tmp_path / "note").read_text())) == []

    async def test_so_is_an_item_of_a_packet(self, tmp_path: Path):
        """The process does not begin with the next one, which another process gets."""
        async with Scheduler(workers=1, grace=LONG, timeout=0.5) as scheduler:
            notes = [str(tmp_path / name) for name in "ab"]
            results = scheduler.stream(workload.swallow_the_end, notes, chunk=2)
            assert [type(result.error) async for result in results] == [CallTimeout] * 2
            assert len({note.read_text() for note in tmp_path.iterdir()}) == 2


class TestTheEndOfTheGrace:
    """What takes longer is killed."""

    async def test_a_call_that_ignores_it_is_killed(self, tmp_path: Path):
        """Dead before the call returns, all the same."""
        async with Scheduler(workers=1, grace=SHORT) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.ignore_sigterm_and_hang, str(tmp_path / "note"), timeout=0.5)
            assert living(int((tmp_path / "note").read_text())) == []

    async def test_a_handler_of_the_calls_own_is_called_instead(self, tmp_path: Path):
        """And may let the call go on, until the grace is over."""
        async with Scheduler(workers=1, grace=SHORT) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.handle_sigterm_and_hang, str(tmp_path / "note"), timeout=0.5)
            assert (tmp_path / "note.handled").exists()
            assert living(int((tmp_path / "note").read_text())) == []

    async def test_what_a_call_leaves_behind_is_killed_when_it_has_ended(self, tmp_path: Path):
        """Also a child that ignores SIGTERM does not have the whole grace for itself."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(
                    workload.announce_deaf_family_and_hang, str(tmp_path / "note"), timeout=1.0
                )
            assert living(*map(int, (tmp_path / "note").read_text().split())) == []

    async def test_to_ask_again_does_not_begin_it_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """A kill is asked for again while no death is reported: the time since the first one counts."""
        monkeypatch.setattr(nursery, "_TEMPLATE_PATIENCE", SHORT / 4)
        async with Scheduler(workers=1, grace=2 * SHORT) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.ignore_sigterm_and_hang, str(tmp_path / "note"), timeout=0.5)
            assert living(int((tmp_path / "note").read_text())) == []

    async def test_the_memory_limit_does_not_wait_for_it(self, tmp_path: Path):
        """Memory that runs out is no time for cleaning up."""
        (tmp_path / "go").touch()
        async with Scheduler(workers=1, grace=LONG, memory_limit=150 << 20) as scheduler:
            with pytest.raises(MemoryLimitExceeded):
                await scheduler.run(workload.ignore_sigterm_and_allocate, str(tmp_path / "go"))

    async def test_it_holds_while_a_call_cleans_up(self, tmp_path: Path, appears: Appears):
        """A call that is about to end has no right to more memory than others."""
        async with Scheduler(workers=1, grace=LONG, memory_limit=150 << 20) as scheduler:
            run = scheduler.run(workload.ignore_sigterm_and_allocate, str(tmp_path / "go"))
            call = asyncio.create_task(run)
            await appears(tmp_path / "go.pid")
            call.cancel()
            (tmp_path / "go").touch()
            with pytest.raises(asyncio.CancelledError):
                await call

    async def test_the_death_of_the_template_does_not_wait_for_it(self, tmp_path: Path, appears: Appears):
        """Its workers die with it."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.ignore_sigterm_and_hang, str(tmp_path / "note"))
            )
            pid = int(await appears(tmp_path / "note"))
            call.cancel()
            await asyncio.sleep(0)
            os.kill(scheduler.template_pid, signal.SIGKILL)
            with pytest.raises(asyncio.CancelledError):
                await call
            assert living(pid) == []


PROGRAM = """
import asyncio, sys
sys.path.insert(0, {tests!r})
import workload
from asyncgen.scheduler import Scheduler

async def main():
    async with Scheduler(workers=1, grace=1000.0) as scheduler:
        await scheduler.run(workload.ignore_sigterm_and_hang, sys.argv[1])

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_the_death_of_the_program_does_not_wait_for_it(tmp_path: Path):
    """Nobody is there any more who could be interested in what a call cleans up."""
    script, note = tmp_path / "script.py", tmp_path / "note"
    script.write_text(PROGRAM.format(tests=str(SUPPORT)))
    with subprocess.Popen([sys.executable, str(script), str(note)]) as program:
        while not note.exists():
            assert program.poll() is None
            os.sched_yield()
        family = psutil.Process(program.pid).children(recursive=True)
        program.kill()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert living(*(process.pid for process in alive)) == []


class TestAtRest:
    """Processes that make no call have nothing to clean up."""

    async def test_closing_ends_idle_workers_and_spares_at_once(self):
        """Though a handler that a call has left behind ignores SIGTERM."""
        async with Scheduler(workers=2, grace=LONG) as scheduler:
            await asyncio.gather(*(scheduler.run(workload.leave_a_handler_of_sigterm) for _ in range(2)))

    async def test_a_worker_that_has_made_its_calls_ends_at_once(self):
        """With `calls_per_worker` it is replaced when it is idle."""
        async with Scheduler(workers=1, grace=LONG, calls_per_worker=1) as scheduler:
            pids = [await scheduler.run(workload.leave_a_handler_of_sigterm) for _ in range(3)]
            while living(*pids):
                await asyncio.sleep(0.002)

    async def test_a_sigterm_of_others_still_does_nothing(self):
        """Such as a service manager's to every process: the program decides what becomes of the calls."""
        async with Scheduler(workers=1, grace=LONG) as scheduler:
            assert await scheduler.run(workload.terminate_oneself) == scheduler.pids[0]


async def test_processes_that_take_their_time_to_end_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where too many are about to end, calls wait until one is gone, and no start counts as failed."""
    monkeypatch.setattr(supply, "_DYING", -2)  # so that there are two processes at most
    most = 0
    async with Scheduler(workers=1, spares=0, grace=SHORT, timeout=0.05) as scheduler:
        notes = [str(tmp_path / f"note{number}") for number in range(8)]
        calls = [asyncio.create_task(scheduler.run(workload.ignore_sigterm_and_hang, note)) for note in notes]
        template = psutil.Process(scheduler.template_pid)
        while not all(call.done() for call in calls):
            most = max(most, len(template.children()))
            await asyncio.sleep(0.01)
        assert {type(call.exception()) for call in calls} == {CallTimeout}
        assert most <= 2


def test_groups_are_killed_when_their_time_is_over():
    """Not before, and a second grace for the same group does not count."""
    command = [
        sys.executable,
        "-c",
        "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        graces = Graces()
        assert graces.left is None
        graces.begin(deaf.pid, 0.05)
        graces.begin(deaf.pid, LONG)
        graces.kill_overdue()
        assert deaf.poll() is None
        assert graces.left is not None
        time.sleep(graces.left)
        graces.kill_overdue()
        assert deaf.wait(30) == -signal.SIGKILL
        graces.forget(deaf.pid)
        assert graces.left is None
