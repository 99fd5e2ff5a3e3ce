"""Records of a table in an SQLite file, such as that of cckolon/intclass. The file is only read."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from asyncgen.datasets.importing.columns import Columns, columns_among, usual_among
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.problems.errors import UsageError, shown
from asyncgen.problems.tokens import MAX_LENGTH
from asyncgen.problems.typed import unknown
from asyncgen.sqlite.errors import damage, refusing
from asyncgen.sqlite.files import Header, has_content, resolved, uri, with_suffix
from asyncgen.sqlite.schema import APPLICATION_ID

_PAGE = 200  # rows
_BUSY = 5.0  # seconds that another program's lock is waited for
_HEADER = 100  # bytes
_ROWIDS = ("rowid", "_rowid_", "oid")  # one of them is no column of its own
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


class TableRecords:
    """The rows of a table; `index` is the rowid."""

    def __init__(self, file: GivenFile, kind: str, asked: Mapping[str, str], table: str | None) -> None:
        """Raises UsageError (StoreError) if it cannot serve."""
        self._path = resolved(file.name)
        self._in_wal_mode = _checked(file, self._path).wal
        with self._opened() as connection:
            tables = {name: _columns(connection, name) for (name,) in connection.execute(_TABLES)}
            name, columns = _chosen(file.name, tables, table, asked)
            self.layout = Layout("sqlite", kind, columns, name)
            self._select, self._rowid = _statement(name, tables[name], columns)
            self._last = self._checked_span(connection, file.name)
        self.share = 0.0  # of the rowids that were read

    def records(self, after: int) -> Iterator[Record]:
        """Those behind this rowid."""
        with self._opened() as connection:
            while page := connection.execute(self._select, (after,)).fetchall():
                for index, *values in page:
                    if not index > after:  # a page without end, otherwise
                        raise damage(self._path, ValueError("its rows are out of order"))
                    yield Record(index, tuple(values))
                    after = index
                self.share = after / max(1, self._last)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads.

        Of one in WAL mode, that nothing lies beside, too: without `immutable`, SQLite would make files there.
        """
        lonely = {"immutable": "1"} if self._in_wal_mode else {"mode": "ro"}
        with refusing(self._path):
            connection = sqlite3.connect(
                uri(self._path, **lonely), timeout=_BUSY, uri=True, check_same_thread=False
            )
            with closing(connection):
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
                yield connection

    def _checked_span(self, connection: sqlite3.Connection, name: str) -> int:
        """The last rowid. Raises UsageError if there is none, or one that no store can hold."""
        where = f"{name}, table {self.layout.table}"
        sql = f"SELECT min({self._rowid}), max({self._rowid}) FROM {_quoted(str(self.layout.table))}"
        try:
            ((first, last),) = connection.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "no such column" not in str(error):
                raise
            raise UsageError(f"{where} has no rowid, by which its rows are named: copy it to one") from None
        if last is None:
            raise UsageError(f"{where} holds no row")
        if first < 0 or last >= 2**63 - 1:
            raise UsageError(f"{where} has rowids below 0 or above 2**63 - 2, which no store can hold")
        return int(last)


def _checked(file: GivenFile, path: Path) -> Header:
    """The header of a whole SQLite file with a name, of which nothing lies beside it. Raises UsageError."""
    header = Header.parse(file.head(_HEADER))
    if header is None:
        raise UsageError(f"{file.name} is no SQLite file")
    if header.application_id == APPLICATION_ID:
        raise UsageError(
            f"{file.name} is a store of asyncgen: asyncgen merge puts stores together, and asyncgen export "
            "writes files"
        )
    if not path.is_file():
        raise UsageError(f"{file.name}: an SQLite file is read by its name, not from a pipe")
    if file.size < header.pages * header.page_size:
        expected = header.pages * header.page_size
        raise UsageError(f"{file.name} is cut short: {file.size} bytes of {expected}: copy it anew")
    for suffix in ("-wal", "-journal"):
        if has_content(with_suffix(path, suffix)):
            raise UsageError(
                f"{file.name} is not all there is, {file.name}{suffix} holds changes to it: close the "
                f"program that writes it, or open it once with sqlite3 {file.name} .tables"
            )
    return header


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")]


def _chosen(
    name: str, tables: Mapping[str, Sequence[str]], asked_table: str | None, asked: Mapping[str, str]
) -> tuple[str, Columns]:
    """The table that is meant, and its columns. Raises UsageError."""
    if asked_table is not None:
        if asked_table not in tables:
            raise UsageError(f"{name} has no table {unknown(asked_table, list(tables))}")
        found = [asked_table]
    else:
        found = [table for table, columns in tables.items() if _fits(columns, asked)] or list(tables)
    if len(found) > 1:
        names = ", ".join(map(shown, found))
        raise UsageError(f"{name} has several tables: name the one that is meant with --table: {names}")
    if not found:
        raise UsageError(f"{name} has no table")
    return found[0], columns_among(tables[found[0]], asked, f"{name}, table {found[0]},")


def _fits(columns: Sequence[str], asked: Mapping[str, str]) -> bool:
    return set(asked.values()) <= set(columns) and ("problem" in asked or usual_among(columns) is not None)


def _statement(table: str, there: Sequence[str], columns: Columns) -> tuple[str, str]:
    """The question for a page of rows, and the name of the rowid."""
    taken = {name.lower() for name in there}
    rowid = next((name for name in _ROWIDS if name not in taken), _ROWIDS[0])
    values = ", ".join("NULL" if name is None else _short(_quoted(name)) for name in columns.names)
    return (
        f"SELECT {rowid}, {values} FROM {_quoted(table)} WHERE {rowid} > ? ORDER BY {rowid} LIMIT {_PAGE}",
        rowid,
    )


def _short(column: str) -> str:
    """A value as bytes, of a long text no more than is needed to see that it is too long."""
    text = f"CAST(substr({column}, 1, {MAX_LENGTH + 1}) AS BLOB)"
    return f"CASE WHEN typeof({column}) IN ('text', 'blob') THEN {text} ELSE {column} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
