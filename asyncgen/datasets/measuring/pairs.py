"""Problems with their answers, from a store, from an export, or from a file of its formats.

Lines and rows are read as `asyncgen import` reads them: they stay records here, and workers take them apart.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing, closing
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from asyncgen.datasets.importing.cells import Unreadable, json_object
from asyncgen.datasets.importing.columns import Columns
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.line_records import LineRecords
from asyncgen.datasets.importing.records import Fault, Layout, Record
from asyncgen.datasets.measuring.pair_files import NO_PAIR, Kind, files_of, layout_among, parquet_rows
from asyncgen.problems.files import readable
from asyncgen.problems.records import Status
from asyncgen.store import Reader

_LINES = 500  # read at a time
_STORED = Layout("sqlite", columns=Columns("problem_prefix", "answer_prefix", "kind"))
_PUBLISHED = Layout("prefix")
_JSON = Layout("jsonl")  # of which each object has its own columns

Complain = Callable[[str], object]
Read = Callable[[Path], AsyncGenerator["Pair", None]]


class Pair(NamedTuple):
    """A record that may hold a pair; `place` is FILE:LINE, or FILE:INDEX of a store."""

    place: str
    record: Record
    layout: Layout


class Pairs:
    """The pairs of a store, an export or a file, and what was counted while they were read.

    Of what tells the status, only rows of these statuses are pairs.
    """

    def __init__(self, path: Path, statuses: Collection[Status], complain: Complain) -> None:
        """Raises UsageError for what is none of these."""
        self.path = path
        self._statuses = statuses
        self._complain = complain
        self._readers: dict[Kind, Read] = {
            Kind.STORE: self._from_store,
            Kind.PUBLISHED: self._from_published,
            Kind.JSON: self._from_json,
            Kind.PARQUET: self._from_parquet,
        }
        self._files = files_of(path)
        self.rows: Counter[tuple[str, str]] = Counter()  # all that was read, by kind and status if known
        self.bad = 0

    async def read(self) -> AsyncGenerator[Pair, None]:
        """Each record that may be a pair, in order. Raises StoreError, or UsageError for a file."""
        for file, kind in self._files:
            async with aclosing(self._readers[kind](file)) as pairs:
                async for pair in pairs:
                    yield pair

    def refuse(self, place: str, why: str) -> None:
        """Count a row or line that cannot be read, and tell of it."""
        self.bad += 1
        self._complain(f"{place}: {why}")

    async def _from_store(self, file: Path) -> AsyncGenerator[Pair, None]:
        async with Reader(file) as reader:
            async for row in reader.rows():
                self.rows[row.kind, row.status] += 1
                if row.status in self._statuses and row.answer_prefix is not None:
                    values = (row.problem_prefix, row.answer_prefix, row.kind, None)
                    yield Pair(f"{file}:{row.index}", Record(row.index, values), _STORED)

    async def _from_published(self, file: Path) -> AsyncGenerator[Pair, None]:
        async with aclosing(_lines(file, _PUBLISHED)) as records:
            async for record in records:
                self.rows["", ""] += 1
                yield Pair(f"{file}:{record.index}", record, _PUBLISHED)

    async def _from_json(self, file: Path) -> AsyncGenerator[Pair, None]:
        async with aclosing(_lines(file, _JSON)) as records:
            async for record in records:
                if (pair := self._of_object(f"{file}:{record.index}", record)) is not None:
                    yield pair

    async def _from_parquet(self, file: Path) -> AsyncGenerator[Pair, None]:
        rows = enumerate(parquet_rows(file), start=1)
        while some := await asyncio.to_thread(lambda: list(islice(rows, _LINES))):
            for number, row in some:
                if (pair := self._of_row(f"{file}:{number}", number, row)) is not None:
                    yield pair

    def _of_object(self, place: str, record: Record) -> Pair | None:
        """The pair of a line of JSON; what is no object stays a record, with what is wrong."""
        if not isinstance(record.content, bytes):
            return Pair(place, record, _JSON)
        try:
            found = json_object(record.content)
        except Unreadable as error:
            return Pair(place, Record(record.index, Fault(str(error))), _JSON)
        return self._of_row(place, record.index, found)

    def _of_row(self, place: str, number: int, row: Mapping[str, Any]) -> Pair | None:
        """The pair of a row by its columns; None where the row itself says that it is none."""
        layout, kind, status = layout_among(row), row.get("kind"), str(row.get("status") or "")
        self.rows[str(kind or ""), status] += 1
        if layout is None or layout.columns is None:
            return Pair(place, Record(number, Fault(f"the row {NO_PAIR}")), _JSON)
        problem, answer = row[layout.columns.problem], row[layout.columns.answer]
        if (status and status not in self._statuses) or answer is None:
            return None
        return Pair(place, Record(number, (problem, answer, kind, None)), layout)


async def _lines(file: Path, layout: Layout) -> AsyncGenerator[Record, None]:
    """The records of a file of lines."""
    with readable(str(file)), closing(file.open("rb")) as opened:
        records = LineRecords(GivenFile(opened, str(file)), layout).records(0)
        while some := await asyncio.to_thread(lambda: list(islice(records, _LINES))):
            for record in some:
                yield record
