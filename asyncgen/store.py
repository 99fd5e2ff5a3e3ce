"""Every outcome in one SQLite file: written in whole batches, resumed by gaps, read as it grows.

    scheduler ──Outcome──▶ Store ──aiosqlite──▶ Journal, holds FILE.lock ──▶ FILE, FILE-wal
    export, report ◀──Outcome── Reader ◀──aiosqlite── SQLite, mode=ro ◀── FILE, FILE-wal

A store holds one row for each index. `Store` writes: it adds batches, tells the gaps that are left, puts a
retried row in the place of an earlier one. `Reader` only reads, also while a run is writing.

Guarantees:
- A batch is stored as a whole or not at all, also when the call is cancelled or the process
  killed; once `add` has returned, its rows survive a power cut (WAL, synchronous FULL).
- One process at a time writes to a file, and only that connection checkpoints, which also keeps
  clear of the WAL-reset fault of SQLite before 3.51.3.
- A store of an earlier version is migrated when it is opened for writing, as a whole or not at all; readers
  leave it as it is.
- A file that cannot serve is refused with one line and left as it was. One that is deleted, moved
  or replaced in mid-run, or whose lock is, takes no further batch.
- A clean close leaves a single file in rollback-journal mode, which any program can read from a
  read-only folder. After a run that stopped early it stays in WAL mode, where no reader can hold up the next
  run. If a reader is still connected, an empty FILE-wal and its FILE-shm stay until the next close.
- Another program's lock is waited for, see `sqlite.patience`; nothing is lost meanwhile.

Assumes: a local file system (shared memory and POSIX locks), one machine.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from asyncgen.calls.waiting import finish
from asyncgen.problems.function_file import Mark
from asyncgen.problems.records import Outcome
from asyncgen.problems.spec import Spec
from asyncgen.sqlite import lines, migration, schema
from asyncgen.sqlite.connection import connect
from asyncgen.sqlite.errors import StoreBusyError, StoreWriteError, failing
from asyncgen.sqlite.journal import Opening
from asyncgen.sqlite.patience import PATIENCE, Patience
from asyncgen.sqlite.reading import Reading
from asyncgen.sqlite.readonly import open_reading
from asyncgen.sqlite.runs import BEGIN_RUN, END_RUN, Clock, Ending, Run, RunInfo, values_of

__all__ = ["PATIENCE", "Ending", "Reader", "Run", "RunInfo", "Store", "StoreBusyError", "StoreWriteError"]

T = TypeVar("T")


class Store(Reading):
    """The one writer of a file, made if need be: `async with Store(path, spec) as store`.

    Entering raises StoreError, the file untouched, if it cannot serve: not a store, of another
    specification or a newer asyncgen, in use by another process, not writable.
    """

    def __init__(
        self,
        path: Path | str,
        spec: Spec,
        busy_timeout: float = PATIENCE,
        stop: asyncio.Event | None = None,
    ) -> None:
        """`busy_timeout`: seconds to wait for another program's lock before a StoreBusyError.

        `stop`: once it is set, entering waits no longer. Rows in hand are still waited for.
        """
        super().__init__(path)
        self._clock = Clock()
        self._opening = Opening(self.path, spec, busy_timeout)
        self._to_open = Patience(self.path, busy_timeout, stop)
        self._to_write = Patience(self.path, busy_timeout)

    async def __aenter__(self) -> Self:
        with closing(self._opening):
            self._connection = await self._to_open.wait(lambda: connect(self._opening.attempt))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        with failing(self.path, "the end of the run"):
            await finish(connection.close())

    async def begin_run(self, info: RunInfo) -> int:
        """Note that a run begins; its number, to be given with every row."""
        values = values_of(info, self._clock.now())
        row = await self._write(lambda: self._open.execute_insert(BEGIN_RUN, values), "the run")
        assert row is not None  # last_insert_rowid always has a value
        return int(row[0])

    async def end_run(self, run: int, how: Ending) -> None:
        """Note how a run ended; the first word stands. The end of a run that failed waits for nobody."""
        self._opening.keep_wal(how != "done")
        values = (self._clock.now(), how, run)
        job = self._write if how != "failed" else self._try_to_write
        await job(lambda: self._open.execute(END_RUN, values), "the run's end")

    async def add(self, run: int, outcomes: Sequence[Outcome]) -> int:
        """Store a batch in one transaction; how many rows were new.

        A row whose index is there already is left as it is. When this is cancelled, the batch is
        still stored whole (or, on an error or while another program has the file, not at all) before
        CancelledError is raised. Raises StoreWriteError.
        """
        return await self._batch(schema.ADD, run, outcomes)

    async def retry(self, run: int, outcomes: Sequence[Outcome]) -> int:
        """Put outcomes in the place of those of earlier runs, which move to `attempts`; how many.

        One transaction, as `add`. An outcome whose index this run has stored already is left as it
        is.
        """
        return await self._batch(schema.RETRY, run, outcomes)

    async def marks(self) -> list[Mark]:
        """How far the file of the functions was read, as `add_marks` was told."""
        if await self._fetch(lines.IS_THERE) == [(0,)]:
            return []
        with self._understanding():
            return [Mark(*map(int, row)) for row in await self._fetch(lines.SELECT)]

    async def add_marks(self, marks: Sequence[Mark]) -> None:
        """Note how far the file of the functions was read; raises as `add`."""
        what = "how far the file was read"
        await self._write(lambda: self._open.execute(lines.MAKE), what)
        await self._write(lambda: self._open.executemany(lines.ADD, marks), what)

    async def _batch(self, sql: str, run: int, outcomes: Sequence[Outcome]) -> int:
        if not outcomes:
            return 0
        cursor = await self._write(
            lambda: self._open.executemany(sql, schema.rows_of(outcomes, run)),
            f"a batch of {len(outcomes)} rows",
        )
        return cursor.rowcount

    async def _write(self, job: Callable[[], Awaitable[T]], what: str) -> T:
        """Do a job on the connection's thread, once no other program is at it."""
        return await self._to_write.wait(lambda: self._try_to_write(job, what))

    async def _try_to_write(self, job: Callable[[], Awaitable[T]], what: str) -> T:
        """Finish a job on the connection's thread; SQLite's errors in words."""
        with failing(self.path, what):
            try:
                return await finish(job())
            except sqlite3.IntegrityError:  # a row that cannot be, unless something in the file has changed
                schema.check_tables(await self._fetch(schema.SELECT_TABLES))
                schema.check_rows(await self._fetch(schema.CHECK_ROWS))
                raise


