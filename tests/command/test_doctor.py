"""`asyncgen doctor`: what a machine offers, what is missing, and what would add it."""

import dataclasses
import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest
from command_line import COMMAND, asyncgen

from asyncgen.calls.cores import Cores, Quota
from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.settings import LEAST_OPEN_FILES
from asyncgen.command import doctor, machine_checks
from asyncgen.command.machine_checks import GIB, MIB, State
from asyncgen.jobs import trial
from asyncgen.mathematics.engines.catalogue import ENGINES
from asyncgen.problems.files import problem_of
from asyncgen.problems.records import Status
from asyncgen.sqlite import files

Usage = namedtuple("Usage", "free")
Memory = namedtuple("Memory", "total available")
Mount = namedtuple("Mount", "mountpoint fstype")


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty control group: no limits but those that a test writes there."""
    monkeypatch.setattr(machine_checks, "_CGROUP", tmp_path)
    return tmp_path


def allow(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
    """Set what every resource limit reads as."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))


class TestChecks:
    """Each check at what is enough and at what is not."""

    def test_python_and_sqlite_are_named_by_version(self):
        """As the interpreter itself names them."""
        assert platform.python_version() in machine_checks.python().found
        assert (machine_checks.sqlite().found, machine_checks.sqlite().state) == (
            sqlite3.sqlite_version,
            State.OK,
        )

    def test_an_old_sqlite_cannot_do(self, monkeypatch: pytest.MonkeyPatch):
        """Without ON CONFLICT DO UPDATE there is no retry."""
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 22, 0))
        check = machine_checks.sqlite()
        assert (check.state, check.needed) == (State.MISSING, True)

    @pytest.mark.parametrize(
        ("quota", "workers", "state", "remedy"),
        [
            (None, 8, State.OK, None),
            (None, 9, State.WARNING, "--workers 8"),
            (2.0, 8, State.WARNING, "--workers 2"),
            (1.5, 2, State.OK, None),
            (0.5, 2, State.WARNING, "--workers 1"),
        ],
    )
    def test_cores_and_quota(self, monkeypatch, quota, workers, state, remedy):
        """More workers than CPU time only wait for each other."""
        found = Cores(8, Quota(quota, Path("/group")) if quota else None)
        monkeypatch.setattr(machine_checks.machine, "cores", lambda: found)
        check = machine_checks.cores(workers)
        assert (check.state, check.remedy) == (state, remedy)

    def test_a_quota_is_named_with_its_control_group(self, monkeypatch: pytest.MonkeyPatch):
        """So that one sees where the number of workers comes from."""
        found = Cores(8, Quota(1.5, Path("/sys/fs/cgroup/pod")))
        monkeypatch.setattr(machine_checks.machine, "cores", lambda: found)
        assert machine_checks.cores(2).found == (
            "2 usable, as the quota of /sys/fs/cgroup/pod leaves CPU time for 1.5 of 8"
        )

    @pytest.mark.parametrize(
        ("files", "workers", "state", "remedy"),
        [
            ({}, 10, State.OK, None),
            ({}, 12, State.WARNING, "--workers 10"),
            ({"memory.max": "max"}, 10, State.OK, None),
            ({"memory.max": str(700 * MIB)}, 10, State.WARNING, "--workers 2"),
            ({"memory/memory.limit_in_bytes": str(MIB)}, 10, State.WARNING, "--workers 1"),
        ],
    )
    def test_memory_of_machine_and_container(self, cgroup: Path, monkeypatch, files, workers, state, remedy):
        """The smaller one counts."""
        monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8 * GIB, 3 * GIB))
        write(cgroup, files)
        check = machine_checks.memory(workers)
        assert (check.state, check.remedy) == (state, remedy)

    @pytest.mark.parametrize(
        ("soft", "hard", "state", "remedy"),
        [
            (1024, 4096, State.OK, ""),
            (64, 4096, State.WARNING, "ulimit -n 80"),
            (64, 64, State.WARNING, "administrator"),
            (64, resource.RLIM_INFINITY, State.WARNING, "ulimit -n 80"),
            (LEAST_OPEN_FILES, 4096, State.WARNING, "ulimit -n 80"),
            (LEAST_OPEN_FILES - 1, 4096, State.MISSING, "ulimit -n 80"),
            (resource.RLIM_INFINITY, resource.RLIM_INFINITY, State.OK, ""),
        ],
    )
    def test_open_files(
        self, monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, state: State, remedy: str
    ):
        """Eight workers; the remedy is what the caller may do himself."""
        allow(monkeypatch, soft, hard)
        check = machine_checks.files(8)
        assert (check.state, check.needed) == (state, state is State.MISSING)
        assert remedy in (check.remedy or "")

    def test_a_users_limit_on_processes(self, cgroup: Path, monkeypatch: pytest.MonkeyPatch):
        """It counts what the user runs already; root has none."""
        monkeypatch.setattr(machine_checks, "_threads_of", lambda _: 90)
        allow(monkeypatch, 110, 110)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert (machine_checks.processes(3).state, machine_checks.processes(4).state) == (
            State.OK,
            State.WARNING,
        )
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        assert machine_checks.processes(4).found == "no limit"

    def test_a_containers_limit_on_processes(self, cgroup: Path, monkeypatch: pytest.MonkeyPatch):
        """It holds for root too, and the remedy fits below it."""
        allow(monkeypatch, resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        write(cgroup, {"pids.max": "100", "pids.current": "80"})
        check = machine_checks.processes(16)
        assert (check.state, check.remedy and check.remedy[-11:]) == (State.WARNING, "--workers 3")
        assert machine_checks.processes(3).state is State.OK

    def test_libraries_by_what_is_installed(self):
        """A needed one that is not there comes with the command that adds it."""
        there = machine_checks.installed("sympy", "why", {"sympy": "1.14"})
        missing = machine_checks.installed("sympy", "why", {})
        assert (there.state, missing.state, missing.remedy) == (
            State.OK,
            State.MISSING,
            "pip install sympy",
        )
        assert (machine_checks.loop({}).state, machine_checks.loop({}).needed) == (State.MISSING, False)

    def test_room_on_the_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """Little room is a warning; a folder that is not there cannot hold a store."""
        assert machine_checks.disk(tmp_path / "none").state is State.WARNING
        monkeypatch.setattr(machine_checks.shutil, "disk_usage", lambda _: Usage(GIB - 1))
        assert machine_checks.disk(tmp_path).state is State.WARNING
        monkeypatch.setattr(machine_checks.shutil, "disk_usage", lambda _: Usage(GIB))
        assert machine_checks.disk(tmp_path).state is State.OK

    @pytest.mark.parametrize(
        ("kind", "state", "needed"), [("ext4", State.OK, False), ("nfs4", State.MISSING, True)]
    )
    def test_the_stores_file_system(self, tmp_path: Path, monkeypatch, kind, state, needed):
        """One that machines share can hold no store, so that the job could not run there."""
        mounted_as(monkeypatch, {"/": "tmpfs", str(tmp_path): kind})
        check = machine_checks.place(tmp_path / "none")
        assert (check.state, check.needed) == (state, needed)
        assert kind in check.found

    def test_a_file_system_that_nobody_knows(self, monkeypatch: pytest.MonkeyPatch):
        """Without a table of mounts it is a warning, not a refusal."""
        mounted_as(monkeypatch, {})
        assert (machine_checks.place(Path("/")).state, machine_checks.place(Path("/")).needed) == (
            State.WARNING,
            False,
        )


def mounted_as(monkeypatch: pytest.MonkeyPatch, table: dict[str, str]) -> None:
    """Have the system say that these places are mounted, with these types."""
    found = [Mount(place, kind) for place, kind in table.items()]
    monkeypatch.setattr(files.psutil, "disk_partitions", lambda all: found)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text + "\n")


