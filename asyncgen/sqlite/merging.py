"""The rows of other stores into one: what is new is added, what is there is compared.

Of an index that both have, the row of the store stays, unless the other's is known to be later: a retry made
it of the very row that is here. Rows are the same if they say the same; the seconds that they took, and the
run, do not count. Where they differ, a preference decides, or nobody: then the difference is told.

Guarantees: no row is lost that was the store's, or was given up by a preference: both are in `attempts`.
    What was merged before changes nothing when it is merged again.
Assumes: a transaction of the caller around each page.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from asyncgen.problems.records import Status
from asyncgen.sqlite.run_numbers import RunNumbers
from asyncgen.sqlite.source import COLUMNS, RUN, STATUS, Page, Row

Preference = Literal["first", "confirmed"]

# What came of an index: each row of a page is counted under one of these, or differs.
NEW, SAME, LATER, PREFERRED, DIFFERING = "new", "same", "later", "preferred", "differing"

_UNDECIDED = frozenset(  # statuses that claim nothing, so that a confirmed answer contradicts none of them
    (Status.UNVERIFIED, Status.TIMEOUT, Status.MEMORY, Status.CRASHED, Status.ERROR, Status.UNSOLVED)
)
_SECONDS = ("cpu_seconds", "wall_seconds")
_SAID = [name for name in COLUMNS if name not in (*_SECONDS, "run")]
_said = itemgetter(*map(COLUMNS.index, _SAID))

_NAMES = ", ".join(COLUMNS)
_VALUES = ", ".join("?" * len(COLUMNS))
_ADD = f"INSERT INTO results ({_NAMES}) VALUES ({_VALUES}) ON CONFLICT (idx) DO NOTHING"
_REPLACE = f"UPDATE results SET {', '.join(f'{name} = ?' for name in COLUMNS[1:])} WHERE idx = ?"
_ADD_ATTEMPT = f"""
INSERT INTO attempts (attempt, {_NAMES})
VALUES ((SELECT 1 + count(*) FROM attempts WHERE idx = ?), {_VALUES})
"""
_ATTEMPTS = f"SELECT {_NAMES} FROM attempts WHERE idx = ?"


class Difference(NamedTuple):
    """Two rows of one index that say different things: by column, what is here and what is there."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    columns: Mapping[str, tuple[Any, Any]]


class Merging:
    """Merges one page after the other into the store of a connection, counting what came of it.

    `differs` is told of every index that keeps a row with which another one does not agree.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        prefer: Preference | None,
        differs: Callable[[Difference], None],
    ) -> None:
        self._connection = connection
        self._prefer = prefer
        self._differs = differs
        self._runs = RunNumbers(connection)
        self.counts: Counter[str] = Counter()  # rows of the pages, by what came of them
        self.runs = 0  # new ones
        self.attempts = 0  # new ones

    @property
    def changes(self) -> int:
        """How many runs, rows and attempts have changed so far."""
        return self.runs + self.attempts + sum(self.counts[name] for name in (NEW, LATER, PREFERRED))

    def begin_source(self) -> None:
        """The pages that come are those of another store, from its first."""
        self._runs.begin_source()

    def take(self, page: Page) -> None:
        """Merge a page. Raises KeyError for a run that its store has not, IntegrityError for a row."""
        self.runs += self._runs.take(page.runs)
        rows, attempts = self._numbered(page.rows), self._numbered(page.attempts)
        new = self._connection.cursor().executemany(_ADD, rows).rowcount if rows else 0
        self.counts[NEW] += new
        if new == len(rows) and not attempts:
            return
        ours = self._rows_of([row[0] for row in rows])
        theirs = _by_index(attempts)
        self.counts[SAME] -= new  # which are found to be the same as themselves
        for row in rows:
            earlier = theirs.get(row[0], ())
            self.counts[self._compare(ours[row[0]], row, earlier)] += 1
            if earlier:
                self._add_attempts(earlier, {ours[row[0]], row})

    def _numbered(self, rows: Iterable[Row]) -> list[Row]:
        """The rows with the numbers that their runs have here."""
        return [(*row[:RUN], self._runs.of(row[RUN]), *row[RUN + 1 :]) for row in rows]

    def _rows_of(self, indices: list[int]) -> dict[int, Row]:
        places = ", ".join("?" * len(indices))
        found = self._connection.execute(f"SELECT {_NAMES} FROM results WHERE idx IN ({places})", indices)
        return {row[0]: row for row in found}

    def _compare(self, ours: Row, theirs: Row, their_attempts: Sequence[Row]) -> str:
        """What came of a row that is there already."""
        if _said(ours) == _said(theirs) or theirs in self._attempts_at(ours[0]):
            return SAME
        if ours in their_attempts:
            self._replace(theirs)
            return LATER
        winner = self._preferred(ours, theirs)
        if winner is theirs:
            self._replace(theirs)
        elif winner is ours:
            self._add_attempt(theirs)
        else:
            self._differs(_difference(ours, theirs))
            return DIFFERING
        return PREFERRED

    def _preferred(self, ours: Row, theirs: Row) -> Row | None:
        if self._prefer == "first":
            return ours
        if self._prefer == "confirmed":
            for one, other in ((ours, theirs), (theirs, ours)):
                if Status(one[STATUS]).success and other[STATUS] in _UNDECIDED:
                    return one
        return None

    def _replace(self, row: Row) -> None:
        """Put a row in the place of ours, which a trigger moves to `attempts`."""
        self._connection.execute(_REPLACE, (*row[1:], row[0]))

    def _attempts_at(self, index: int) -> list[Row]:
        return self._connection.execute(_ATTEMPTS, (index,)).fetchall()

    def _add_attempts(self, attempts: Sequence[Row], rows: set[Row]) -> None:
        """Add attempts at an index that are not there, in their order; `rows` are what was compared."""
        known = rows.union(self._attempts_at(attempts[0][0]))
        for attempt in attempts:
            if attempt not in known:
                self._add_attempt(attempt)
                self.attempts += 1

    def _add_attempt(self, row: Row) -> None:
        self._connection.execute(_ADD_ATTEMPT, (row[0], *row))


def _by_index(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _difference(ours: Row, theirs: Row) -> Difference:
    pairs = zip(_SAID, _said(ours), _said(theirs), strict=True)
    return Difference(ours[0], {name: (here, there) for name, here, there in pairs if here != there})