class Reader(Reading):
    """Use as `async with Reader(path) as reader`; StoreError if the file is no readable store.

    A store of an earlier version is read as one of this version, and left as it is.
    """

    def __init__(
        self, path: Path | str, busy_timeout: float = 5.0, stop: asyncio.Event | None = None
    ) -> None:
        """`busy_timeout`: seconds to wait for another program's exclusive lock. `stop` as for `Store`."""
        super().__init__(path)
        self._busy_timeout = busy_timeout
        self._to_open = Patience(self.path, busy_timeout, stop)
        self._to_read = Patience(self.path, busy_timeout)
        self._views: list[str] = []

    async def __aenter__(self) -> Self:
        self._connection = await self._to_open.wait(lambda: connect(self._connected))
        return self

    def _connected(self) -> sqlite3.Connection:
        connection = open_reading(self.path, self._busy_timeout)
        try:
            self._views = [name for (name,) in connection.execute(migration.VIEWS)]
        except BaseException:
            connection.close()
            raise
        return connection

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        views = self._views  # of an earlier version, which a writer may migrate meanwhile
        rows = await self._to_read.wait(partial(super()._fetch, sql, *values))
        if not views or await super()._fetch(migration.VERSION) != [(schema.SCHEMA_VERSION,)]:
            return rows
        self._views = []
        for name in views:
            await super()._fetch(f"DROP VIEW IF EXISTS temp.{name}")
        return await super()._fetch(sql, *values)

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        await finish(connection.close())
