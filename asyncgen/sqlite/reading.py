"""What can be asked of a store, by its writer and by readers alike: counts, gaps, rows, runs.

Guarantees: a question is answered in pages, each one short statement that is finished before its rows are
    handed out: memory stays bounded, no snapshot is held across an `await`, and rows may be added meanwhile.
"""

from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from asyncgen.problems.errors import ParseError, StoreError, UsageError
from asyncgen.problems.kinds import CONSTRUCTED
from asyncgen.problems.records import EMPTY, Drops, Outcome, Problem, Status, outcome_from
from asyncgen.problems.spec import Spec, parse_spec
from asyncgen.problems.tokens import read_prefix
from asyncgen.sqlite import files, schema
from asyncgen.sqlite.errors import damage, refusing
from asyncgen.sqlite.runs import RUN_COLUMNS, Run, run_of

_GAP_PAGE = 8192  # indices, about 0.3 MB
_ROW_PAGE = 512  # pages by status are NOT INDEXED: the index would sort every match for each page
_RETRY_PAGE = 64  # each is read as tokens on the loop: about a millisecond together
_INDICES = "SELECT idx FROM results WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
# Rows with the same text are counted first; then each text, such as "constant=2,long=1", is read as JSON.
_DROPPED = """
WITH texts AS (
    SELECT dropped, count(*) AS rows FROM results WHERE dropped IS NOT NULL AND idx >= ? AND idx < ?
    GROUP BY dropped
)
SELECT key, sum(value * rows) FROM texts,
    json_each('{"' || replace(replace(dropped, '=', '":'), ',', ',"') || '}') GROUP BY key ORDER BY key
"""
_EMPTY = "SELECT count(*) FROM results WHERE status = ? AND substr(reason, 1, ?) = ? AND idx >= ? AND idx < ?"
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

    async def drops(self, start: int = 0, stop: int | None = None) -> Drops:
        """How many indices of start..stop-1 stayed empty, and how often attempts were dropped, by reason."""
        span = (start, _LAST if stop is None else stop)
        ((empty,),) = await self._fetch(_EMPTY, Status.DEGENERATE, len(EMPTY), EMPTY, *span)
        rows = await self._fetch(_DROPPED, *span)
        with self._understanding():
            return Drops(empty, {str(reason): int(count) for reason, count in rows})

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
        """The problems of rows of these statuses made by runs before `below_run`, in order, page by page.

        Those of constructed kinds have no more than their index and kind: they are built anew from these.
        """
        sql = (
            "SELECT idx, problem_prefix, operators, kind FROM results NOT INDEXED "
            f"WHERE idx >= ? AND run < ? AND {_in(statuses)} ORDER BY idx LIMIT {_RETRY_PAGE}"
        )
        start = 0
        while page := await self._fetch(sql, start, below_run, *statuses):
            with self._understanding():
                problems = [_candidate(*row) for row in page]
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


def _candidate(index: int, prefix: str, operators: int, kind: str) -> Problem:
    if kind in CONSTRUCTED:
        return Problem(index, "", 0, kind)
    read_prefix(prefix)
    return Problem(index, prefix, operators, kind)


def _in(statuses: Collection[Status]) -> str:
    """The condition that a row has one of these statuses, which are to be bound in order."""
    return f"status IN ({', '.join('?' * len(statuses))})"
