"""What a worker imports in order to unpickle a call: found, and no part of the call's own time."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import workload
from places import SUPPORT

from asyncgen.calls.errors import CallTimeout, LoadTimeout
from asyncgen.scheduler import Scheduler

SCRIPT = """
import asyncio, sys, time
sys.path.insert(0, {tests!r})
{top}
from asyncgen import CallTimeout, Scheduler

def double(number):
    return 2 * number

async def main():
    async with Scheduler({settings}) as scheduler:
        print([await scheduler.run(double, i) for i in range(3)])

if __name__ == "__main__":
    asyncio.run(main())
"""


def run(path: Path, settings: str, top: str = "") -> str:
    path.write_text(SCRIPT.format(tests=str(SUPPORT), settings=settings, top=top))
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=90)
    return done.stdout + done.stderr


def module(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize("method", ["template", "spawn"])
def test_functions_of_the_script_are_found_whatever_was_imported(tmp_path: Path, method: str):
    """`multiprocessing` makes a module of the name that the script's copy has in workers."""
    settings = f"workers=1, preload=('multiprocessing',), start_method={method!r}"
    assert run(tmp_path / "script.py", settings) == "[0, 2, 4]\n"


@pytest.mark.parametrize("method", ["template", "spawn"])
def test_a_slow_script_takes_no_time_of_its_calls(tmp_path: Path, method: str):
    """It is run once by a worker, for longer than a call may take."""
    settings = f"workers=1, timeout=0.5, start_method={method!r}"
    assert run(tmp_path / "script.py", settings, top="time.sleep(1.2)") == "[0, 2, 4]\n"


def test_the_clock_of_a_script_that_never_gets_ready(tmp_path: Path):
    """The error says what it was doing, and what to do."""
    top = "if __name__ != '__main__': time.sleep(1000)"
    said = run(tmp_path / "script.py", "workers=1, timeout=0.5, load_timeout=1", top)
    assert "LoadTimeout: the worker had not unpickled the call after 1 s, as it was running the main" in said
    assert "under `if __name__ == '__main__':`" in said


@pytest.mark.both_loops
async def test_a_module_that_is_slow_to_import_costs_no_call(tmp_path: Path, monkeypatch):
    """Its import is not killed by the call's limit, and so is done when the call begins."""
    module(tmp_path, "slow_one", "import time; time.sleep(1)\ndef three(): return 3", monkeypatch)
    function = workload.named("slow_one", "three")
    async with Scheduler(workers=1, timeout=0.3) as scheduler:
        assert [await scheduler.run(function) for _ in range(3)] == [3, 3, 3]
        assert scheduler.statistics.recycled == {}
        with pytest.raises(CallTimeout, match=r"limit of 0\.3 s"):
            await scheduler.run(workload.hang)


@pytest.mark.both_loops
async def test_an_import_that_hangs_is_named(tmp_path: Path, monkeypatch):
    """With the module that it has come to, and the setting that would import it beforehand."""
    module(tmp_path, "outer_one", "import inner_one\ndef three(): return 3", monkeypatch)
    module(tmp_path, "inner_one", "import time; time.sleep(1000)", monkeypatch)
    async with Scheduler(workers=1, load_timeout=0.5) as scheduler:
        with pytest.raises(LoadTimeout) as caught:
            await scheduler.run(workload.named("outer_one", "three"))
        assert str(caught.value) == (
            "the worker had not unpickled the call after 0.5 s, as it was importing outer_one (which has "
            "come to inner_one): set preload=('outer_one',), or raise load_timeout"
        )
        items = [workload.named("outer_one", "three"), 1]
        found = [r async for r in scheduler.stream(workload.echo, items, chunk=2, ordered=True)]
        assert isinstance(found[0].error, LoadTimeout)
        assert found[1].value == 1
        assert await scheduler.run(workload.echo, 1) == 1


async def test_a_call_may_use_a_pool_of_its_own():
    """Children that it forks end when they are told to."""
    async with Scheduler(workers=1, timeout=60) as scheduler:
        assert await scheduler.run(workload.squares_by_a_pool, 5) == [0, 1, 4, 9, 16]
        handlers = await scheduler.run(workload.handlers_of_a_fork)
        assert handlers == ["default_int_handler", "SIG_DFL", "SIG_DFL"]


async def test_another_loop_is_told_so():
    """Both loops are named, and nothing hangs."""

    async def use(scheduler: Scheduler) -> str:
        with pytest.raises(Exception, match="on the event loop") as caught:
            await asyncio.wait_for(scheduler.run(workload.echo, 1), 10)
        return str(caught.value)

    async with Scheduler(workers=1) as scheduler:
        here = asyncio.get_running_loop()
        said = await asyncio.to_thread(lambda: asyncio.run(use(scheduler)))
        assert repr(here) in said
        assert "which is not the one that runs here" in said
        assert "KillableExecutor" in said
        with pytest.raises(Exception, match="on the event loop"):
            await asyncio.to_thread(lambda: asyncio.run(scheduler.close()))
        assert await scheduler.run(workload.echo, 1) == 1


def test_a_second_run_of_a_program_is_told_so():
    """Its scheduler was opened on a loop that is closed."""
    schedulers: list[Scheduler] = []

    async def first() -> None:
        scheduler = await Scheduler(workers=1).__aenter__()
        schedulers.append(scheduler)
        assert await scheduler.run(workload.echo, 1) == 1
        await scheduler.close()

    async def second() -> None:
        with pytest.raises(Exception, match="which is closed, and is used on"):
            await schedulers[0].run(workload.echo, 1)

    asyncio.run(first())
    asyncio.run(second())
