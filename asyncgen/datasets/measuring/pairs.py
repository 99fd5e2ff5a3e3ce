"""Problems with their answers, from a store, from an export, or from a file of its formats."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing, closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from asyncgen.datasets.measuring.pair_files import Kind, files_of, parquet_rows
from asyncgen.problems.files import readable
from asyncgen.problems.records import Status
from asyncgen.store import Reader

_LINES = 500  # read at a time
_LONGEST = 1 << 20  # bytes of a line
_BEFORE_INTEGRAND = ["sub", "Y'"]
_UNKNOWNS = ("Y", "Y'", "Y''")

Complain = Callable[[str], object]
PairOf = Callable[[str, str], "Pair | None"]  # of a place and a line
Read = Callable[[Path], AsyncGenerator["Pair", None]]


class Pair(NamedTuple):
    """A problem and its answer in prefix notation; `place` is FILE:LINE, or FILE:INDEX of a store."""

    place: str
    problem: str
    answer: str


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
            Kind.PUBLISHED: partial(self._from_lines, self._of_published),
            Kind.JSON: partial(self._from_lines, self._of_json),
            Kind.PARQUET: self._from_parquet,
        }
        self._files = files_of(path)
        self.rows: Counter[tuple[str, str]] = Counter()  # all that was read, by kind and status if known
        self.bad = 0

    async def read(self) -> AsyncGenerator[Pair, None]:
        """Each pair, in order. Raises StoreError, and UsageError for a file that cannot be read."""
        for file, kind in self._files:
            async with aclosing(self._readers[kind](file)) as pairs:
                async for pair in pairs:
                    yield pair

    def refuse(self, place: str, why: str) -> None:
        """Count a row or line that is no pair, and tell of it."""
        self.bad += 1
        self._complain(f"{place}: {why}")

    async def _from_store(self, file: Path) -> AsyncGenerator[Pair, None]:
        async with Reader(file) as reader:
            async for row in reader.rows():
                self.rows[row.kind, row.status] += 1
                if row.status in self._statuses and row.answer_prefix is not None:
                    yield Pair(f"{file}:{row.index}", row.problem_prefix, row.answer_prefix)

    async def _from_lines(self, pair_of: PairOf, file: Path) -> AsyncGenerator[Pair, None]:
        with readable(str(file)), closing(file.open("rb")) as opened:
            numbers = enumerate(iter(lambda: opened.readline(_LONGEST), b""), start=1)
            while lines := await asyncio.to_thread(lambda: list(islice(numbers, _LINES))):
                for number, line in lines:
                    if line.strip() and (pair := self._pair(pair_of, f"{file}:{number}", line)):
                        yield pair

    def _pair(self, pair_of: PairOf, place: str, line: bytes) -> Pair | None:
        try:
            return pair_of(place, line.decode())
        except (ValueError, RecursionError) as error:
            self.refuse(place, str(error))
            return None

    async def _from_parquet(self, file: Path) -> AsyncGenerator[Pair, None]:
        rows = enumerate(parquet_rows(file), start=1)
        while some := await asyncio.to_thread(lambda: list(islice(rows, _LINES))):
            for number, row in some:
                pair = self._of_row(f"{file}:{number}", row)
                if pair is not None:
                    yield pair

    def _of_json(self, place: str, line: str) -> Pair | None:
        found = json.loads(line)
        if not isinstance(found, dict):
            raise ValueError("an object is expected")
        return self._of_row(place, found)

    def _of_row(self, place: str, row: Mapping[str, Any]) -> Pair | None:
        """The pair of a row with columns of an export; those with `input` and `output` have no others."""
        if "input" in row and "problem_prefix" not in row:
            return self._of_texts(place, row["input"], row["output"])
        if not isinstance(row.get("problem_prefix"), str):
            raise ValueError("there is no problem_prefix")
        status, answer = str(row.get("status") or ""), row.get("answer_prefix")
        self.rows[str(row.get("kind") or ""), status] += 1
        if (status and status not in self._statuses) or not isinstance(answer, str):
            return None
        return Pair(place, row["problem_prefix"], answer)

    def _of_published(self, place: str, line: str) -> Pair | None:
        problem, tab, answer = line.strip("\r\n").partition("\t")
        if not tab:
            raise ValueError("a problem, a tab and an answer are expected")
        return self._of_texts(place, problem.rpartition("|")[2], answer)

    def _of_texts(self, place: str, problem: object, answer: object) -> Pair | None:
        """The pair of an input and an output as published; None where one is missing."""
        self.rows["", ""] += 1
        if not isinstance(problem, str) or not isinstance(answer, str):
            return None
        tokens = problem.split()
        if tokens[:2] == _BEFORE_INTEGRAND and not any(name in tokens[2:] for name in _UNKNOWNS):
            tokens = tokens[2:]
        return Pair(place, " ".join(tokens), " ".join(answer.split()))
