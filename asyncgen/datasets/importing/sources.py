"""What sort of file is given, recognised by its first bytes and its name, and its records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from asyncgen.datasets.importing.columns import usual_among
from asyncgen.datasets.importing.csv_records import CsvRecords, delimiter_of
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.line_records import json_lines, published_lines
from asyncgen.datasets.importing.records import Format, Layout, Record
from asyncgen.datasets.importing.table_records import TableRecords
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import is_text, without_mark
from asyncgen.problems.kinds import FORWARD

FORMATS: tuple[Format, ...] = ("prefix", "csv", "jsonl", "sqlite")

_SQLITE = b"SQLite format 3\0"
_OTHERS = {  # how other files begin, and what to do about them
    b"\x1f\x8b": "is compressed: unpack it first, with gunzip",
    b"BZh": "is compressed: unpack it first, with bunzip2",
    b"\xfd7zXZ\0": "is compressed: unpack it first, with unxz",
    b"\x28\xb5\x2f\xfd": "is compressed: unpack it first, with unzstd",
    b"PK\x03\x04": "is a ZIP archive: unpack it first, with unzip",
    b"PAR1": "is a Parquet file: write it as JSON lines or CSV first",
}
_BY_SUFFIX: Mapping[str, Format] = {
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl"),
    **dict.fromkeys((".prefix", ".train", ".valid", ".test"), "prefix"),
}


class Source(Protocol):
    """The records of a file."""

    @property
    def layout(self) -> Layout:
        """How they are to be understood."""
        ...

    @property
    def share(self) -> float:
        """Which part of the file was read."""
        ...

    def records(self, after: int) -> Iterator[Record]:
        """Those with a higher index, in the order of their indices. Raises UsageError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was said of a file: its format, columns by role, its table, the kind of its integrals."""

    format: Format | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    kind: str = FORWARD


def source_of(file: GivenFile, asked: Asked) -> Source:
    """The records of a file. Raises UsageError if there are none, or it is something else."""
    head = file.head()
    if not head:
        raise UsageError(f"{file.name} is empty")
    format = _format(file.name, head, asked.format)
    if asked.table is not None and format != "sqlite":
        raise UsageError(f"--table {asked.table}: {file.name} is no SQLite file")
    if asked.columns and format == "prefix":
        raise UsageError(f"--columns: {file.name} is read as published lines, which have none; say --format")
    if format == "sqlite":
        return TableRecords(file, asked.kind, asked.columns, asked.table)
    if format == "csv":
        return CsvRecords(file, asked.kind, asked.columns)
    if format == "jsonl":
        return json_lines(file, asked.kind, asked.columns)
    return published_lines(file, asked.kind)


def _format(name: str, head: bytes, asked: Format | None) -> Format:
    if head.startswith(_SQLITE):
        if asked not in (None, "sqlite"):
            raise UsageError(f"{name} is an SQLite file: leave out --format {asked}")
        return "sqlite"
    if asked == "sqlite":
        raise UsageError(f"{name} is no SQLite file")
    for start, words in _OTHERS.items():
        if head.startswith(start):
            raise UsageError(f"{name} {words}")
    if not is_text(head):
        raise UsageError(f"{name} is neither text in UTF-8 nor an SQLite file")
    return asked or _BY_SUFFIX.get(Path(name).suffix.lower()) or _by_content(head)


def _by_content(head: bytes) -> Format:
    """By the first line with something in it."""
    lines = (line.strip() for line in without_mark(head).decode(errors="replace").splitlines())
    first = next(filter(None, lines), "")
    if first.startswith("{"):
        return "jsonl"
    names = [name.strip(' "') for name in first.split(delimiter_of(first))]
    return "csv" if usual_among(names) else "prefix"
