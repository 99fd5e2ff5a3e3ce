"""The working file of an export: the rows that were found so far, each problem once, and how far was read.

Guarantees: a batch of rows and the place behind it go in together, so an export that was killed goes on
    behind its last batch. Which of several rows of one problem is kept does not depend on their order: the
    one with the shortest problem, then with the smallest text. Rows come out in the order of their marks,
    which is the same for any order of stores, and mixes them well.
Assumes: one export at a time, which SQLite's own lock sees to; one call at a time, from whatever thread.
"""

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from asyncgen.problems.errors import UsageError
from asyncgen.sqlite.errors import failing, refusing

NAME = ".export.db"
_APPLICATION_ID = int.from_bytes(b"agex", "big")
_CACHE_KIB = 32768  # rows arrive in random order of their marks: what is at hand is not read again

_TABLES = f"""
BEGIN EXCLUSIVE;
CREATE TABLE made_from (text TEXT NOT NULL);
CREATE TABLE places (store INTEGER PRIMARY KEY, next INTEGER NOT NULL, read INTEGER NOT NULL);
CREATE TABLE counts (name TEXT PRIMARY KEY, rows INTEGER NOT NULL);
CREATE TABLE rows (
    form BLOB PRIMARY KEY,
    part_by BLOB NOT NULL,
    tokens INTEGER NOT NULL,
    problem TEXT NOT NULL,
    packed TEXT NOT NULL,
    values_mark BLOB,
    skeleton_mark BLOB
);
PRAGMA application_id = {_APPLICATION_ID};
COMMIT;
"""
_PLACE = """
INSERT INTO places VALUES (?, ?, ?)
ON CONFLICT (store) DO UPDATE SET next = excluded.next, read = read + excluded.read
"""
_COUNT = "INSERT INTO counts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET rows = rows + excluded.rows"
_KEEP = """
INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (form) DO UPDATE SET
    part_by = excluded.part_by, tokens = excluded.tokens, problem = excluded.problem,
    packed = excluded.packed, values_mark = excluded.values_mark, skeleton_mark = excluded.skeleton_mark
WHERE (excluded.tokens, excluded.problem, excluded.packed) < (rows.tokens, rows.problem, rows.packed)
"""
# The marks that lie in several parts, each with the last of them; NULL is no mark.
_MARKS_APART = """
CREATE TEMP TABLE apart AS SELECT {mark} AS mark, max(part(part_by)) AS part FROM rows
WHERE {mark} IS NOT NULL GROUP BY {mark} HAVING min(part(part_by)) < max(part(part_by));
CREATE UNIQUE INDEX apart_mark ON apart (mark);
"""
_HOLD_OUT = """
DELETE FROM rows WHERE EXISTS (SELECT 1 FROM apart WHERE mark = rows.{mark} AND part > part(rows.part_by))
"""
_HELD_OUT = {
    "values_mark": "values held out",
    "skeleton_mark": "skeleton held out",
}  # why such rows are left out

# Besides reasons why rows were left out: how many were not, and how many of these go by their text.
_CANDIDATES, _BY_TEXT = "candidates", "by text"


class Kept(NamedTuple):
    """A row to be exported: its marks, the tokens of its problem, and its columns packed.

    values_mark, skeleton_mark: marks that must not be in two parts either, though they decide none.
    """

    form: bytes
    part_by: bytes
    tokens: int
    problem: str
    packed: str
    values_mark: bytes | None = None
    skeleton_mark: bytes | None = None


class Batch(NamedTuple):
    """What was found up to an index of a store: rows read, rows to keep, others by reason."""

    store: int
    next: int
    read: int
    rows: Sequence[Kept]
    left_out: Mapping[str, int]
    by_text: int  # rows to keep that have the marks of their text, as no others could be had


