"""A machine that runs short of processes or memory for a while: the job waits, goes on, and loses no row."""

import asyncio
import dataclasses
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import refusing_forks
from command_line import arrive, running
from job_cases import ENDLESS, endings, family, holds, indices, settings, statuses, workers_do
from places import SUPPORT
from processes import stored
from store_cases import SPEC, query

from asyncgen.calls import supply
from asyncgen.calls.errors import SchedulerError
from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits
from asyncgen.jobs.run import Control


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def shortage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose existence keeps the templates of the next jobs from forking; pauses are short."""
    workers_do(monkeypatch, {})
    light = job.scheduler_settings

    def refusing(*args: object) -> object:
        preload = ("solvers", "refusing_forks:install")
        there = {refusing_forks.REFUSED: str(tmp_path / "shortage")}
        return dataclasses.replace(light(*args), preload=preload, environment=there, spares=0)

    monkeypatch.setattr(job, "scheduler_settings", refusing)
    monkeypatch.setattr(supply, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supply, "_LONGEST_PAUSE", 0.01)
    return tmp_path / "shortage"


class TestProcesses:
    """fork fails: EAGAIN at a limit on processes, ENOMEM without memory."""

    @pytest.mark.both_loops
    async def test_a_job_waits_until_processes_can_be_started_again(self, path: Path, shortage: Path, caplog):
        """All its workers died meanwhile; a warning says what it waits for, and no row is missing."""
        control = Control()
        with caplog.at_level(logging.WARNING, "asyncgen"):
            running = asyncio.create_task(generate(path, SPEC, ENDLESS, settings(batch=1), control))
            await holds(lambda: stored(path))
            shortage.touch()
            await holds(lambda: kill_workers() or len(caplog.records) > 20)
            shortage.unlink()
            count = stored(path)
            await holds(lambda: stored(path) > count + 20)
            control.stop.set()
            await running
        assert "no worker process could be started" in caplog.text
        assert os.strerror(11) in caplog.text
        assert indices(path) == list(range(len(indices(path))))
        assert endings(path) == ["stopped"]

    async def test_a_job_that_can_start_none_fails_at_once(self, path: Path, shortage: Path):
        """Waiting would help nobody who has just begun; the store can go on later."""
        shortage.touch()
        with pytest.raises(SchedulerError, match=r"5 worker processes in a row did not start.*temporarily"):
            await generate(path, SPEC, range(10), settings())
        shortage.unlink()
        assert (await generate(path, SPEC, range(10), settings())).state == "done"
        assert endings(path) == ["failed", "done"]

    async def test_patience_ends(self, path: Path, shortage: Path, monkeypatch):
        """After so long the job fails, resumably, instead of waiting for ever."""
        impatient = job.scheduler_settings
        monkeypatch.setattr(
            job,
            "scheduler_settings",
            lambda *args: dataclasses.replace(impatient(*args), start_patience=0.05),
        )
        running = asyncio.create_task(generate(path, SPEC, ENDLESS, settings(batch=1)))
        await holds(lambda: stored(path))
        shortage.touch()
        await holds(lambda: kill_workers() or running.done())
        with pytest.raises(SchedulerError, match="in a row did not start"):
            await running
        assert endings(path) == ["failed"]


def kill_workers() -> None:
    """Kill all workers of this process's jobs; templates lead sessions of their own and stay."""
    for pid in family():
        with suppress(ProcessLookupError):
            if os.getsid(pid) != pid and os.getpgid(pid) == pid:
                os.kill(pid, signal.SIGKILL)


GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def control_group(controller: str, limits: dict[str, str]) -> Iterator[Path]:
    """A control group with such limits (version 2's names); the test is skipped where none can be made."""
    old_names = {"memory.max": "memory.limit_in_bytes"}
    for place, names in ((GROUPS, {}), (GROUPS / controller, old_names)):
        if not (place / "cgroup.procs").exists():
            continue
        folder = place / f"asyncgen-test-{os.getpid()}"
        try:
            folder.mkdir()
            for name, value in limits.items():
                (folder / names.get(name, name)).write_text(value)
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            continue
        try:
            yield folder
        finally:
            while (folder / "cgroup.procs").read_text():
                os.sched_yield()
            folder.rmdir()
        return
    pytest.skip(f"no control group with {controller} can be made here")


