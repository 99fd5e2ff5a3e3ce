"""What can be asked of a store, by its writer and by readers alike.

Guarantees: every question is answered in pages, each one short statement that is finished before
its rows are handed out. So memory stays bounded, no snapshot is held across an `await` (which
would keep the WAL from being reused), and rows may be added while an answer is read.
"""

from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from asyncgen.records import Outcome, Spec, Status, StoreError, UsageError, outcome_from
from asyncgen.store.errors import damage, refusing
from asyncgen.store.runs import RUN_COLUMNS, Run, run_of
from asyncgen.store.schema import OUTCOME_COLUMNS
from asyncgen.store.specs import parse_spec

_GAP_PAGE = 8192  # indices, about 0.3 MB
_ROW_PAGE = 512  # pages by status are NOT INDEXED: the index would sort every match for each page
_INDICES = "SELECT idx FROM results WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
_LAST = 2**63 - 1  # SQLite's largest index


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored row that may be tried again: which problem it was, and what became of it."""

    index: int
    kind: str
    problem_prefix: str
    operators: int
    status: Status


class Reading:
    """The questions. `path` is the file as given, resolved to an absolute path without links."""

    def __init__(self, path: Path | str) -> None:
        self.path = _resolved(path)
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
        """Turn what is no value of ours, such as an unknown status, into StoreError."""
        try:
            yield
        except (ValueError, TypeError, AttributeError) as error:
            raise damage(self.path, error) from error

    async def spec(self) -> Spec:
        """The specification that the store was made for; StoreError if this one cannot."""
        ((text,),) = await self._fetch("SELECT text FROM spec")
        try:
            return parse_spec(text)
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
    ) -> AsyncGenerator[list[Candidate], None]:
        """Rows of these statuses made by runs before `below_run`, in index order, page by page."""
        sql = (
            "SELECT idx, kind, problem_prefix, operators, status FROM results NOT INDEXED "
            f"WHERE idx >= ? AND run < ? AND {_in(statuses)} ORDER BY idx LIMIT {_ROW_PAGE}"
        )
        start = 0
        while page := await self._fetch(sql, start, below_run, *statuses):
            with self._understanding():
                candidates = [
                    Candidate(index, kind, prefix, operators, Status(status))
                    for index, kind, prefix, operators, status in page
                ]
            yield candidates
            start = page[-1][0] + 1

    async def rows(
        self, statuses: Collection[Status] | None = None, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[Outcome, None]:
        """The outcomes of the indices start..stop-1 in order, of these statuses or of all."""
        wanted = "TRUE" if statuses is None else _in(statuses)
        sql = (
            f"SELECT {OUTCOME_COLUMNS} FROM results NOT INDEXED "
            f"WHERE idx >= ? AND idx < ? AND {wanted} ORDER BY idx LIMIT {_ROW_PAGE}"
        )
        end = _LAST if stop is None else stop
        while page := await self._fetch(sql, start, end, *(statuses or ())):
            with self._understanding():
                outcomes = [outcome_from(*row) for row in page]
            for outcome in outcomes:
                yield outcome
            start = page[-1][0] + 1


def _resolved(path: Path | str) -> Path:
    """The absolute path without links; StoreError where the system cannot tell."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no current folder, links in a circle, a NUL byte
        why = getattr(error, "strerror", None) or error
        raise StoreError(f"{path} cannot be found from the current folder ({why})") from None


def _in(statuses: Collection[Status]) -> str:
    """The condition that a row has one of these statuses, which are to be bound in order."""
    return f"status IN ({', '.join('?' * len(statuses))})"
