"""The rows of an import in their store, and the table of the first row of each problem beside them."""

from collections.abc import AsyncGenerator, Sequence

from asyncgen.datasets.importing.imported import Failure, Sort, sort_of
from asyncgen.datasets.importing.judging import Judged
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Status
from asyncgen.store import Store

_PAGE = 500  # rows, and marks: a statement may bind as many values

# Of use to rows that are to come, and of none once all are there. The empty form has the last index that was
# looked up: rows that came behind it, by a merge, were not.
_MAKE = "CREATE TABLE IF NOT EXISTS forms (form BLOB PRIMARY KEY, idx INTEGER NOT NULL) WITHOUT ROWID"
_ADD = """
INSERT INTO forms (form, idx) VALUES (?, ?)
ON CONFLICT (form) DO UPDATE SET idx = excluded.idx WHERE form = x''
"""
_LAST_FORM = "SELECT coalesce(max(idx), -1) FROM forms WHERE form = x''"
_COUNTS = """
SELECT status, substr(reason, 1, instr(reason || ':', ':') - 1), count(*) FROM results GROUP BY 1, 2
"""
_FAILED = f"""
SELECT idx, status, reason FROM results NOT INDEXED
WHERE idx > ? AND NOT (success AND reason IS NULL) AND reason IS NOT 'no answer' ORDER BY idx LIMIT {_PAGE}
"""


class ImportStore(Store):
    """A store open for writing, into which rows come in the order of their indices."""

    async def begin_forms(self) -> int:
        """Make the table of problems if need be; the index of the last row, -1 if there is none.

        Raises UsageError if rows are there that the table does not know of.
        """
        await self._write(lambda: self._open.execute(_MAKE), "the table of problems")
        ((last,),) = await self._fetch("SELECT coalesce(max(idx), -1) FROM results")
        ((known,),) = await self._fetch(_LAST_FORM)
        if last > known:
            raise UsageError(
                f"{self.path} holds rows of this file that came by a merge, and cannot tell duplicates of "
                "them: import the file into another store"
            )
        return int(last)

    async def add_judged(self, run: int, found: Sequence[Judged]) -> list[Outcome]:
        """Store rows behind all that are there; each as it is stored.

        A right one whose problem a right one had before says so. The first rows of problems are stored
        before. If the rows are not, because of a kill, the same rows come again and find themselves.
        """
        marked = [(one.form, one.outcome.index) for one in found if one.form is not None]
        looked_up = [*marked, (b"", found[-1].outcome.index)]
        await self._write(lambda: self._open.executemany(_ADD, looked_up), f"{len(marked)} marks")
        firsts = await self._firsts([form for form, _ in marked])
        rows = [_told(one, firsts) for one in found]
        await self.add(run, rows)
        return rows

    async def _firsts(self, forms: Sequence[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for start in range(0, len(forms), _PAGE):
            page = forms[start : start + _PAGE]
            sql = f"SELECT form, idx FROM forms WHERE form IN ({', '.join('?' * len(page))})"
            found.update(await self._fetch(sql, *page))
        return found

    async def sorts(self) -> dict[Sort, int]:
        """How many rows are of each sort."""
        counts = dict.fromkeys(Sort, 0)
        for status, word, count in await self._fetch(_COUNTS):
            with self._understanding():
                counts[sort_of(Status(status), word)] += count
        return counts

    async def failures(self) -> AsyncGenerator[Failure, None]:
        """The rows that are not what a file of right and different answers would have, in order."""
        last = -1
        while page := await self._fetch(_FAILED, last):
            for index, status, reason in page:
                with self._understanding():
                    yield Failure(index, sort_of(Status(status), reason), reason)
            last = page[-1][0]


def _told(one: Judged, firsts: dict[bytes, int]) -> Outcome:
    """The row, with the first one of the same problem as its reason if it has no other."""
    outcome = one.outcome
    first = outcome.index if one.form is None else firsts.get(one.form, outcome.index)
    if first == outcome.index or outcome.reason is not None:
        return outcome
    return outcome._replace(reason=f"duplicate:{first}")
