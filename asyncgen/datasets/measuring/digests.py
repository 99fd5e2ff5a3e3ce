"""Digests of many rows on disk: how many there are without repetitions, and how many two sets share.

They are written one behind the other into a temporary SQLite file, and sorted by SQLite, which needs no more
memory for more rows.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

COLUMNS = ("text", "form", "values", "skeleton")

_SETUP = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE digests (part INTEGER NOT NULL, text BLOB, form BLOB, "values" BLOB, skeleton BLOB);
"""


class Shared(NamedTuple):
    """What two sets have in common: rows of each whose digest the other has too, and such digests."""

    rows: int
    others: int
    distinct: int


class Digests:
    """A temporary file, from `with` on; one call at a time, from whatever thread."""

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="asyncgen-stats-")
        path = Path(self._folder.name) / "digests.db"
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.executescript(_SETUP)
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def add(self, part: int, rows: Iterable[tuple[bytes, bytes, bytes, bytes]]) -> None:
        """Add rows of a set, by the number that it goes by here."""
        self._connection.executemany(
            "INSERT INTO digests VALUES (?, ?, ?, ?, ?)", ((part, *row) for row in rows)
        )

    def distinct(self, part: int, column: str) -> int:
        """How many different digests a set has."""
        return self._number(
            f"SELECT count(*) FROM (SELECT 1 FROM digests WHERE part = ? GROUP BY {_known(column)})", part
        )[0]

    def shared(self, part: int, other: int, column: str) -> Shared:
        """What two sets have in common."""
        name = _known(column)
        found = self._number(
            f"""SELECT coalesce(sum(mine), 0), coalesce(sum(theirs), 0), count(*) FROM (
                SELECT sum(part = ?) AS mine, sum(part = ?) AS theirs FROM digests
                WHERE part IN (?, ?) GROUP BY {name}
            ) WHERE mine AND theirs""",
            *(part, other, part, other),
        )
        return Shared(*found)

    def _number(self, sql: str, *values: int) -> tuple[int, ...]:
        found: tuple[int, ...] = self._connection.execute(sql, values).fetchone()
        return found


def _known(column: str) -> str:
    if column not in COLUMNS:
        raise ValueError(f"there is no column {column}")
    return f'"{column}"'
