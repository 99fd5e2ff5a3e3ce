"""Merges of very many stores, and merges that are killed: in processes of their own."""

import asyncio
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from command_line import COMMAND, asyncgen
from merge_cases import made, rows, statuses
from store_cases import query

from asyncgen.datasets.merging.merge import merge
from asyncgen.problems.records import Status

FEW_FILES = 64  # of one process
CROWD = 2000


def copies(model: Path, folder: Path, count: int) -> None:
    """Stores of one row each, made of one: every one has another index, and another run."""
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number:05d}.db"
        shutil.copy(model, path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("UPDATE runs SET start = ?", (number,))
            connection.execute("UPDATE results SET idx = ?", (number,))
            connection.execute("DELETE FROM attempts")  # which a trigger has made
            connection.commit()


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))


@pytest.mark.chaos
def test_two_thousand_stores_need_few_open_files(tmp_path: Path):
    """They are opened one at a time: with 64 open files all are merged."""
    copies(asyncio.run(made(tmp_path / "model.db", rows([0]))), tmp_path / "many", CROWD)
    command = [*COMMAND, "merge", str(tmp_path / "all.db"), str(tmp_path / "many"), "--quiet"]
    done = subprocess.run(
        command, preexec_fn=few_files, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(statuses(tmp_path / "all.db")) == list(range(CROWD))
    assert query(tmp_path / "all.db", "SELECT count(*) FROM runs") == [(CROWD + 1,)]
    (count,) = query(tmp_path / "all.db", "SELECT count(DISTINCT run) FROM results")
    assert count == (CROWD,)


@pytest.mark.chaos
def test_a_killed_merge_goes_on(tmp_path: Path):
    """SIGKILL at any moment; the same command again, to its end, gives what one without a kill gives."""
    (tmp_path / "many").mkdir()
    for number in range(6):
        start = 4000 * number
        asyncio.run(
            made(tmp_path / "many" / f"{number}.db", rows(range(start, start + 5000)), node=str(number))
        )
    out = tmp_path / "all.db"
    chance, kills = random.Random(1), 0
    for _ in range(12):
        child = subprocess.Popen([*COMMAND, "merge", str(out), str(tmp_path / "many"), "--quiet"])
        wait_until(lambda child=child: out.exists() or child.poll() is not None)
        time.sleep(chance.uniform(0, 0.3))
        child.kill()
        kills += child.wait() == -9
        if out.exists():
            assert query(out, "PRAGMA integrity_check") == [("ok",)]
    assert kills > 3
    assert asyncgen("merge", out, tmp_path / "many").returncode == 0
    assert sorted(statuses(out)) == list(range(25_000))
    whole = tmp_path / "whole.db"
    asyncgen("merge", whole, tmp_path / "many")
    columns = "SELECT idx, status, machine ->> 'node' FROM results JOIN runs ON runs.id = run ORDER BY idx"
    assert query(out, columns) == query(whole, columns)
    assert query(out, "SELECT count(*) FROM attempts") == [(0,)]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


def test_the_command_says_what_differs(tmp_path: Path):
    """One line of counts, a line for each of the first rows, and status 1; 0 where nothing differs."""
    a = asyncio.run(made(tmp_path / "a.db", rows(range(12)), node="a"))
    b = asyncio.run(made(tmp_path / "b.db", rows(range(12), Status.TIMEOUT), node="b"))
    done = asyncgen("merge", tmp_path / "all.db", a, b)
    assert done.returncode == 1
    first, second, third, *_, last = done.stdout.splitlines()
    assert first.endswith("12 rows new, 0 there already, 2 runs")
    assert second.startswith("12 rows differ from those that are there, which stay")
    assert third.startswith(f"  row 0 of {b}: ")
    assert "status is timeout there and elementary here" in third
    assert last == "  and 2 more"
    assert asyncgen("merge", tmp_path / "all.db", a, b, "--prefer", "confirmed").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["none.db"], ["--prefer", "mine", "a.db"]])
def test_a_wrong_merge_is_refused(tmp_path: Path, arguments: list[str]):
    """One line, status 2, and no store."""
    done = asyncgen("merge", "all.db", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_merged_store_is_filled_as_any_other(tmp_path: Path):
    """What is missing is made under the limits of its rows; the run of the merge has none to compare with."""
    flags = ["--kind", "backward", "--workers", "1", "--quiet"]
    for name, start in (("a.db", 0), ("b.db", 6)):
        assert asyncgen("--n", 4, "--start", start, "--store", tmp_path / name, *flags).returncode == 0
    out = tmp_path / "all.db"
    assert asyncgen("merge", out, tmp_path / "b.db", tmp_path / "a.db").returncode == 0
    done = asyncgen("--n", 12, "--store", out, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(statuses(out)) == list(range(12))
    assert query(out, "SELECT command FROM runs WHERE id = (SELECT max(id) FROM runs)") == [("generate",)]
    assert asyncgen("retry", out, "--status", "elementary", "--workers", "1", "--quiet").returncode == 0


@pytest.mark.chaos
def test_an_interrupt_stops_a_merge_between_two_pages(tmp_path: Path):
    """Status 3, a line that says how to go on, and what was read is there; the same command does the rest."""
    asyncio.run(made(tmp_path / "a.db", rows(range(60_000))))
    command = [*COMMAND, "merge", str(tmp_path / "all.db"), str(tmp_path / "a.db")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        wait_until(lambda: (tmp_path / "all.db-wal").exists() or child.poll() is not None)
        child.send_signal(signal.SIGINT)
        said = child.stderr.read()
    assert child.returncode == 3
    assert "stores are merged; to go on: " in said
    assert len(statuses(tmp_path / "all.db")) < 60_000
    assert asyncgen("merge", tmp_path / "all.db", tmp_path / "a.db").returncode == 0
    assert len(statuses(tmp_path / "all.db")) == 60_000


async def test_a_cancelled_merge_has_ended(tmp_path: Path):
    """Once CancelledError is raised, nobody has the store any more, and what is there is whole."""
    await made(tmp_path / "a.db", rows(range(20_000)))
    task = asyncio.create_task(merge(tmp_path / "all.db", [tmp_path / "a.db"]))
    while not (tmp_path / "all.db").exists():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (tmp_path / "all.db.lock").exists()
    assert (await merge(tmp_path / "all.db", [tmp_path / "a.db"])).complete
    assert len(statuses(tmp_path / "all.db")) == 20_000
