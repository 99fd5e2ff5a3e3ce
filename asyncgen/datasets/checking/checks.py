"""The table of checks that were made of a store's answers after they were stored, beside the rows."""

import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Self

from asyncgen.datasets.checking.recheck import Again, Answer, Finding
from asyncgen.sqlite.runs import Clock
from asyncgen.store import Reader, Store

FAILED = (Again.REFUTED, Again.PART, Again.UNREADABLE)  # verdicts of rows that are not what they say

_PAGE = 256  # rows
_LAST = 2**63 - 1  # SQLite's largest index

# `run` is that of the row: a row that was retried, or replaced by a merge, is checked anew. `texts` is the
# mark of what was checked, so that a row whose text was changed is, too; NULL in lines of earlier versions.
_MAKE = """
CREATE TABLE IF NOT EXISTS checks (
    idx INTEGER NOT NULL,
    run INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    points INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    checked TEXT NOT NULL,
    texts TEXT,
    PRIMARY KEY (idx, run, seed, points)
) WITHOUT ROWID
"""
_THERE = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'checks'"
_HAS_TEXTS = "SELECT count(*) FROM pragma_table_info('checks') WHERE name = 'texts'"
_ADD_TEXTS = "ALTER TABLE checks ADD COLUMN texts TEXT"
_ADD = """
INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    verdict = excluded.verdict, reason = excluded.reason, checked = excluded.checked, texts = excluded.texts
WHERE texts IS NOT excluded.texts
"""
# Lines under other seeds and points that say nothing of the row any more.
_FORGET = "DELETE FROM checks WHERE idx = ? AND run = ? AND texts <> ?"
_OF_ROW = "checks.idx = results.idx AND checks.run = results.run"
_TEXTS = (
    "texts_mark(results.kind, results.problem_prefix, results.answer_prefix, results.integral, "
    "results.real_answer)"
)
_SAME = f"{_OF_ROW} AND checks.seed = ? AND checks.points = ? AND checks.texts = {_TEXTS}"
_WANTED = "results.success AND results.idx >= ? AND results.idx < ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """Which rows are checked, and how: `kinds` none for all, `seed` for other points, `points` at least."""

    seed: int = 1
    points: int = 400
    kinds: Sequence[str] = ()
    start: int = 0
    stop: int = _LAST

    @property
    def wanted(self) -> str:
        """The condition for rows; `start`, `stop` and `kinds` are to be bound to it."""
        kinds = f" AND results.kind IN ({', '.join('?' * len(self.kinds))})" if self.kinds else ""
        return _WANTED + kinds

    @property
    def values(self) -> tuple[object, ...]:
        return (self.start, self.stop, *self.kinds)


class CheckingStore(Store):
    """A store open for writing, of which no more is written than what checks have found."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self._open.create_function("texts_mark", 5, texts_mark, deterministic=True)
        return self

    async def make_checks(self) -> None:
        """Make the table, where there is none, or bring it to this version. Raises as `add`."""
        what = "the table of checks"
        await self._write(lambda: self._open.execute(_MAKE), what)
        if await self._fetch(_HAS_TEXTS) == [(0,)]:
            await self._write(lambda: self._open.execute(_ADD_TEXTS), what)

    async def count_unchecked(self, how: Checking) -> int:
        """How many rows `unchecked` would give."""
        sql = f"SELECT count(*) FROM results WHERE {how.wanted} AND {_missing()}"
        ((count,),) = await self._fetch(sql, *how.values, how.seed, how.points)
        return int(count)

    async def unchecked(self, how: Checking) -> AsyncGenerator[Answer, None]:
        """The rows with a confirmed answer that were not checked like this yet, in order."""
        sql = (
            "SELECT idx, kind, problem_prefix, answer_prefix, integral, real_answer, run "
            f"FROM results NOT INDEXED WHERE {how.wanted} AND {_missing()} ORDER BY idx LIMIT {_PAGE}"
        )
        start = how.start
        while page := await self._fetch(sql, start, *how.values[1:], how.seed, how.points):
            for row in page:
                yield Answer(*row)
            start = page[-1][0] + 1

    async def add_checks(self, how: Checking, found: Sequence[tuple[Answer, Finding]], clock: Clock) -> None:
        """Note what checks have found, as `add` does with rows."""
        now = clock.now()
        marks = [(row.index, row.run, _mark_of(row)) for row, _ in found]
        rows = [
            (index, run, how.seed, how.points, str(finding.verdict), finding.reason, now, mark)
            for (index, run, mark), (_, finding) in zip(marks, found, strict=True)
        ]
        await self._write(lambda: self._open.executemany(_FORGET, marks), "checks of other texts")
        await self._write(lambda: self._open.executemany(_ADD, rows), f"{len(rows)} checks")

    async def verdicts(self, how: Checking) -> dict[str, int]:
        """How many of the rows have each verdict now."""
        sql = (
            f"SELECT verdict, count(*) FROM results JOIN checks ON {_SAME} WHERE {how.wanted} "
            "GROUP BY verdict ORDER BY verdict"
        )
        return dict(await self._fetch(sql, how.seed, how.points, *how.values))

    async def failed(self, how: Checking, most: int | None = None) -> list[tuple[int, str, str | None]]:
        """The first rows that failed, as (index, verdict, reason); None for all."""
        sql = (
            f"SELECT results.idx, verdict, checks.reason FROM results JOIN checks ON {_SAME} "
            f"WHERE {how.wanted} AND verdict IN ({', '.join('?' * len(FAILED))}) ORDER BY results.idx LIMIT ?"
        )
        return await self._fetch(
            sql, how.seed, how.points, *how.values, *FAILED, -1 if most is None else most
        )


class CheckedReader(Reader):
    """A reader that also knows which rows have failed a check, whichever seed and points it had.

    A line without a mark of the texts may be of other ones: the row counts as failed until it is checked
    again.
    """

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self._open.create_function("texts_mark", 5, texts_mark, deterministic=True)
        return self

    async def failed_between(self, start: int, stop: int) -> set[int]:
        """The indices of such rows in start..stop-1, where there are any in the store."""
        found = await self._of_failed("DISTINCT checks.idx", start, stop)
        return {index for (index,) in found}

    async def count_failed(self) -> int:
        """How many rows there are that have failed."""
        if await self._fetch(_THERE) == [(0,)]:
            return 0
        ((count,),) = await self._of_failed("count(DISTINCT checks.idx)", 0, _LAST)
        return int(count)

    async def _of_failed(self, what: str, start: int, stop: int) -> list[tuple[int]]:
        has_texts = await self._fetch(_HAS_TEXTS) != [(0,)]
        holds = f"AND (checks.texts IS NULL OR checks.texts = {_TEXTS})" if has_texts else ""
        sql = (
            f"SELECT {what} FROM checks JOIN results ON {_OF_ROW} WHERE checks.idx >= ? AND checks.idx < ? "
            f"AND verdict IN ({', '.join('?' * len(FAILED))}) {holds}"
        )
        return await self._fetch(sql, start, stop, *FAILED)


def texts_mark(*texts: str | None) -> str:
    """A mark of the texts that a check reads: kind, problem, answer, integral, real answer."""
    return hashlib.blake2b(json.dumps(texts).encode(), digest_size=8).hexdigest()


def _mark_of(row: Answer) -> str:
    return texts_mark(row.kind, row.problem, row.answer, row.integral, row.real_answer)


def _missing() -> str:
    return f"NOT EXISTS (SELECT 1 FROM checks WHERE {_SAME})"
