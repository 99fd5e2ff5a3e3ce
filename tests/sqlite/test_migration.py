"""A store of version 1 becomes one of this version: whole or not at all, and nothing else changes."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_cases import KEPT, KEPT_SPEC, make_readonly, mounted, outcome, query, snapshot

from asyncgen.problems.errors import StoreError
from asyncgen.problems.records import Outcome, Status
from asyncgen.sqlite import migration, schema
from asyncgen.sqlite.schema import SCHEMA_VERSION
from asyncgen.store import Reader, Run, RunInfo, Store

STATEMENTS = 14  # of a migration from version 1, COMMIT left out
TABLES = ("spec", "runs", "results", "attempts")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of version 1 in which everything occurs that has another name now."""
    path = Path(shutil.copy(KEPT, tmp_path / "functions.db"))
    change(
        path,
        "UPDATE results SET engine = 'risch', reason = 'risch' WHERE idx = 5",
        "UPDATE results SET status = 'timeout', engine = 'risch', reason = 'cpu:risch' WHERE idx = 21",
        "UPDATE attempts SET engine = 'risch', reason = 'slice:risch' WHERE idx = 5",
    )
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def content(path: Path) -> list[object]:
    """All that a file holds, and the version that it says."""
    there = [query(path, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]
    return [*there, query(path, "SELECT name, sql FROM sqlite_master ORDER BY 1"), version(path)]


def version(path: Path) -> object:
    ((number,),) = query(path, "PRAGMA user_version")
    return number


async def migrate(path: Path) -> None:
    async with Store(path, KEPT_SPEC, busy_timeout=0.05):
        pass


async def read(path: Path) -> tuple[list[Outcome], list[Run]]:
    """What our own reader says of a store."""
    async with Reader(path) as reader:
        return [row async for row in reader.rows()], await reader.runs()


async def test_the_tables_are_those_of_a_new_store(old: Path, tmp_path: Path):
    """To the letter, so that nobody can tell afterwards how old a store is."""
    async with Store(tmp_path / "new.db", KEPT_SPEC):
        pass
    await migrate(old)
    assert content(old)[-2:] == content(tmp_path / "new.db")[-2:]
    assert query(old, "PRAGMA integrity_check") == [("ok",)]
    assert query(old, "PRAGMA foreign_key_check") == []


async def test_a_migrated_store_says_what_the_old_one_was_read_as(old: Path):
    """There is one translation, for readers and for the writer."""
    before = await read(old)
    await migrate(old)
    assert await read(old) == before


async def test_the_engine_that_is_renamed(old: Path):
    """In the engine, in the proof, and in every reason that names it; a slice is a cut."""
    await migrate(old)
    found = query(old, "SELECT idx, engine, reason, proof FROM results WHERE engine <> 'fricas'")
    assert found == [
        (5, "sympy-risch", "sympy-risch", "sympy-risch"),
        (21, "sympy-risch", "cpu:sympy-risch", None),
    ]
    assert query(old, "SELECT reason FROM attempts WHERE idx = 5") == [("cpu:sympy-risch",)]
    ((slices,),) = query(old, "SELECT count(*) FROM attempts WHERE reason = 'cpu:fricas'")
    assert slices == 2


async def test_all_else_stays(old: Path):
    """Every other column of every row and attempt, and what the runs ran on."""
    same = [name for name in schema.columns(1) if name not in ("engine", "reason")]
    questions = [
        f"SELECT idx, {', '.join(same)} FROM results ORDER BY idx",
        f"SELECT idx, attempt, {', '.join(same)} FROM attempts ORDER BY idx, attempt",
        "SELECT id, chain, command, started, ended, how_ended, start, stop, versions, machine FROM runs",
        "SELECT * FROM spec",
        "SELECT idx, engine, reason FROM results WHERE idx NOT IN (5, 21)",
    ]
    before = [query(old, question) for question in questions]
    await migrate(old)
    assert [query(old, question) for question in questions] == before


async def test_settings_that_are_none_stay_as_they_are(old: Path):
    """Whoever reads such a run refuses it, before as after."""
    change(old, "UPDATE runs SET settings = 'none' WHERE id = 2")
    await migrate(old)
    assert query(old, "SELECT settings FROM runs WHERE id = 2") == [("none",)]
    with pytest.raises(StoreError, match="is damaged"):
        await read(old)


async def test_what_others_have_added_stays(old: Path):
    """An index, a trigger, a view and a table of somebody else, and they work."""
    change(
        old,
        "CREATE INDEX mine ON results (engine)",
        "CREATE TABLE seen (idx INTEGER REFERENCES results)",
        "INSERT INTO seen VALUES (5)",
        "CREATE TRIGGER note AFTER INSERT ON results BEGIN INSERT INTO seen VALUES (NEW.idx); END",
        "CREATE VIEW proofs AS SELECT idx FROM results WHERE status = 'nonelementary'",
    )
    others = "SELECT sql FROM sqlite_master WHERE name IN ('mine', 'seen', 'note', 'proofs') ORDER BY name"
    before = query(old, others), query(old, "SELECT * FROM proofs")
    async with Store(old, KEPT_SPEC) as store:
        await store.add(await store.begin_run(RunInfo("test")), [outcome(50)])
    assert (query(old, others), query(old, "SELECT * FROM proofs")) == before
    assert query(old, "SELECT idx FROM seen") == [(5,), (50,)]


# -- ends in the middle --------------------------------------------------------------------------------

# Opens the store for writing, and is killed before one statement of the migration. A cache of one page has
# the others written to the disk before their time.
KILLED = """
import asyncio, os, signal, sys
from asyncgen.problems.spec import parse_spec
from asyncgen.sqlite import journal, migration
from asyncgen.store import Store

true, last = migration._statements, int(sys.argv[3])
journal._SETUP += "PRAGMA cache_size = 1;"

def cut(*arguments):
    statements = list(true(*arguments))
    yield from statements[:last]
    assert last <= len(statements)
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with Store(sys.argv[1], parse_spec(sys.argv[2])):
        pass

migration._statements = cut
asyncio.run(main())
"""


def grow(path: Path) -> None:
    """Have the store take many pages."""
    names = ", ".join(schema.columns(1))
    times = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 20) "
    rows = f"SELECT idx + 40 * k, {names} FROM n, results"
    change(path, f"{times} INSERT INTO results (idx, {names}) {rows}")


