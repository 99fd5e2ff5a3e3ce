"""The writing connection: everything that must happen as a whole on aiosqlite's thread.

aiosqlite runs each call of a connection as one job, and a cancelled caller does not stop the job.
So whatever must not be cut in two is one method here: a batch is `executemany`, the end is
`close`.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from asyncgen.problems.errors import StoreError
from asyncgen.problems.spec import Spec, differences
from asyncgen.sqlite import files, migration, schema
from asyncgen.sqlite.errors import StoreWriteError, refusing
from asyncgen.sqlite.lock import WriterLock
from asyncgen.sqlite.patience import OPENING_TRY, be_patient

# PASSIVE checkpoints, every 1000 pages at commit, are SQLite's own and on this connection. They
# cannot start the WAL afresh while a reader still uses it. Past this size, wait for readers once.
WAL_LIMIT = 64 * 2**20  # bytes

_SETUP = f"""
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = {WAL_LIMIT};
"""


class Journal(sqlite3.Connection):
    """An SQLite connection: a batch is one transaction, and a close leaves one file."""

    lock: WriterLock | None = None
    place: files.Place | None = None
    wal_limit = WAL_LIMIT
    keeps_wal = False  # at the close

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Run one statement for every row in one transaction; any error leaves none of them."""
        self.begin()
        try:
            cursor = super().executemany(sql, parameters)
            self.settle()
        except BaseException:
            self.undo()
            raise
        return cursor

    def begin(self) -> None:
        """Begin a transaction. Raises StoreWriteError where the store is no longer ours to write to."""
        self._check_place()
        self.execute("BEGIN IMMEDIATE")

    def settle(self) -> None:
        """Commit the transaction; on an error it is still to be undone."""
        self.execute("COMMIT")
        self._bound_wal()

    def undo(self) -> None:
        """Leave nothing of the transaction, if one is under way.

        After a full disk SQLite has rolled back already, and a second ROLLBACK would be an error.
        """
        if self.in_transaction:
            self.execute("ROLLBACK")

    def _bound_wal(self) -> None:
        """Start the WAL afresh if it has grown past the limit, waiting for readers once.

        Our own readers hold a snapshot for one page of rows only. A foreign program that holds one
        for hours lets the WAL grow, losing nothing; each further WAL_LIMIT bytes it is tried
        again.
        """
        if self.place is None or self.place.wal_size < self.wal_limit:
            return
        with contextlib.suppress(sqlite3.OperationalError):
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.wal_limit = WAL_LIMIT + self.place.wal_size

    def _check_place(self) -> None:
        """Raise StoreWriteError if the files were taken away from under us, or another run has begun."""
        if self.place is None:
            return
        self.place.check()
        if self.lock is None:
            raise StoreWriteError("the lock file was deleted in mid-run, and now another run has the store")
        try:
            self.lock.keep()
        except StoreError as error:
            self._give_way()
            raise StoreWriteError(f"the lock file was deleted in mid-run, and now {error}") from None

    def _give_way(self) -> None:
        """Leave the file to the process that has the lock now: it alone may checkpoint."""
        self.execute("PRAGMA wal_autocheckpoint = 0")
        if self.lock:
            self.lock.release()
        self.lock = None

    def close(self) -> None:
        """Fold the WAL into the file, close, and give the lock up; closing again does nothing."""
        with contextlib.ExitStack() as last:
            if self.lock:
                last.callback(self.lock.release)
            last.callback(super().close)
            if self.lock:
                self.lock = None
                self._fold()

    def _fold(self) -> None:
        # Leaving WAL mode makes the file readable from a read-only folder by any program. With a
        # reader connected, or on a full disk, it fails: every row is safe in FILE-wal, and the
        # next close tries again. But entering WAL mode has to wait for readers, so that a run
        # which is to go on stays in it.
        folding = ("wal_checkpoint(TRUNCATE)",)
        for pragma in folding if self.keeps_wal else ("journal_mode = DELETE", *folding):
            with contextlib.suppress(sqlite3.OperationalError):
                self.execute(f"PRAGMA {pragma}").fetchall()


