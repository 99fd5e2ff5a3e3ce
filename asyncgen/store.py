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
  read-only folder. If a reader is still connected then, an empty FILE-wal and its FILE-shm stay
  until the next close.
- A question is answered in pages, each one short statement that is finished before its rows are handed out:
  memory stays bounded, no snapshot is held across an `await`, and rows may be added meanwhile.

Assumes: a local file system (shared memory and POSIX locks), one machine.
"""

import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from asyncgen.calls.waiting import finish
from asyncgen.problems.errors import ParseError, StoreError, UsageError
from asyncgen.problems.records import Outcome, Problem, Status, outcome_from
from asyncgen.problems.spec import Spec, parse_spec
from asyncgen.problems.tokens import read_prefix
from asyncgen.sqlite import files, migration, schema
from asyncgen.sqlite.connection import connect
from asyncgen.sqlite.errors import StoreWriteError, damage, failing, refusing
from asyncgen.sqlite.journal import open_journal
from asyncgen.sqlite.readonly import open_reading
from asyncgen.sqlite.runs import (
    BEGIN_RUN,
    END_RUN,
    RUN_COLUMNS,
    Clock,
    Ending,
    Run,
    RunInfo,
    run_of,
    values_of,
)

__all__ = ["Ending", "Reader", "Run", "RunInfo", "Store", "StoreWriteError"]

T = TypeVar("T")

_GAP_PAGE = 8192  # indices, about 0.3 MB
_ROW_PAGE = 512  # pages by status are NOT INDEXED: the index would sort every match for each page
_RETRY_PAGE = 64  # each is read as tokens on the loop: about a millisecond together
_INDICES = "SELECT idx FROM results WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
_LAST = 2**63 - 1  # SQLite's largest index


class Reading:
    """What can be asked of a store, by its writer and by readers alike.

    `path` is the file, as an absolute path without links.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = files.resolved(path)
        self._connection: aiosqlite.Connection | None = None

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise UsageError(f"{self.path} is not open: use it inside `async with`")
        return self._connection

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        with refusing(self.path):
            return list(await self._open.execute_fetchall(sql, values))

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        """Turn what is no value of ours, such as an unknown status or token, into StoreError."""
        try:
            yield
        except (ValueError, TypeError, AttributeError, ParseError) as error:
            raise damage(self.path, error) from error

    async def spec(self) -> Spec:
        """The specification that the store was made for; StoreError if this one cannot."""
        rows = await self._fetch("SELECT text FROM spec")
        if len(rows) != 1:
            raise damage(self.path, ValueError(f"{len(rows)} specifications"))
        try:
            return parse_spec(rows[0][0])
        except ValueError as error:
            raise StoreError(f"{self.path}: its specification cannot be read: {error}") from None

    async def counts(self, start: int | None = None, stop: int | None = None) -> dict[Status, int]:
        """How many rows each status has in start..stop-1; statuses without rows are left out."""
        if start is None and stop is None:
            rows = await self._fetch("SELECT status, count(*) FROM results GROUP BY status")
        else:
            rows = await self._fetch(
                "SELECT status, count(*) FROM results WHERE idx >= ? AND idx < ? GROUP BY status",
                *(start or 0, _LAST if stop is None else stop),
            )
        with self._understanding():
            return {Status(name): count for name, count in rows}

    async def runs(self) -> list[Run]:
        """Every run, the oldest first."""
        rows = await self._fetch(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY id")
        with self._understanding():
            return [run_of(row) for row in rows]

    async def last_run(self) -> Run | None:
        """The newest run, if there was any."""
        rows = await self._fetch(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY id DESC LIMIT 1")
        with self._understanding():
            return run_of(rows[0]) if rows else None

    async def gaps(self, start: int, stop: int) -> AsyncGenerator[range, None]:
        """The maximal ranges of indices within start..stop-1 that have no row, in order.

        Rows added meanwhile may still be named when they were added ahead of the last range handed
        out; no index without a row is ever left out. A hole that is larger than memory is one
        range.
        """
        expected = start
        while expected < stop:
            span = (expected, stop, _GAP_PAGE)
            ((count, last),) = await self._fetch(f"SELECT count(*), max(idx) FROM ({_INDICES})", *span)
            if not count:
                yield range(expected, stop)
                return
            if last - expected + 1 == count:  # nothing missing: the common case, in SQLite alone
                expected = last + 1
                continue
            for (index,) in await self._fetch(_INDICES, *span):
                if index > expected:
                    yield range(expected, index)
                expected = index + 1

    async def count_candidates(self, statuses: Collection[Status], below_run: int | None) -> int:
        """How many rows `retry_candidates` would yield; `below_run` None counts those of every run."""
        limit = _LAST if below_run is None else below_run
        sql = f"SELECT count(*) FROM results WHERE run < ? AND {_in(statuses)}"
        ((count,),) = await self._fetch(sql, limit, *statuses)
        return int(count)

    async def retry_candidates(
        self, statuses: Collection[Status], below_run: int
    ) -> AsyncGenerator[list[Problem], None]:
        """The problems of rows of these statuses made by runs before `below_run`, in order, page by page."""
        sql = (
            "SELECT idx, problem_prefix, operators, kind FROM results NOT INDEXED "
            f"WHERE idx >= ? AND run < ? AND {_in(statuses)} ORDER BY idx LIMIT {_RETRY_PAGE}"
        )
        start = 0
        while page := await self._fetch(sql, start, below_run, *statuses):
            with self._understanding():
                problems = [Problem(*row) for row in page]
                for problem in problems:
                    read_prefix(problem.prefix)
            yield problems
            start = page[-1][0] + 1

    async def rows(
        self, statuses: Collection[Status] | None = None, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """The outcomes of the indices start..stop-1 in order, of these statuses or of all."""
        wanted = "TRUE" if statuses is None else _in(statuses)
        sql = (
            f"SELECT {', '.join(schema.OUTCOME_COLUMNS)} FROM results NOT INDEXED "
            f"WHERE idx >= ? AND idx < ? AND {wanted} ORDER BY idx LIMIT {_ROW_PAGE}"
        )
        end = _LAST if stop is None else stop
        while page := await self._fetch(sql, start, end, *(statuses or ())):
            with self._understanding():
                outcomes = [outcome_from(*row) for row in page]
            for outcome in outcomes:
                yield outcome
            start = page[-1][0] + 1


class Store(Reading):
    """The one writer of a file, made if need be: `async with Store(path, spec) as store`.

    Entering raises StoreError, the file untouched, if it cannot serve: not a store, of another
    specification or a newer asyncgen, in use by another process, not writable.
    """

    def __init__(self, path: Path | str, spec: Spec, busy_timeout: float = 5.0) -> None:
        """`busy_timeout`: seconds to wait for another program's lock before a StoreWriteError."""
        super().__init__(path)
        self._clock = Clock()
        self._spec = spec
        self._busy_timeout = busy_timeout

    async def __aenter__(self) -> Self:
        self._connection = await connect(lambda: open_journal(self.path, self._spec, self._busy_timeout))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        with failing(self.path, "the end of the run"):
            await finish(connection.close())

    async def begin_run(self, info: RunInfo) -> int:
        """Note that a run begins; its number, to be given with every row."""
        values = values_of(info, self._clock.now())
        row = await self._write(self._open.execute_insert(BEGIN_RUN, values), "the run")
        assert row is not None  # last_insert_rowid always has a value
        return int(row[0])

    async def end_run(self, run: int, how: Ending) -> None:
        """Note how a run ended; the first word stands."""
        await self._write(self._open.execute(END_RUN, (self._clock.now(), how, run)), "the run's end")

    async def add(self, run: int, outcomes: Sequence[Outcome]) -> int:
        """Store a batch in one transaction; how many rows were new.

        A row whose index is there already is left as it is. When this is cancelled, the batch is
        still stored whole (or, on an error, not at all) before CancelledError is raised. Raises
        StoreWriteError.
        """
        return await self._batch(schema.ADD, run, outcomes)

    async def retry(self, run: int, outcomes: Sequence[Outcome]) -> int:
        """Put outcomes in the place of those of earlier runs, which move to `attempts`; how many.

        One transaction, as `add`. An outcome whose index this run has stored already is left as it
        is.
        """
        return await self._batch(schema.RETRY, run, outcomes)

    async def _batch(self, sql: str, run: int, outcomes: Sequence[Outcome]) -> int:
        if not outcomes:
            return 0
        job = self._open.executemany(sql, schema.rows_of(outcomes, run))
        return (await self._write(job, f"a batch of {len(outcomes)} rows")).rowcount

    async def _write(self, job: Awaitable[T], what: str) -> T:
        """Finish a job on the connection's thread; SQLite's errors in words."""
        with failing(self.path, what):
            try:
                return await finish(job)
            except sqlite3.IntegrityError:  # a row that cannot be, unless something in the file has changed
                schema.check_tables(await self._fetch(schema.SELECT_TABLES))
                schema.check_rows(await self._fetch(schema.CHECK_ROWS))
                raise


class Reader(Reading):
    """Use as `async with Reader(path) as reader`; StoreError if the file is no readable store.

    A store of an earlier version is read as one of this version, and left as it is.
    """

    def __init__(self, path: Path | str, busy_timeout: float = 5.0) -> None:
        """`busy_timeout`: seconds to wait for another program's exclusive lock."""
        super().__init__(path)
        self._busy_timeout = busy_timeout
        self._views: list[str] = []

    async def __aenter__(self) -> Self:
        self._connection = await connect(self._connected)
        return self

    def _connected(self) -> sqlite3.Connection:
        connection = open_reading(self.path, self._busy_timeout)
        self._views = [name for (name,) in connection.execute(migration.VIEWS)]
        return connection

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        views = self._views  # of an earlier version, which a writer may migrate meanwhile
        rows = await super()._fetch(sql, *values)
        if not views or await super()._fetch(migration.VERSION) != [(schema.SCHEMA_VERSION,)]:
            return rows
        self._views = []
        for name in views:
            await super()._fetch(f"DROP VIEW IF EXISTS temp.{name}")
        return await super()._fetch(sql, *values)

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        await finish(connection.close())


def _in(statuses: Collection[Status]) -> str:
    """The condition that a row has one of these statuses, which are to be bound in order."""
    return f"status IN ({', '.join('?' * len(statuses))})"
