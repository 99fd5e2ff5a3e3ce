"""Jobs whose processes are really killed, at moments that nobody chose: no row is lost, none comes twice."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from job_cases import endings, expected, family, holds, settings, statuses, workers_do
from places import SUPPORT
from store_cases import SPEC, query

from asyncgen.jobs import run as job
from asyncgen.jobs.generate import generate
from asyncgen.jobs.run import Control
from asyncgen.problems.records import Status

pytestmark = pytest.mark.chaos

PARENT = """
import asyncio, sys
from pathlib import Path
import pytest
from job_cases import settings, workers_do
from store_cases import SPEC
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Limits

path, stop, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if kind == "light":
    workers_do(pytest.MonkeyPatch(), {})
limits = Limits(timeout=0.5)
asyncio.run(generate(path, SPEC, range(stop), settings(limits=limits, batch=5, flush_seconds=0.01)))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def kill(pid: int) -> None:
    assert pid > 0  # zero and less stand for whole groups, our own among them
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def check_whole(path: Path, stop: int) -> None:
    """Every index once, each with its own problem, in a file that SQLite finds sound."""
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert query(path, "SELECT idx, problem_prefix, operators FROM results ORDER BY idx") == expected(stop)


@pytest.mark.both_loops
async def test_a_worker_killed_in_mid_call_costs_its_own_row_only(path: Path, tmp_path: Path, monkeypatch):
    """The row says that the worker crashed, and by which signal; the others do not notice."""
    note = tmp_path / "note"
    workers_do(monkeypatch, {10: f"announce:{note}"})
    task = asyncio.create_task(generate(path, SPEC, range(40), settings()))
    await holds(note.exists)
    kill(int(note.read_text()))
    assert (await task).state == "done"
    check_whole(path, 40)
    assert {i: status for i, status in statuses(path).items() if status != "unsolved"} == {10: "crashed"}
    assert query(path, "SELECT reason FROM results WHERE idx = 10") == [("exit:-9",)]


async def test_a_killed_worker_is_charged_for_what_it_burnt(path: Path, monkeypatch):
    """The CPU seconds of a call that somebody killed are in its row."""
    workers_do(monkeypatch, {0: "burn"})
    before = family()
    task = asyncio.create_task(generate(path, SPEC, range(1), settings(workers=1)))

    def burning() -> "list[psutil.Process]":
        found = []
        for pid in family() - before:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                if os.getpgid(pid) == pid != os.getsid(pid) and process.cpu_times().user > 0.3:
                    found.append(process)
        return found

    await holds(burning)
    for process in burning():
        process.kill()
    assert (await task).counts == {"crashed": 1}
    ((cpu,),) = query(path, "SELECT cpu_seconds FROM results")
    assert cpu >= 0.3


def victims(before: set[int], templates: bool) -> list[int]:
    """The processes of the job under test: its templates, which lead sessions, or the others."""
    found = []
    for pid in sorted(family() - before):
        with suppress(ProcessLookupError):
            if (os.getsid(pid) == pid) is templates:
                found.append(pid)
    return found


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("seed", "rows"), [(1, 150), *(pytest.param(seed, 400, marks=pytest.mark.long) for seed in (1, 2))]
)
async def test_workers_and_templates_killed_at_random(path: Path, monkeypatch, seed: int, rows: int):
    """A kill every few rows, one in ten that of a template: all rows are there, and nothing is left."""
    monkeypatch.setattr(job, "_REPORT_SECONDS", 0.0)
    workers_do(monkeypatch, dict.fromkeys(range(0, rows, 2), "slow:0.005"))
    chance, before, calls = random.Random(seed), family(), [0]
    control = Control(on_progress=lambda progress: calls.append(progress.scheduler.calls))
    task = asyncio.create_task(generate(path, SPEC, range(rows), settings(batch=20), control))
    for kills in range(1, rows // 10):
        await holds(lambda wanted=kills * 9: task.done() or calls[-1] >= wanted)
        for _ in range(chance.randrange(50)):
            await asyncio.sleep(0)
        if chosen := victims(before, chance.random() < 0.1):
            kill(chance.choice(chosen))
    progress = await task
    assert progress.state == "done"
    check_whole(path, rows)
    assert set(progress.counts) <= {Status.UNSOLVED, Status.CRASHED}
    assert progress.scheduler.recycled["died"] > rows // 20
    assert family() == before


async def test_every_process_killed_at_once_again_and_again(path: Path, monkeypatch):
    """The template with all its workers, five times: the job gets new ones and ends."""
    workers_do(monkeypatch, dict.fromkeys(range(200), "slow:0.005"))
    before = family()
    task = asyncio.create_task(generate(path, SPEC, range(200), settings(batch=1)))
    for rows in range(10, 60, 10):
        await holds(lambda wanted=rows: len(peek(path, "SELECT idx FROM results")) >= wanted)
        for pid in family() - before:
            kill(pid)
    assert (await task).state == "done"
    check_whole(path, 200)


def begun(path: Path, stop: int, kind: str) -> "subprocess.Popen[bytes]":
    """A job in a process of its own, to be killed."""
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    return subprocess.Popen([sys.executable, "-c", PARENT, str(path), str(stop), kind], env=environment)


def peek(path: Path, sql: str) -> list[tuple[object, ...]]:
    """The answer to a question that cannot change the file: what a kill left is for the next job."""
    if not path.exists():
        return []
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader,
    ):
        return reader.execute(sql).fetchall()
    return []


def kill_after(parent: "subprocess.Popen[bytes]", path: Path, rows: int) -> "list[psutil.Process]":
    """Kill the process when it has stored so many rows more, and return what it leaves behind."""
    counted = "SELECT count(*) FROM results"
    before = peek(path, counted) or [(0,)]
    while parent.poll() is None and (peek(path, counted) or [(0,)]) < [(int(str(before[0][0])) + rows,)]:
        time.sleep(0.002)
    assert parent.poll() is None
    left = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    return left


@pytest.mark.parametrize(
    ("kind", "stop", "kills", "step"),
    [
        ("light", 600, 3, 60),
        pytest.param("light", 2000, 10, 60, marks=pytest.mark.long),
        pytest.param("real", 60, 3, 8, marks=pytest.mark.long),
        ("real", 30, 1, 8),
    ],
)
def test_a_killed_parent_leaves_no_process_and_no_hole(
    path: Path, kind: str, stop: int, kills: int, step: int
):
    """Killed again and again and begun anew each time, the job ends with every row once."""
    chance, orphans = random.Random(kills), 0
    for _ in range(kills):
        left = kill_after(begun(path, stop, kind), path, chance.randrange(step))
        orphans += len(left)
        assert psutil.wait_procs(left, timeout=30)[1] == []
        assert peek(path, "PRAGMA integrity_check") in ([("ok",)], [])
    assert orphans > kills
    assert begun(path, stop, kind).wait() == 0
    check_whole(path, stop)
    assert endings(path)[-1] == "done"
    assert [how for how in endings(path)[:-1] if how is not None] == []
