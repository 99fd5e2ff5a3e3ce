"""What happens around a scheduler that runs in another program: its death, and its main script."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from places import SUPPORT
from processes import living

METHODS = ["template", "spawn"]

HANGING = """
import asyncio, sys
sys.path.insert(0, {tests!r})
import workload
from asyncgen.scheduler import Scheduler

async def main():
    async with Scheduler(workers=2, start_method=sys.argv[2]) as scheduler:
        names = [sys.argv[1] + str(i) for i in range(2)]
        await asyncio.gather(*(scheduler.run(workload.{name}, name) for name in names))

if __name__ == "__main__":
    asyncio.run(main())
"""


def run_script(tmp_path: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(text)
    return subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def family_of(pid: int) -> list[psutil.Process]:
    """Every descendant of a process, whatever its session."""
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_survives_the_death_of_the_parent(tmp_path: Path, number: signal.Signals, method: str):
    """The parent is killed in mid-call: template, workers and their children are all gone soon after."""
    parent, family = start_family(tmp_path, "announce_family_and_hang", method)
    parent.send_signal(number)
    parent.wait()
    await_end(family)


@pytest.mark.parametrize("method", METHODS)
def test_no_companion_survives_the_death_of_parent_and_template_at_once(tmp_path: Path, method: str):
    """Nobody is left to kill a group: the kernel ends workers with the template, and companions with them."""
    parent, family = start_family(tmp_path, "announce_companion_and_hang", method)
    (template,) = psutil.Process(parent.pid).children()
    template.suspend()  # so that it cannot act on the parent's death
    parent.kill()
    parent.wait()
    template.kill()
    await_end(family)


def start_family(
    tmp_path: Path, name: str, method: str
) -> tuple["subprocess.Popen[bytes]", list[psutil.Process]]:
    """A program with two calls under way, each of which has a child, and all its descendants."""
    script = tmp_path / "script.py"
    script.write_text(HANGING.format(tests=str(SUPPORT), name=name))
    parent = subprocess.Popen([sys.executable, str(script), str(tmp_path / "note"), method])
    notes = [tmp_path / "note0", tmp_path / "note1"]
    while not all(note.exists() for note in notes):
        assert parent.poll() is None
        os.sched_yield()
    family = family_of(parent.pid)
    assert {int(pid) for note in notes for pid in note.read_text().split()} <= {p.pid for p in family}
    return parent, family


def await_end(family: list[psutil.Process]) -> None:
    gone, alive = psutil.wait_procs(family, timeout=30)
    assert living(*(process.pid for process in alive)) == []
    assert len(gone) >= 5


SCRIPT = """
import asyncio
from asyncgen.scheduler import Scheduler

class Point:
    def __init__(self, x): self.x = x

def double(point): return Point(factor * point.x)

def set_factor(value):
    global factor
    factor = value

async def main():
    async with Scheduler(workers=1, start_method=METHOD, initializer=set_factor, initargs=(2,)) as scheduler:
        print((await scheduler.run(double, Point(21))).x)
"""

GUARDED = 'if __name__ == "__main__": asyncio.run(main())\n'


@pytest.mark.parametrize("method", METHODS)
def test_functions_of_the_main_script_can_be_called(tmp_path: Path, method: str):
    """The worker imports the script under another name, without running what is behind the guard.

    The initializer may come from there too.
    """
    done = run_script(tmp_path, SCRIPT.replace("METHOD", repr(method)) + GUARDED)
    assert (done.stdout, done.returncode) == ("42\n", 0), done.stderr


@pytest.mark.parametrize("method", METHODS)
def test_a_script_without_the_guard_gets_a_clear_error(tmp_path: Path, method: str):
    """Not a scheduler inside a worker inside a scheduler."""
    done = run_script(tmp_path, SCRIPT.replace("METHOD", repr(method)) + "asyncio.run(main())\n")
    assert done.returncode == 1
    assert "if __name__ == '__main__':" in done.stderr


def test_functions_of_an_interactive_session_say_why_not():
    """There is no file that a worker could import."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("METHOD", "'template'") + "asyncio.run(main())"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "put it into a module" in done.stderr


def test_the_scheduler_is_light():
    """A program that wants only the scheduler does not pay for the mathematics, the store or the loop."""
    code = "import sys, asyncgen.scheduler; print([m for m in %r if m in sys.modules])"
    heavy = ["sympy", "flint", "aiosqlite", "uvloop", "rich", "cyclopts", "multiprocessing", "psutil"]
    done = subprocess.run([sys.executable, "-c", code % heavy], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