class Opening:
    """The way to the writing connection of the store at a resolved path, which may take several tries.

    The writer's lock is held from the first try on, so that nobody else comes in between two of them.
    """

    def __init__(self, path: Path, spec: Spec, busy_timeout: float) -> None:
        """`busy_timeout`: seconds that statements wait for other programs once the store is open."""
        self._path = path
        self._spec = spec
        self._busy_timeout = busy_timeout
        self._lock: WriterLock | None = None
        self._journal: Journal | None = None

    def attempt(self) -> Journal:
        """The connection, its store made or migrated if need be; or StoreError."""
        with refusing(self._path):
            if self._lock is None:
                files.check_writable(self._path)
                self._lock = WriterLock(self._path)
            new = not self._path.exists()
            try:
                _check_spec(self._path, self._spec)
                journal = _prepared(self._path, self._spec)
            except BaseException:
                if new and not files.has_content(self._path):
                    self._path.unlink(missing_ok=True)
                raise
            be_patient(journal, self._busy_timeout)
        journal.lock, self._lock, self._journal = self._lock, None, journal
        return journal

    def keep_wal(self, keep: bool) -> None:
        """Whether the store is to stay in WAL mode when it is closed."""
        if self._journal:
            self._journal.keeps_wal = keep

    def close(self) -> None:
        """Give the writer's lock up, unless a connection has taken it over."""
        if self._lock:
            self._lock.release()
        self._lock = None


def _check_spec(path: Path, spec: Spec) -> None:
    """Raise StoreError if the store was made for another specification.

    Read through a connection that cannot write, so that a refusal folds no WAL left by a killed
    run. Only a rollback journal (killed while it was made or closed) has to be played back first.
    """
    if not files.has_content(path):
        return
    address = files.uri(path, mode="rw" if files.with_suffix(path, "-journal").exists() else "ro")
    with contextlib.closing(sqlite3.connect(address, timeout=OPENING_TRY, uri=True)) as probe:
        if _is_blank(probe):
            return
        files.check_version(path, _version(probe))
        rows = probe.execute("SELECT text FROM spec").fetchall()
    if rows == [(spec.canonical(),)]:
        return
    try:
        ((text,),) = rows
        found = differences(dict(json.loads(text)), spec.as_dict())
    except (ValueError, TypeError):
        raise StoreError(f"{path} is damaged: it does not say what it was made for") from None
    raise StoreError(f"{path} was made for other functions: {found}")


def _is_blank(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(tables == 0)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute(migration.VERSION).fetchone()
    return int(version)


def _prepared(path: Path, spec: Spec) -> Journal:
    """The connection with its settings, in WAL mode, over existing tables of this version."""
    address = files.uri(path, mode="rwc")
    journal = sqlite3.connect(address, timeout=OPENING_TRY, isolation_level=None, factory=Journal, uri=True)
    try:
        journal.executescript(_SETUP)
        if _is_blank(journal):
            _create(journal, spec)
        elif (version := _version(journal)) < schema.SCHEMA_VERSION:
            migration.migrate(journal, version)
        (mode,) = journal.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreError(f"{path}: this file system cannot hold a store (SQLite's WAL mode)")
        journal.place = files.Place(path)
    except BaseException:
        journal.close()
        raise
    return journal


def _create(journal: Journal, spec: Spec) -> None:
    """Make the tables and keep the specification in one transaction, so that a kill leaves none."""
    text, digest = spec.canonical().replace("'", "''"), spec.digest().hex()
    keep = f"INSERT INTO spec VALUES (1, '{text}', '{digest}');"
    journal.executescript(f"BEGIN IMMEDIATE; {schema.TABLES} {keep} COMMIT;")