class WorkingFile:
    """The open file: `with WorkingFile(folder, made_from) as working`."""

    def __init__(self, folder: Path, made_from: str) -> None:
        """Make it, or go on with one that was made from the same; UsageError if it was not."""
        self.path = folder / NAME
        with refusing(self.path):
            self._connection = sqlite3.connect(self.path, 1.0, isolation_level=None, check_same_thread=False)
            try:
                self._open(made_from)
            except BaseException:
                self._connection.close()
                raise

    def _open(self, made_from: str) -> None:
        ask = self._connection.execute
        # One process alone, without shared memory; after a power cut the last batches may be missing.
        ask("PRAGMA locking_mode = EXCLUSIVE")
        ask("PRAGMA journal_mode = WAL")
        ask("PRAGMA synchronous = NORMAL")
        ask(f"PRAGMA cache_size = -{_CACHE_KIB}")
        if not ask("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._connection.executescript(_TABLES)
        if ask("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
            raise UsageError(f"{self.path} is a file of another program: name another folder")
        there = ask("SELECT text FROM made_from").fetchone()
        if there is None:
            ask("INSERT INTO made_from VALUES (?)", (made_from,))
        elif there != (made_from,):
            raise UsageError(
                f"{self.path.parent} has an export that was begun with other flags or from other stores: "
                "repeat its command, or name another folder"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def remove(self) -> None:
        """Close and delete it."""
        self._connection.close()
        remove(self.path.parent)

    def add(self, batches: Sequence[Batch]) -> None:
        """Store batches in one transaction."""
        with failing(self.path, "a batch of rows"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for batch in batches:
                    self._add(batch)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _add(self, batch: Batch) -> None:
        self._connection.execute(_PLACE, (batch.store, batch.next, batch.read))
        counts = {**batch.left_out, _CANDIDATES: len(batch.rows), _BY_TEXT: batch.by_text}
        self._connection.executemany(_COUNT, counts.items())
        self._connection.executemany(_KEEP, batch.rows)

    def hold_out(self, part: Callable[[bytes], int]) -> None:
        """Leave out what a later part has, too: no mark is then in two parts. Once all is read.

        `part`: the place of the part that `part_by` names. Of two rows with one mark in two parts the one of
        the earlier part is left out; what is left out for another mark cannot undo that.
        """
        with failing(self.path, "the export"):
            ask = self._connection.execute
            self._connection.create_function("part", 1, part, deterministic=True)
            for mark, reason in _HELD_OUT.items():
                self._connection.executescript(_MARKS_APART.format(mark=mark))
                ask("BEGIN IMMEDIATE")
                left_out = ask(_HOLD_OUT.format(mark=mark)).rowcount
                ask(_COUNT, (reason, left_out))
                ask("COMMIT")
                ask("DROP TABLE apart")

    def place(self, store: int) -> tuple[int, int]:
        """The first index of a store that was not read, and how many rows were."""
        found = self._all("SELECT next, read FROM places WHERE store = ?", store)
        return found[0] if found else (0, 0)

    def left_out(self) -> dict[str, int]:
        """How many rows were left out, by reason."""
        counts = self._counts()
        held_out = sum(counts.get(reason, 0) for reason in _HELD_OUT.values())
        counts["duplicate"] = counts.pop(_CANDIDATES) - self.kept() - held_out
        del counts[_BY_TEXT]
        return {name: counts[name] for name in sorted(counts) if counts[name]}

    def by_text(self) -> int:
        """How many rows have the marks of their text, duplicates included."""
        return self._counts()[_BY_TEXT]

    def statuses(self) -> set[str]:
        """The statuses that rows have."""
        return {
            str(status) for (status,) in self._all("SELECT DISTINCT json_extract(packed, '$[1]') FROM rows")
        }

    def _counts(self) -> dict[str, int]:
        return {_CANDIDATES: 0, _BY_TEXT: 0} | dict(self._all("SELECT name, rows FROM counts"))

    def kept(self) -> int:
        """How many rows there are."""
        return int(self._all("SELECT count(*) FROM rows")[0][0])

    def rows(self) -> Generator[tuple[bytes, str], None, None]:
        """What decides the part of each row, and its packed columns, in the order of their marks."""
        with failing(self.path, "the export"):
            yield from self._connection.execute("SELECT part_by, packed FROM rows ORDER BY form")

    def _all(self, sql: str, *values: object) -> list[Any]:
        with failing(self.path, "the export"):
            return self._connection.execute(sql, values).fetchall()


def remove(folder: Path) -> None:
    """Delete the working file of a folder, with what SQLite keeps next to it."""
    for suffix in ("-wal", "-shm", "-journal", ""):
        (folder / f"{NAME}{suffix}").unlink(missing_ok=True)