def inside(group: Path) -> tuple[str, ...]:
    """The beginning of a command that runs in a control group, with all that it starts."""
    return "sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"


@pytest.mark.chaos
@pytest.mark.engine
def test_a_real_limit_on_processes(path: Path):
    """Under the kernel's own limit a run without workers waits, and goes on when the limit is raised."""
    with (
        control_group("pids", {"pids.max": "max"}) as group,
        running(path, "--engines", "sympy", prefix=inside(group)) as process,
    ):
        (template,) = psutil.Process(process.pid).children()
        (group / "pids.max").write_text("1")
        for worker in template.children():
            worker.kill()
        assert process.stderr
        while "no worker process could be started" not in process.stderr.readline():
            assert process.poll() is None
        before = stored(path)
        (group / "pids.max").write_text("max")
        arrive(process, lambda: stored(path) > before + 5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)
        assert process.returncode == 3
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


HUNGRY = """
import asyncio, sys
from pathlib import Path
import pytest
from job_cases import settings, workers_do
from store_cases import SPEC
from asyncgen.jobs.generate import generate

workers_do(pytest.MonkeyPatch(), {4: "allocate:1000000000", 9: "allocate:1000000000"})
progress = asyncio.run(generate(Path(sys.argv[1]), SPEC, range(20), settings(batch=1)))
print(progress.state)
"""


@pytest.mark.chaos
def test_a_machine_out_of_memory(path: Path):
    """The kernel kills the worker that took it all, and no other process: a row says so, the job ends."""
    with control_group("memory", {"memory.max": str(500 << 20)}) as group:
        environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
        command = [*inside(group), sys.executable, "-c", HUNGRY, str(path)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
    assert {i: status for i, status in statuses(path).items() if status != "unsolved"} == {
        4: "crashed",
        9: "crashed",
    }
    assert query(path, "SELECT DISTINCT reason FROM results WHERE status = 'crashed'") == [("exit:-9",)]


async def test_the_kernel_is_told_to_take_workers_first(path: Path, tmp_path: Path, monkeypatch):
    """The most expendable process of a job is a worker, and killing one costs its own row only."""
    note = tmp_path / "note"
    workers_do(monkeypatch, {3: f"announce:{note}"})
    before = family()
    running = asyncio.create_task(generate(path, SPEC, range(30), settings()))
    await holds(note.exists)
    scores = {pid: score(pid) for pid in (*(family() - before), os.getpid())}
    victim = int(note.read_text())
    assert scores[victim] == max(scores.values()) > scores[os.getpid()]
    os.kill(victim, signal.SIGKILL)
    assert (await running).state == "done"
    assert statuses(path)[3] == "crashed"
    assert indices(path) == list(range(30))


def score(pid: int) -> int:
    """How readily the kernel kills a process when memory runs out."""
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


async def test_a_stopped_worker_is_killed_at_its_limit(path: Path, tmp_path: Path, monkeypatch, less_idle):
    """It uses no CPU any more: the row is a timeout, and the slot takes the next call."""
    gate = tmp_path / "gate"
    workers_do(monkeypatch, {3: f"gate:{gate}"})
    running = asyncio.create_task(generate(path, SPEC, range(30), settings(limits=Limits(timeout=1.0))))
    await holds(gate.exists)
    os.kill(int(gate.read_text()), signal.SIGSTOP)
    Path(f"{gate}.open").touch()  # but for the signal it would answer now
    assert (await running).state == "done"
    assert {i: status for i, status in statuses(path).items() if status != "unsolved"} == {3: "timeout"}
    assert query(path, "SELECT reason FROM results WHERE idx = 3") == [("wall",)]
