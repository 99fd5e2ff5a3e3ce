"""The ways of macOS, tried on Linux: each function against Linux's own, and then the whole scheduler.

What Linux lacks is imitated by as_macos.py. So these tests say that waiting, killing and measuring hold
together without pidfds, waitid, prctl and /proc; not that macOS is as its manual pages say.
"""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import as_macos
import psutil
import pytest
import workload
from places import ROOT, SUPPORT
from processes import living

from asyncgen.calls.child.groups import Groups
from asyncgen.calls.errors import CallTimeout, CpuLimitExceeded, MemoryLimitExceeded, WorkerDied
from asyncgen.calls.system import linux, macos
from asyncgen.scheduler import Scheduler

ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(map(str, (SUPPORT / "macos", SUPPORT, ROOT)))}
SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(1000)"]


@pytest.fixture
def as_on_macos(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give this process the ways of macOS; the settings give them to a scheduler's processes."""
    as_macos.apply(monkeypatch.setattr, monkeypatch.delattr)
    return {"environment": ENVIRONMENT}


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A child that does nothing, in a group of its own."""
    with subprocess.Popen(SLEEP, start_new_session=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        yield process
        process.kill()


def is_readable(watch: macos.Watch, seconds: float = 0.0) -> bool:
    return bool(select.select([watch], [], [], seconds)[0])


class TestWatch:
    """The end of a process, as something readable."""

    pytestmark = pytest.mark.usefixtures("as_on_macos")

    def test_it_is_readable_once_the_process_is_dead(self, sleeper: "subprocess.Popen[bytes]"):
        """And not before."""
        watch = macos.Watch(sleeper.pid)
        assert not is_readable(watch)
        sleeper.kill()
        assert is_readable(watch, 60)
        watch.close()

    def test_a_child_that_is_dead_already_is_readable_at_once(self, sleeper: "subprocess.Popen[bytes]"):
        """A kqueue refuses it, as if there were no such process, but it has not been waited for."""
        sleeper.kill()
        while psutil.Process(sleeper.pid).status() != psutil.STATUS_ZOMBIE:
            os.sched_yield()
        watch = macos.Watch(sleeper.pid)
        assert is_readable(watch)
        watch.close()

    def test_a_process_that_never_was_is_an_error(self):
        """The same as on Linux."""
        with subprocess.Popen(["true"]) as gone:
            pass
        with pytest.raises(ProcessLookupError):
            macos.Watch(gone.pid)


class TestMeasuring:
    """What Linux's own ways say is the oracle."""

    def test_memory(self, sleeper: "subprocess.Popen[bytes]"):
        """Resident bytes, and none of a process that is gone."""
        assert macos.resident(sleeper.pid) == linux.resident(sleeper.pid) > 0
        sleeper.kill()
        sleeper.wait()
        assert macos.resident(sleeper.pid) == 0

    def test_cpu(self):
        """To a tick of the clock."""
        before = linux.cpu_seconds(os.getpid())
        measured = macos.cpu_seconds(os.getpid())
        assert before - 0.02 <= measured <= linux.cpu_seconds(os.getpid()) + 0.02
        assert macos.cpu_seconds_of_family(os.getpid()) >= measured

    def test_the_cpu_of_a_process_that_is_gone(self, sleeper: "subprocess.Popen[bytes]"):
        """An OSError, and nothing where many are added up."""
        sleeper.kill()
        sleeper.wait()
        with pytest.raises(OSError, match="process"):
            macos.cpu_seconds(sleeper.pid)
        assert macos.cpu_seconds_of_family(sleeper.pid) == 0

    def test_groups(self, sleeper: "subprocess.Popen[bytes]"):
        """Each process is in the same one."""
        assert macos.members_by_group()[sleeper.pid] == linux.members_by_group()[sleeper.pid] == [sleeper.pid]
        ours = os.getpgrp()
        assert os.getpid() in macos.members_by_group()[ours]

    def test_the_groups_of_a_template(self, as_on_macos: dict[str, Any], sleeper: "subprocess.Popen[bytes]"):
        """What its members hold and use is added up in the same way."""
        groups = Groups()
        assert groups.resident([sleeper.pid]) == {sleeper.pid: macos.resident(sleeper.pid)}
        assert groups.cpu_seconds(sleeper.pid) >= 0

    def test_sleep(self, sleeper: "subprocess.Popen[bytes]"):
        """A process that computes is not asleep."""
        while not linux.is_asleep(sleeper.pid):
            os.sched_yield()
        assert macos.is_asleep(sleeper.pid)
        assert not macos.is_asleep(os.getpid())

    def test_threads(self):
        """Whoever has started them."""
        go = threading.Event()
        threads = [threading.Thread(target=go.wait, daemon=True) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert macos.number_of_threads() == linux.number_of_threads() > len(threads)
        go.set()
        for thread in threads:
            thread.join()


class TestDescriptors:
    """Memory and sockets."""

    def test_shared_memory_has_no_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """It is there for as long as somebody holds it, and what one writes another reads."""
        monkeypatch.setattr(macos.tempfile, "tempdir", str(tmp_path))
        descriptor = macos.shared_memory(4096)
        assert list(tmp_path.iterdir()) == []
        assert os.fstat(descriptor).st_size == 4096
        os.pwrite(descriptor, b"seen", 0)
        with os.fdopen(os.dup(descriptor), "rb") as other:
            assert other.read(4) == b"seen"
        os.close(descriptor)

    @pytest.mark.parametrize("system", [linux, macos])
    def test_what_was_received_is_not_inherited(self, system: Any):
        """By programs that are started; there may be any number of descriptors, also none."""
        ours, theirs = socket.socketpair()
        for count in (0, 1, 20):
            sent = [os.dup(theirs.fileno()) for _ in range(count)]
            socket.send_fds(theirs, [b"text"], sent)
            data, descriptors = system.receive(ours, 100)
            assert (data, len(descriptors)) == (b"text", count)
            assert not any(map(os.get_inheritable, descriptors))
            for descriptor in (*sent, *descriptors):
                os.close(descriptor)
        ours.close()
        theirs.close()


@pytest.mark.long
class TestScheduler:
    """The whole of it."""

    pytestmark = pytest.mark.both_loops

    @pytest.mark.parametrize("method", ["template", "spawn"])
    async def test_calls(self, as_on_macos: dict[str, Any], method: Any):
        """Values and errors, by `run` and in packets, in workers that know no other ways."""
        async with Scheduler(workers=2, start_method=method, **as_on_macos) as scheduler:
            assert await scheduler.run(workload.ways) == macos.__name__
            with pytest.raises(ValueError, match="no"):
                await scheduler.run(workload.fail, "no")
            results = [result.value async for result in scheduler.stream(abs, range(-50, 0), ordered=True)]
            assert results == list(range(50, 0, -1))

    async def test_at_the_limit_the_group_is_dead(self, as_on_macos: dict[str, Any], tmp_path: Path):
        """With the child that the call has started, of which nobody tells."""
        async with Scheduler(workers=1, **as_on_macos) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"), timeout=2.0)
            assert living(*map(int, (tmp_path / "pids").read_text().split())) == []
            assert await scheduler.run(workload.echo, 1) == 1

    async def test_a_worker_that_dies_leaves_nobody(
        self, as_on_macos: dict[str, Any], tmp_path: Path, appears
    ):
        """What is left of its group is killed."""
        async with Scheduler(workers=1, **as_on_macos) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            worker, child = map(int, (await appears(tmp_path / "pids")).split())
            os.kill(worker, signal.SIGKILL)
            with pytest.raises(WorkerDied) as caught:
                await call
            assert caught.value.exitcode == -signal.SIGKILL
            assert living(worker, child) == []

    async def test_cpu_limit(self, as_on_macos: dict[str, Any]):
        """Measured by the template, and charged."""
        async with Scheduler(workers=1, **as_on_macos) as scheduler:
            with pytest.raises(CpuLimitExceeded) as caught:
                await scheduler.run(workload.burn, cpu_limit=0.2)
            assert caught.value.cpu_seconds >= 0.2

    async def test_memory_limit(self, as_on_macos: dict[str, Any]):
        """Sampled by the template."""
        async with Scheduler(workers=1, memory_limit=150 << 20, timeout=60, **as_on_macos) as scheduler:
            with pytest.raises(MemoryLimitExceeded):
                await scheduler.run(workload.allocate_in_a_child, 300 << 20)

    async def test_a_template_that_dies_takes_its_workers_along(
        self, as_on_macos: dict[str, Any], tmp_path: Path, appears
    ):
        """It is the program that kills them; another template starts."""
        async with Scheduler(workers=1, **as_on_macos) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            family = [int(pid) for pid in (await appears(tmp_path / "pids")).split()]
            os.kill(scheduler.template_pid, signal.SIGKILL)
            with pytest.raises(WorkerDied, match="template"):
                await call
            assert await scheduler.run(workload.echo, 1) == 1
            assert living(*family) == []

    async def test_leaving_the_block_leaves_nobody(
        self, as_on_macos: dict[str, Any], tmp_path: Path, appears
    ):
        """Template, workers, and what they have started."""
        async with Scheduler(workers=1, **as_on_macos) as scheduler:
            call = asyncio.create_task(
                scheduler.run(workload.announce_family_and_hang, str(tmp_path / "pids"))
            )
            family = [int(pid) for pid in (await appears(tmp_path / "pids")).split()]
            template = scheduler.template_pid
            await asyncio.sleep(0)
        await asyncio.wait([call])
        assert living(template, *family) == []


HOST = """
import asyncio, sys
import workload
from asyncgen.scheduler import Scheduler

async def main():
    async with Scheduler(workers=2) as scheduler:
        await scheduler.run(workload.echo, 1)
        call = asyncio.create_task(scheduler.run(workload.announce_family_and_hang, sys.argv[1]))
        await (call if sys.argv[2] == "busy" else asyncio.sleep(1000))

if __name__ == "__main__":
    asyncio.run(main())
"""


def program(tmp_path: Path) -> "subprocess.Popen[bytes]":
    """A program with the ways of macOS and a call under way."""
    script, note = tmp_path / "script.py", tmp_path / "pids"
    script.write_text(HOST)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(note), "busy"], env={**os.environ, **ENVIRONMENT}
    )
    while not note.exists():
        assert parent.poll() is None
        time.sleep(0.002)
    return parent


@pytest.mark.long
def test_nothing_survives_the_death_of_the_program(tmp_path: Path):
    """The template watches it with a kqueue."""
    parent = program(tmp_path)
    family = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    psutil.wait_procs(family, timeout=30)
    assert living(*(process.pid for process in family)) == []


@pytest.mark.long
def test_idle_workers_end_with_program_and_template_killed_at_once(tmp_path: Path):
    """They find their sockets closed. A call that runs goes on, which is what macOS loses."""
    parent = program(tmp_path)
    at_work = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    family = psutil.Process(parent.pid).children(recursive=True)
    (template,) = psutil.Process(parent.pid).children()
    template.suspend()
    parent.kill()
    parent.wait()
    template.kill()
    psutil.wait_procs([process for process in family if process.pid not in at_work], timeout=30)
    assert living(*(process.pid for process in family)) == at_work
    os.killpg(at_work[0], signal.SIGKILL)
