"""Records of CSV files, whose first one names the columns."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from asyncgen.datasets.importing.cells import Cell, Unreadable, line_fault
from asyncgen.datasets.importing.columns import columns_among
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.records import Fault, Layout, Record
from asyncgen.problems.errors import UsageError

# The first of them that the first line has parts the cells.
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}

_MOST_LINES = 10_000  # of one record
_UNCLOSED = "a quotation mark is not closed"
_WORDS = {  # what is meant by words of the module
    "unexpected end of data": _UNCLOSED,
    f"field larger than field limit ({csv.field_size_limit()})": (
        f"a cell of more than {csv.field_size_limit()} characters"
    ),
}


class CsvRecords:
    """The records of such a file; `index` is the number of the line on which one begins."""

    def __init__(self, file: GivenFile, kind: str, asked: Mapping[str, str]) -> None:
        """Raises UsageError if it has no such columns, or nothing below them."""
        self._file = file
        self._delimiter = delimiter_of(file.head().partition(b"\n")[0].decode(errors="replace"))
        rows = csv_rows(file, self._delimiter)
        _, header = next(rows, (0, ()))
        if isinstance(header, Fault):
            raise UsageError(f"{file.name}: its first line should name the columns: {header.text}")
        names = [name.strip() for name in header]
        columns = columns_among(names, asked, f"the first line of {file.name}")
        self.layout = Layout("csv", kind, columns)
        if next(rows, None) is None:
            raise UsageError(f"{file.name} holds no record below the names of its columns")
        self._width = len(names)
        self._places = [None if name is None else names.index(name) for name in columns.names]

    @property
    def share(self) -> float:
        """Which part of the file was read."""
        return self._file.share

    def records(self, after: int) -> Iterator[Record]:
        """Those that begin behind line number `after`."""
        rows = csv_rows(self._file, self._delimiter)
        next(rows, None)  # the names
        for number, row in rows:
            if number > after:
                yield Record(number, row if isinstance(row, Fault) else self._values(row))

    def _values(self, row: Sequence[str]) -> tuple[str | None, ...] | Fault:
        if len(row) != self._width:
            return Fault(
                f"{len(row)} cells where {self._width} columns are named (cells with "
                f"{DELIMITERS[self._delimiter]} in them need quotation marks)"
            )
        return tuple(None if place is None else row[place] for place in self._places)


def delimiter_of(names: str) -> str:
    """What parts the cells of a file whose first line is this."""
    return next((sign for sign in DELIMITERS if sign in names), ",")


def csv_rows(file: GivenFile, delimiter: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """The cells of each record, with the number of its first line.

    What cannot be read costs its first line only: reading goes on with the second, so that a quotation mark
    that is not closed does not swallow all that follows.
    """
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, Unreadable) as error:
            yield lines.first, Fault(_words(error, lines))
            lines.return_to_second()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if row:
                yield lines.first, row


def _words(error: Exception, lines: "_Lines") -> str:
    """Why a record cannot be read. One that goes on to another line has a quotation mark that is open."""
    if lines.last != lines.first:
        return f"a quotation mark is not closed before line {lines.last}, up to which nothing can be read"
    if isinstance(error, Unreadable):
        return str(error)
    return _WORDS.get(str(error), f"no CSV: {error}")


class _Lines:
    """The lines of a file for the reader of the standard library; those of a record can be read again."""

    def __init__(self, file: GivenFile) -> None:
        self._lines = file.lines()
        self._again: deque[tuple[int, bytes]] = deque()
        self._taken: list[tuple[int, bytes]] = []

    @property
    def first(self) -> int:
        """The number of the first line of this record."""
        return self._taken[0][0]

    @property
    def last(self) -> int:
        """The number of the last line that was read for it."""
        return self._taken[-1][0]

    def begin(self) -> None:
        """The next line is the first of a record."""
        self._taken.clear()

    def return_to_second(self) -> None:
        """Read on behind the first line of this record."""
        self._again.extendleft(reversed(self._taken[1:]))

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append((number, line))
        if len(self._taken) > _MOST_LINES:
            raise Unreadable("too many lines")
        if fault := line_fault(line):
            raise Unreadable(fault.text)
        return Cell(line).text
