"""Problems with their answers, from a store, from lines as they are published, or from JSON lines."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import readable
from asyncgen.problems.records import Status
from asyncgen.store import Reader

PUBLISHED = (".prefix", ".train", ".valid", ".test")  # as files with published lines are named
JSON_LINES = ".jsonl"

_MAGIC = b"SQLite format 3\0"
_LINES = 500  # read at a time
_LONGEST = 1 << 20  # bytes of a line
_BEFORE_INTEGRAND = ["sub", "Y'"]
_UNKNOWNS = ("Y", "Y'", "Y''")

Complain = Callable[[str], object]


class Pair(NamedTuple):
    """A problem and its answer in prefix notation; `place` is an index, or the number of a line from 1."""

    place: int
    problem: str
    answer: str


class Pairs:
    """The pairs of a store or a file, and what was counted while they were read.

    Of a store, and of JSON lines that tell the status, only rows of these statuses are pairs.
    """

    def __init__(self, path: Path, statuses: Collection[Status], complain: Complain) -> None:
        """Raises UsageError for a file that is none of these."""
        self.path = path
        self._statuses = statuses
        self._complain = complain
        self._read = self._reader()
        self.rows: Counter[tuple[str, str]] = Counter()  # all that was read, by kind and status if known
        self.bad = 0

    def _reader(self) -> Callable[[], AsyncGenerator[Pair, None]]:
        with readable(str(self.path)), self.path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return self._from_store
        if self.path.suffix == JSON_LINES:
            return lambda: self._from_lines(self._of_json)
        if self.path.suffix in PUBLISHED:
            return lambda: self._from_lines(self._of_published)
        raise UsageError(
            f"{self.path} is no store of asyncgen, and its name ends neither in {JSON_LINES} nor in "
            f"{', '.join(PUBLISHED)}"
        )

    def read(self) -> AsyncGenerator[Pair, None]:
        """Each pair, in order. Raises StoreError, and UsageError for a file that cannot be read."""
        return self._read()

    def refuse(self, place: int, why: str) -> None:
        """Count a row or line that is no pair, and tell of it."""
        self.bad += 1
        self._complain(f"{self.path}:{place}: {why}")

    async def _from_store(self) -> AsyncGenerator[Pair, None]:
        async with Reader(self.path) as reader:
            async for row in reader.rows():
                self.rows[row.kind, row.status] += 1
                if row.status in self._statuses and row.answer_prefix is not None:
                    yield Pair(row.index, row.problem_prefix, row.answer_prefix)

    async def _from_lines(self, pair_of: Callable[[int, str], Pair | None]) -> AsyncGenerator[Pair, None]:
        with readable(str(self.path)), closing(self.path.open("rb")) as file:
            numbers = enumerate(iter(lambda: file.readline(_LONGEST), b""), start=1)
            while lines := await asyncio.to_thread(lambda: list(islice(numbers, _LINES))):
                for number, line in lines:
                    try:
                        pair = pair_of(number, line.decode()) if line.strip() else None
                    except (ValueError, RecursionError) as error:
                        self.refuse(number, str(error))
                    else:
                        if pair is not None:
                            yield pair

    def _of_json(self, number: int, line: str) -> Pair | None:
        found = json.loads(line)
        if not isinstance(found, dict) or not isinstance(found.get("problem_prefix"), str):
            raise ValueError("there is no problem_prefix")
        status, answer = str(found.get("status", "")), found.get("answer_prefix")
        self.rows[str(found.get("kind", "")), status] += 1
        if (status and status not in self._statuses) or not isinstance(answer, str):
            return None
        return Pair(number, found["problem_prefix"], answer)

    def _of_published(self, number: int, line: str) -> Pair:
        problem, tab, answer = line.strip("\r\n").partition("\t")
        if not tab:
            raise ValueError("a problem, a tab and an answer are expected")
        self.rows["", ""] += 1
        tokens = problem.rpartition("|")[2].split()
        if tokens[:2] == _BEFORE_INTEGRAND and not any(name in tokens[2:] for name in _UNKNOWNS):
            tokens = tokens[2:]
        return Pair(number, " ".join(tokens), " ".join(answer.split()))
