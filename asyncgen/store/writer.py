"""The store opened for writing: runs, batches of outcomes, retries."""

import sqlite3
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from asyncgen.records import Outcome, Spec
from asyncgen.store import schema
from asyncgen.store.connecting import connect, settled
from asyncgen.store.errors import write_error
from asyncgen.store.journal import open_journal
from asyncgen.store.reading import Reading
from asyncgen.store.runs import BEGIN_RUN, END_RUN, Ending, RunInfo, values_of

T = TypeVar("T")


class Store(Reading):
    """The one writer of a file, made if need be: `async with Store(path, spec) as store`.

    Entering raises StoreError, the file untouched, if it cannot serve: not a store, of another
    specification or a newer asyncgen, in use by another process, not writable.
    """

    def __init__(self, path: Path | str, spec: Spec, busy_timeout: float = 5.0) -> None:
        """`busy_timeout`: seconds to wait for another program's lock before a StoreWriteError."""
        super().__init__(path)
        self._clock = _Clock()
        self._spec = spec
        self._busy_timeout = busy_timeout

    async def __aenter__(self) -> Self:
        self._connection = await connect(lambda: open_journal(self.path, self._spec, self._busy_timeout))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        try:
            await settled(connection.close())
        except sqlite3.Error as error:
            raise write_error(self.path, error, "the end of the run") from error

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
        try:
            return await settled(_running(job))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise write_error(self.path, error, what) from error


async def _running(job: Awaitable[T]) -> T:
    return await job


class _Clock:
    """UTC that runs evenly, however the system's clock is set meanwhile: a run's times give its length."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._started = _elapsed()

    def now(self) -> str:
        """ISO 8601, to the second."""
        return (self._began + timedelta(seconds=_elapsed() - self._started)).isoformat(timespec="seconds")


def _elapsed() -> float:
    """Seconds since some moment; where the system counts them, those of a sleeping machine too."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except AttributeError:  # not Linux
        return time.monotonic()
