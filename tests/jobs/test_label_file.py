"""Rules of a job over a file: it begins at once, reads on meanwhile, and a resume reads little again."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from job_cases import endings, holds, indices, settings, workers_do
from store_cases import query

from asyncgen.jobs import label_file as job
from asyncgen.jobs import run
from asyncgen.jobs.label_file import label_file, opened_functions
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control
from asyncgen.problems import function_file
from asyncgen.problems.errors import UsageError
from asyncgen.problems.function_file import FunctionFile

LINES = [f"x + {number}" if number % 7 else ("x +" if number % 3 else "# nothing") for number in range(400)]
GOOD = [line for line in LINES if line.startswith("x + ")]
BAD = [number for number, line in enumerate(LINES, start=1) if line == "x +"]


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that do no mathematics, and marks as close as those of a file that is larger by far."""
    workers_do(monkeypatch, {})
    monkeypatch.setattr(function_file, "_APART", 8)
    monkeypatch.setattr(function_file, "_STEP", 2)
    monkeypatch.setattr(job, "_KEPT", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.db"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.txt"
    path.write_text("\n".join(LINES))
    return path


@contextmanager
def functions_of(mine: Path, complaints: list[int] | None = None) -> Iterator[FunctionFile]:
    heard = [] if complaints is None else complaints
    with (
        mine.open("rb") as file,
        opened_functions(file, "mine.txt", lambda line, _: heard.append(line), lambda _: None) as functions,
    ):
        yield functions


async def label(path: Path, mine: Path, control: Control | None = None, **changes: object) -> Progress:
    with functions_of(mine) as functions:
        return await label_file(path, functions, settings(**changes), control)


def check_whole(path: Path) -> None:
    """Every function once, by its number."""
    found = query(path, "SELECT idx, integrand FROM results ORDER BY idx")
    assert found == list(enumerate(GOOD))


async def stopped(path: Path, mine: Path, rows: int) -> Progress:
    """A run that is asked to stop once it has stored so many rows."""
    control = Control()

    def stop(progress: Progress) -> None:
        if progress.rows >= rows:
            control.stop.set()

    return await label(path, mine, Control(on_progress=stop, stop=control.stop), batch=5)


async def test_rows_are_stored_before_the_file_is_read(path: Path, mine: Path, monkeypatch):
    """Reading waits here for the first row; a job that needed all lines first would never end."""
    really = FunctionFile.read_on

    def read_on(functions: FunctionFile) -> None:
        if not functions.known or (path.exists() and indices(path)):
            really(functions)

    monkeypatch.setattr(FunctionFile, "read_on", read_on)
    progress = await label(path, mine, flush_seconds=0.001)
    assert (progress.state, progress.total, progress.stored) == ("done", len(GOOD), len(GOOD))


async def test_lines_without_functions_are_counted_out(path: Path, mine: Path):
    """In the end the total is that of the functions, and each has its row."""
    complaints: list[int] = []
    with functions_of(mine, complaints) as functions:
        progress = await label_file(path, functions, settings())
    assert (progress.state, progress.total, functions.bad) == ("done", len(GOOD), len(BAD))
    assert (complaints, endings(path)) == (BAD, ["done"])
    check_whole(path)


async def test_a_resume_reads_little_again(path: Path, mine: Path, monkeypatch):
    """Not the sound lines before the rows that are missing."""
    mine.write_text("x\n" * 4000)
    await label(path, mine)
    change(path, "DELETE FROM results WHERE idx >= 3990")
    looked_at: list[int] = []
    really = function_file.problem_in

    def problem_in(line: bytes, index: int) -> object:
        looked_at.append(index)
        return really(line, index)

    monkeypatch.setattr(function_file, "problem_in", problem_in)
    progress = await label(path, mine)
    assert (progress.before, progress.stored) == (3990, 10)
    assert len(looked_at) < 100


async def test_any_stop_is_gone_on_from(path: Path, mine: Path, monkeypatch):
    """Rows keep their numbers, whatever was read and stored when each run stopped."""
    monkeypatch.setattr(run, "_REPORT_SECONDS", 0.001)
    for rows in (0, 1, 7, 40, 120):
        await stopped(path, mine, rows)
    assert endings(path)[:2] == ["stopped", "stopped"]
    await label(path, mine)
    check_whole(path)


@pytest.mark.parametrize("spoil", ["DROP TABLE lines", "DELETE FROM lines WHERE line > 90"])
async def test_marks_that_are_missing_are_made_again(path: Path, mine: Path, spoil: str, caplog, monkeypatch):
    """As for a store of before there were any; what takes longer than a moment is said, once."""
    await label(path, mine)
    change(path, f"{spoil}; DELETE FROM results WHERE idx > 200")
    monkeypatch.setattr(job, "_MOMENT", -1.0)
    with caplog.at_level(logging.WARNING, "asyncgen"):
        assert (await label(path, mine)).state == "done"
    check_whole(path)
    said = "reading mine.txt up to function 201, the first without a row"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [said]


async def test_a_complete_store_has_nothing_to_do_but_complain(path: Path, mine: Path):
    """Bad lines are named again, and no run is begun."""
    complaints: list[int] = []
    await label(path, mine)
    with functions_of(mine, complaints) as functions:
        progress = await label_file(path, functions, settings())
    assert (progress.state, progress.total, complaints) == ("nothing", len(GOOD), BAD)
    assert endings(path) == ["done"]


async def test_a_complete_store_without_marks_has_nothing_to_do(path: Path, mine: Path):
    """That is seen at the end of the file, and no run is begun for it."""
    await label(path, mine)
    change(path, "DROP TABLE lines")
    assert (await label(path, mine)).state == "nothing"
    assert endings(path) == ["done"]


async def test_a_file_that_changes_in_mid_run_ends_it(path: Path, mine: Path, tmp_path: Path, monkeypatch):
    """Rows of two contents are never mixed; put back as it was, it is gone on with."""
    gate, content = tmp_path / "gate", mine.read_bytes()
    workers_do(monkeypatch, {3: f"gate:{gate}"})
    mine.write_bytes(content * 2000)  # more than can be read before it changes
    running = asyncio.create_task(label(path, mine, flush_seconds=0.001))
    await holds(gate.exists)
    with mine.open("ab") as file:
        file.write(b"x\n")
    Path(f"{gate}.open").touch()
    with pytest.raises(UsageError, match=r"mine\.txt was changed while it was read"):
        await running
    assert endings(path) == ["failed"]
    os.truncate(mine, len(content) * 2000)
    assert (await stopped(path, mine, 0)).state == "stopped"


async def test_a_file_without_functions_is_refused_before_there_is_a_store(path: Path, mine: Path):
    """After all its lines were complained of."""
    complaints: list[int] = []
    mine.write_text("# nothing\nx +\n\nx +\n")
    with pytest.raises(UsageError, match=r"mine\.txt holds no function"), functions_of(mine, complaints):
        pass
    assert (complaints, path.exists()) == ([2, 4], False)


def change(path: Path, sql: str) -> None:
    """Change a store by other means than ours."""
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()
