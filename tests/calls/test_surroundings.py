"""What workers run in: their niceness, their address space, and a folder of their own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest
import workload
from places import SUPPORT

from asyncgen.calls.child.folders import Folders
from asyncgen.calls.errors import CallTimeout, SchedulerError, WorkerDied
from asyncgen.scheduler import Scheduler

METHODS = ["template", "spawn"]
GIB = 1 << 30

Appears = Callable[[Path], Awaitable[str]]


@pytest.mark.parametrize("method", METHODS)
class TestNice:
    """The setting `nice`."""

    async def test_it_is_added_to_the_niceness_of_workers(self, method: str):
        """That of this process does not change, and that of the template neither."""
        before = os.nice(0)
        async with Scheduler(workers=1, nice=3, start_method=method) as scheduler:
            assert await scheduler.run(os.nice, 0) == before + 3
            assert os.nice(0) == psutil.Process(scheduler.template_pid).nice() == before

    async def test_the_initializer_runs_under_it(self, method: str):
        """What it does is work of the worker as well."""
        settings = {"initializer": workload.remember_niceness, "start_method": method}
        async with Scheduler(workers=1, nice=3, **settings) as scheduler:
            assert await scheduler.run(workload.recall) == os.nice(0) + 3


class TestAddressSpace:
    """The setting `address_space`."""

    @pytest.mark.parametrize("method", METHODS)
    async def test_a_call_that_asks_for_more_gets_memory_error(self, method: str):
        """The worker goes on, and needs no other limit for that."""
        async with Scheduler(workers=1, address_space=GIB, start_method=method) as scheduler:
            before = await scheduler.run(workload.pid)
            with pytest.raises(MemoryError):
                await scheduler.run(workload.length_of_bytes, 2 * GIB)
            assert await scheduler.run(workload.length_of_bytes, GIB // 8) == GIB // 8
            assert await scheduler.run(workload.pid) == before

    async def test_so_does_one_that_takes_the_last_bytes_piece_by_piece(self):
        """What the call holds is freed before its error is told."""
        async with Scheduler(workers=1, address_space=GIB // 4) as scheduler:
            before = await scheduler.run(workload.pid)
            for _ in range(3):
                with pytest.raises(MemoryError):
                    await scheduler.run(workload.hoard)
            assert await scheduler.run(workload.pid) == before

    async def test_processes_that_a_call_starts_have_the_same_limit(self):
        """Each for itself, unlike `memory_limit`, which is the group's."""
        async with Scheduler(workers=1, address_space=GIB) as scheduler:
            with pytest.raises(subprocess.CalledProcessError):
                await scheduler.run(workload.allocate_in_an_interpreter, 2 * GIB)
            await scheduler.run(workload.allocate_in_an_interpreter, GIB // 8)

    async def test_the_preload_is_imported_before_and_the_initializer_called_after(self):
        """What the initializer asks for is counted."""
        settings = {"initializer": workload.length_of_bytes, "initargs": (2 * GIB,)}
        async with Scheduler(workers=1, address_space=GIB, **settings) as scheduler:
            with pytest.raises(SchedulerError, match="the initializer raised MemoryError"):
                await scheduler.run(workload.pid)

    async def test_less_than_a_worker_needs_is_refused_in_words(self):
        """It says how much that is."""
        async with Scheduler(workers=1, address_space=1000) as scheduler:
            with pytest.raises(
                SchedulerError, match=r"address_space is 1000 bytes, and a worker has [0-9]+ "
            ):
                await scheduler.run(workload.pid)


def folders_in(home: Path) -> list[Path]:
    """The folders of workers there."""
    return list(home.glob("asyncgen-*/*"))


async def nothing_in(home: Path) -> None:
    """Wait until nothing is left there."""
    while any(home.iterdir()):
        await asyncio.sleep(0.002)


class TestOwnFolder:
    """The setting `own_folder`."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> dict[str, object]:
        return {"own_folder": True, "environment": {"TMPDIR": str(tmp_path)}}

    @pytest.mark.parametrize("method", METHODS)
    async def test_each_worker_works_in_an_empty_folder_of_its_own(
        self, tmp_path: Path, settings: dict[str, object], method: str
    ):
        """The initializer finds itself there, too, and calls find what it has left there."""
        changes = {"initializer": workload.note_folder, "start_method": method}
        here = os.getcwd()
        async with Scheduler(workers=2, **settings, **changes) as scheduler:
            found = {await scheduler.run(workload.folder_and_content) for _ in range(4)}
            async with scheduler.stream(workload.folder_and_content, range(4), chunk=1) as results:
                found |= {result.unwrap() async for result in results}
        assert {content for _, content in found} == {("initialized",)}
        assert all(Path(folder).is_relative_to(tmp_path) for folder, _ in found)
        assert os.getcwd() == here

    async def test_modules_next_to_the_program_are_found_all_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """An entry of sys.path that is no absolute path means the program's working directory."""
        home = tmp_path / "home"
        home.mkdir()
        (tmp_path / "next_to_it.py").write_text("def answer(): return 42\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend("")
        settings = {"own_folder": True, "environment": {"TMPDIR": str(home)}}
        for method in METHODS:
            async with Scheduler(workers=1, start_method=method, **settings) as scheduler:
                assert await scheduler.run(workload.named("next_to_it", "answer")) == 42

    async def test_it_is_removed_with_all_that_is_in_it_when_the_process_is_gone(
        self, tmp_path: Path, settings: dict[str, object]
    ):
        """Killed or dead: also what its owner may not write to."""
        async with Scheduler(workers=1, spares=0, **settings) as scheduler:
            with pytest.raises(CallTimeout):
                await scheduler.run(workload.fill_folder_and_hang, str(tmp_path / "note"), timeout=0.5)
            folder = Path((tmp_path / "note").read_text())
            with pytest.raises(WorkerDied):
                await scheduler.run(workload.die, "SIGKILL")
            while folder.exists():
                await asyncio.sleep(0.002)
            await scheduler.run(workload.pid)

    async def test_nothing_is_left_after_closing(self, tmp_path: Path, settings: dict[str, object]):
        """Not even the folder that held the others."""
        async with Scheduler(workers=2, **settings) as scheduler:
            await scheduler.run(workload.fill_folder, None)
            assert folders_in(tmp_path)
        assert list(tmp_path.iterdir()) == []

    async def test_what_a_link_in_it_leads_to_is_left_alone(
        self, tmp_path: Path, settings: dict[str, object]
    ):
        """Only the link is removed."""
        mine = tmp_path / "mine"
        mine.mkdir(mode=0o500)
        async with Scheduler(workers=1, **settings) as scheduler:
            await scheduler.run(workload.fill_folder, str(mine))
        assert list(tmp_path.iterdir()) == [mine]
        assert mine.stat().st_mode & 0o777 == 0o500

    async def test_nothing_is_left_where_the_template_is_killed(
        self, tmp_path: Path, settings: dict[str, object]
    ):
        """The process that removes folders sees its end; the next template makes new ones."""
        async with Scheduler(workers=1, start_patience=60.0, **settings) as scheduler:
            first, _ = await scheduler.run(workload.folder_and_content)
            os.kill(scheduler.template_pid, signal.SIGKILL)
            while Path(first).parent.exists():
                await asyncio.sleep(0.002)
            second, _ = await scheduler.run(workload.folder_and_content, retries=3)
            assert Path(second).parent != Path(first).parent
        await nothing_in(tmp_path)

    async def test_what_its_remover_leaves_the_template_removes(
        self, tmp_path: Path, settings: dict[str, object]
    ):
        """Though somebody kills the process that should."""
        async with Scheduler(workers=1, **settings) as scheduler:
            worker = await scheduler.run(workload.pid)
            children = psutil.Process(scheduler.template_pid).children()
            (remover,) = [child for child in children if child.pid not in (worker, *scheduler.spare_pids)]
            remover.kill()
            with pytest.raises(WorkerDied):
                await scheduler.run(workload.die, "SIGKILL")
        assert list(tmp_path.iterdir()) == []

    async def test_where_no_folder_can_be_made_calls_say_so(self, tmp_path: Path):
        """No worker works elsewhere instead."""
        settings = {"preload": ("workload:make_no_folders",), "own_folder": True}
        async with Scheduler(workers=1, **settings) as scheduler:
            with pytest.raises(SchedulerError, match="No space left on device"):
                await scheduler.run(workload.pid)


PROGRAM = """
import asyncio, sys
sys.path.insert(0, {tests!r})
import workload
from asyncgen.scheduler import Scheduler

async def main():
    settings = dict(own_folder=True, environment={{"TMPDIR": sys.argv[1]}})
    async with Scheduler(workers=1, **settings) as scheduler:
        await scheduler.run(workload.fill_folder_and_hang, sys.argv[2])

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("both", [False, True], ids=["the program alone", "its template too"])
def test_nothing_is_left_where_the_program_is_killed(tmp_path: Path, both: bool):
    """Neither a folder nor a process."""
    script, note, home = tmp_path / "script.py", tmp_path / "note", tmp_path / "home"
    home.mkdir()
    script.write_text(PROGRAM.format(tests=str(SUPPORT)))
    with subprocess.Popen([sys.executable, str(script), str(home), str(note)]) as program:
        while not note.exists():
            assert program.poll() is None
            os.sched_yield()
        family = psutil.Process(program.pid).children(recursive=True)
        (template,) = psutil.Process(program.pid).children()
        if both:
            template.suspend()  # so that it cannot act on the program's death
        program.kill()
    template.kill() if both else template.wait(30)
    _, alive = psutil.wait_procs(family, timeout=30)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert list(home.iterdir()) == []


def test_a_removal_that_is_not_heard_of_is_made_up_for_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As where a remover has so much to do that the pipe to it is full."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folders = Folders()
    os.kill(folders._remover, signal.SIGSTOP)
    made = [folders.make(number) for number in range(3)]
    for number in range(100_000):
        folders.remove(number)
    assert all(map(os.path.isdir, made))
    os.kill(folders._remover, signal.SIGCONT)
    folders.close()
    assert list(tmp_path.iterdir()) == []