def programs(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    """Have FriCAS and Maxima there, or not."""
    for name, entry in ENGINES.items():
        if entry.program is not None:
            program = dataclasses.replace(entry.program, is_installed=lambda: installed)
            monkeypatch.setitem(ENGINES, name, dataclasses.replace(entry, program=program))


class TestTrials:
    """What comes of trying."""

    async def test_a_scheduler_that_cannot_start_is_a_missing_worker(self, monkeypatch: pytest.MonkeyPatch):
        """With the last line of what it said; no engine can be tried then."""

        async def fail() -> None:
            raise SchedulerError("the template ended:\nImportError: no such thing")

        monkeypatch.setattr(doctor, "try_worker", fail)
        programs(monkeypatch, installed=True)
        worker, *engines = await doctor._tried()
        assert (worker.state, worker.needed) == (State.MISSING, True)
        assert worker.found == "cannot start: ImportError: no such thing"
        names = ["risch", "FriCAS", "sympy-risch", "manual", "integrate", "Maxima", "PyTorch"]
        assert [check.name for check in engines] == names
        assert {(check.state, check.needed) for check in engines[:-1]} == {(State.WARNING, False)}
        assert engines[-1].state is State.OK  # it is tried with a model only

    async def test_wrong_answers_are_told(self, monkeypatch: pytest.MonkeyPatch):
        """A worker that solves nothing is missing; an engine that solves nothing is a warning."""
        bad = problem_of("x*exp(x)").outcome(Status.TIMEOUT, reason="wall")

        async def poor() -> trial.Trial:
            return trial.Trial(bad, 1.0, dict.fromkeys(ENGINES, trial.EngineTrial(bad, 0)))

        monkeypatch.setattr(doctor, "try_worker", poor)
        programs(monkeypatch, installed=True)
        worker, *engines = await doctor._tried()
        assert worker.state is State.MISSING
        assert {check.state for check in engines[:-1]} == {State.WARNING}

    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("fricas", "apt-get install fricas"),
            ("maxima", "apt-get install maxima"),
            ("model", "pip install 'asyncgen[learn]'"),
        ],
    )
    def test_without_a_program_it_says_how_to_add_it(self, monkeypatch: pytest.MonkeyPatch, name, command):
        """The main job runs without."""
        programs(monkeypatch, installed=False)
        check = doctor._engine(name, None)
        assert (check.state, check.needed) == (State.MISSING, False)
        assert (check.remedy or "").startswith(command)

    def test_memory_of_descendants(self):
        """That of a child counts; a process that is gone has none."""
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
            assert child.stdin
            assert child.stdout
            child.stdin.write(b"x")
            assert child.stdout.read(1) == b"x"  # from here on it only waits, and its memory stays as it is
            assert trial._resident_below(os.getpid()) >= psutil.Process(child.pid).memory_info().rss > 0
        assert trial._resident_below(child.pid) == 0