@pytest.mark.parametrize("statement", range(STATEMENTS + 1))
def test_a_kill_leaves_the_old_store(old: Path, statement: int):
    """Wherever it comes, up to the last moment, the file is what it was, and the next writer migrates it."""
    grow(old)
    before = content(old)
    command = [sys.executable, "-c", KILLED, str(old), KEPT_SPEC.canonical(), str(statement)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert content(old) == before
    asyncio.run(migrate(old))
    assert version(old) == SCHEMA_VERSION
    assert query(old, "SELECT count(*) FROM results") == [(21 * 40,)]


def stop_before(number: int) -> Callable[..., Iterator[str]]:
    """A migration in which a statement fails."""
    true = migration._statements

    def statements(connection: sqlite3.Connection, version: int) -> Iterator[str]:
        for at, statement in enumerate(true(connection, version)):
            yield "SELECT * FROM nowhere" if at == number else statement

    return statements


@pytest.mark.parametrize("statement", [0, 5, STATEMENTS - 1])
async def test_a_failure_leaves_the_file_as_it_was(old: Path, monkeypatch, statement: int):
    """Not a byte changes, no other file stays, and the lock is free again."""
    before = snapshot(old.parent)
    with monkeypatch.context() as patch:
        patch.setattr(migration, "_statements", stop_before(statement))
        with pytest.raises(StoreError, match="no such table: nowhere"):
            await migrate(old)
    assert snapshot(old.parent) == before
    await migrate(old)
    assert version(old) == SCHEMA_VERSION


async def test_rows_of_a_killed_writer_are_migrated_too(old: Path, tmp_path: Path):
    """They are in FILE-wal only, where asyncgen 0.1 had left them."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        names = ", ".join(schema.columns(1))
        connection.execute(
            f"INSERT INTO results (idx, {names}) SELECT 77, {names} FROM results WHERE idx = 5"
        )
        (tmp_path / "copy").mkdir()
        for name in (old.name, f"{old.name}-wal"):
            shutil.copy(old.with_name(name), tmp_path / "copy")
    copy = tmp_path / "copy" / old.name
    await migrate(copy)
    assert query(copy, "SELECT engine, proof FROM results WHERE idx = 77") == [("sympy-risch",) * 2]


# -- refusals ------------------------------------------------------------------------------------------


async def refusal(path: Path) -> str:
    """The one line with which a writer is refused; the folder must be as before, byte by byte."""
    before = snapshot(path.parent)
    with pytest.raises(StoreError) as caught:
        await migrate(path)
    assert snapshot(path.parent) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_readonly_file_is_not_migrated(tmp_path: Path):
    """It is refused as for any other writing, and read as ever."""
    with mounted(tmp_path / "disk") as disk:
        path = Path(shutil.copy(KEPT, disk / "functions.db"))
        make_readonly(disk)
        assert "is read-only for you" in await refusal(path)
        rows, _ = await read(path)
        assert len(rows) == 40


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_file_without_permission_is_not_migrated(old: Path):
    """The same where file modes say so."""
    old.chmod(0o444)
    assert "is read-only for you" in await refusal(old)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results SET success = 1 WHERE idx = 5",  # a row that breaks a rule of version 1
        "UPDATE results SET engine = NULL WHERE idx = 5",  # a proof by nobody
        "DROP TRIGGER keep_attempt",
        "ALTER TABLE attempts RENAME COLUMN engine TO fngine",
    ],
)
async def test_a_damaged_store_is_not_migrated(old: Path, statement: str):
    """What its own version could not have made is not brought into this one."""
    change(old, "PRAGMA ignore_check_constraints = 1", statement)
    assert "is damaged (" in await refusal(old)


async def test_a_store_with_a_broken_page_is_not_migrated(old: Path):
    """SQLite sees it when all pages are looked at, before the first change."""
    ((page,),) = query(old, "SELECT rootpage FROM sqlite_master WHERE name = 'results_by_status'")
    with old.open("r+b") as file:
        file.seek((int(str(page)) - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert "is damaged (" in await refusal(old)


async def test_a_full_disk_leaves_the_old_store(tmp_path: Path):
    """A migration needs room for a second copy of the rows; without it, that is said."""
    with mounted(tmp_path / "disk", size="400k") as disk:
        path = Path(shutil.copy(KEPT, disk / "functions.db"))
        grow(path)
        before = content(path)
        with pytest.raises(StoreError, match="the disk is full: free some space and try again"):
            await migrate(path)
        assert content(path) == before


async def test_a_newer_version_that_is_in_the_wal_only_is_refused(old: Path):
    """The file's first bytes still say the old one."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        for use in (migrate, read):
            with pytest.raises(StoreError, match=f"has version {SCHEMA_VERSION + 1} of the store's layout"):
                await use(old)


# -- readers, and later versions -----------------------------------------------------------------------


async def test_a_reader_that_was_there_before_sees_what_is_stored_after(old: Path):
    """Its view of the old tables ends with them."""
    async with Reader(old) as reader:
        assert (await reader.counts())[Status.SPECIAL] == 4
        async with Store(old, KEPT_SPEC) as store:
            await store.add(await store.begin_run(RunInfo("test")), [outcome(50, Status.SPECIAL, "risch")])
        (row,) = [row async for row in reader.rows(start=50)]
    assert (row.engine, row.proof) == ("risch", "risch")


async def test_steps_follow_each_other(old: Path, monkeypatch):
    """A later version adds a step: what it reckons with is what the step before has made."""
    monkeypatch.setitem(schema._COLUMNS, "by", "TEXT")
    monkeypatch.setitem(schema._COLUMNS, "spare", "TEXT")
    for name in ("by", "spare"):
        monkeypatch.setitem(schema._SINCE, name, SCHEMA_VERSION + 1)
    monkeypatch.setattr(migration, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(migration, "_STEPS", {**migration._STEPS, SCHEMA_VERSION: {"by": "upper(proof)"}})
    rows = migration._rows_now("results", "results", 1)
    assert query(old, f"SELECT proof, by, spare FROM {rows} WHERE idx = 5") == [
        ("sympy-risch", "SYMPY-RISCH", None)
    ]
