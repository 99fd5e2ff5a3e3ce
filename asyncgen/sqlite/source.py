"""One store as a merge reads it: its runs, and its rows with their attempts, page by page.

Guarantees: the file is opened read-only, and left as it is. A page is one short snapshot: a row and its
    attempts fit together also while a retry is at work there, and no snapshot is held between two pages.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from asyncgen.problems.errors import StoreError
from asyncgen.problems.records import Status
from asyncgen.problems.spec import Spec, parse_spec
from asyncgen.sqlite import files, migration, schema
from asyncgen.sqlite.errors import damage, refusing
from asyncgen.sqlite.readonly import open_reading
from asyncgen.sqlite.runs import RUN_COLUMNS

Row = tuple[Any, ...]

PAGE = 500  # rows, and runs; a statement of SQLite may bind as many values
COLUMNS = ("idx", *schema.columns())  # of a row
STATUS, RUN = COLUMNS.index("status"), COLUMNS.index("run")

_BUSY = 5.0  # seconds that another program's lock is waited for
_STATUSES = frozenset(map(str, Status))
_RUNS = f"SELECT {RUN_COLUMNS} FROM runs WHERE id > ? ORDER BY id LIMIT {PAGE}"
_ROWS = f"SELECT {', '.join(COLUMNS)} FROM results NOT INDEXED WHERE idx >= ? ORDER BY idx LIMIT {PAGE}"
_ATTEMPTS = (
    f"SELECT {', '.join(COLUMNS)} FROM attempts NOT INDEXED WHERE idx BETWEEN ? AND ? ORDER BY idx, attempt"
)


_parsed = lru_cache(maxsize=2)(parse_spec)  # thousands of stores have the same


class Page(NamedTuple):
    """A part of a store: runs by RUN_COLUMNS, rows and earlier attempts at them by COLUMNS."""

    runs: list[Row]
    rows: list[Row]
    attempts: list[Row]


class Source:
    """A store, open until `close`. Whatever is asked of it raises StoreError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = files.resolved(path)
        self._open()

    def _open(self) -> None:
        self._connection = open_reading(self.path, _BUSY)
        try:
            self._version = self._version_now()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def spec(self) -> Spec:
        """The specification that the store was made for."""
        rows = self._fetch("SELECT text FROM spec")
        if len(rows) != 1:
            raise damage(self.path, ValueError(f"{len(rows)} specifications"))
        try:
            return _parsed(rows[0][0])
        except ValueError as error:
            raise StoreError(f"{self.path}: its specification cannot be read: {error}") from None

    def pages(self) -> Iterator[Page]:
        """All that there is, each run before its first row; runs that begin meanwhile come with a page."""
        run, index = 0, 0
        while True:
            page = self._page(run, index)
            yield page
            run = page.runs[-1][0] if page.runs else run
            index = page.rows[-1][0] + 1 if page.rows else index
            if len(page.runs) < PAGE and len(page.rows) < PAGE:
                return

    def _page(self, run: int, index: int) -> Page:
        """The runs after this one; if these are all, rows from this index on."""
        while True:
            self._fetch("BEGIN")
            if self._version_now() == self._version:
                break
            self._connection.close()  # it was migrated meanwhile
            self._open()
        runs, rows, attempts = self._fetch(_RUNS, run), [], []
        if len(runs) < PAGE:
            rows = self._fetch(_ROWS, index)
            attempts = self._fetch(_ATTEMPTS, rows[0][0], rows[-1][0]) if rows else []
        self._fetch("COMMIT")
        for row in (*rows, *attempts):
            if row[STATUS] not in _STATUSES:
                raise damage(self.path, ValueError(f"there is no status {row[STATUS]!r}"))
        return Page(runs, rows, attempts)

    def _version_now(self) -> int:
        ((version,),) = self._fetch(migration.VERSION)
        return int(version)

    def _fetch(self, sql: str, *values: Any) -> list[Row]:
        with refusing(self.path):
            return self._connection.execute(sql, values).fetchall()