def test_a_folder_that_is_gone_is_named(tmp_path: Path):
    """The store is looked for from the current folder."""
    command = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -m asyncgen doctor'
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("asyncgen: functions.db cannot be found from the current folder")


LINES = [
    *("python", "cores", "memory", "event loop", "sympy", "python-flint", "aiosqlite", "SQLite"),
    *("processes", "open files", "/proc", "disk", "file system"),
    *("worker", "risch", "FriCAS", "sympy-risch", "manual", "integrate", "Maxima"),
]


@pytest.mark.engine
class TestCommand:
    """As a person sees it."""

    def test_a_table_and_a_verdict(self):
        """A line for each check, with its state; exit status 0 where the main job can run."""
        done = asyncgen("doctor")
        assert done.returncode == 0, done.stdout
        lines = done.stdout.splitlines()
        assert lines[-1] == "the main job can run here"
        for name in LINES:
            (line,) = (line for line in lines if line.startswith(f"{name} "))
            assert line.removeprefix(name).split()[0] in list(State)

    def test_json_is_the_same_for_programs(self):
        """Warnings for more workers than fit; they do not keep the job from running."""
        done = asyncgen("doctor", "--json", "--workers", 100_000)
        said = json.loads(done.stdout)
        assert (done.returncode, said["can_run"], said["workers"]) == (0, True, 100_000)
        states = {check["name"]: check["state"] for check in said["checks"]}
        assert (states["cores"], states["memory"], states["worker"]) == ("warning", "warning", "ok")

    def test_a_broken_installation_is_found(self, tmp_path: Path):
        """A library that is there but cannot be imported: exit status 1, and its error in the line."""
        (tmp_path / "flint.py").write_text("raise ImportError('broken on purpose')")
        done = subprocess.run(
            [*COMMAND, "doctor"],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert done.returncode == 1
        assert "broken on purpose" in done.stdout
        assert done.stdout.splitlines()[-1] == "the main job cannot run here: see worker"

    def test_impossible_workers_are_refused(self):
        """One line, exit status 2."""
        done = asyncgen("doctor", "--workers", 0)
        assert (done.returncode, done.stderr) == (2, "asyncgen: --workers 0: it must be 1 or more\n")


def test_few_open_files_are_seen_before_they_hurt():
    """Under a real limit, in a real process."""
    code = "from asyncgen.command.machine_checks import files; print(files(100).remedy)"
    line = f'ulimit -S -n 100; "{sys.executable}" -c "{code}"'
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "ulimit -n 264\n"
