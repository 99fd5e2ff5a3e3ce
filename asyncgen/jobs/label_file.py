"""The functions of a file into a store: worked on from the first, while those behind it are still being read.

    file ──read_on──▶ reading ahead ──marks──▶ store
                            └─────▶ complaints
    store.gaps ──indices──▶ functions known by now ──Problem──▶ job ──Outcome──▶ store

A million lines take about a minute to be read, and the number of a function depends on all lines before it.
The marks spare a resume the reading of these.

Guarantees: as `generate`. Bad lines are complained of in their order, once a run, as far as it comes.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import BinaryIO

from asyncgen.jobs.generate import fill, missing
from asyncgen.jobs.lines import repeatable
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, RunSettings, failing_together
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import Complain
from asyncgen.problems.function_file import FunctionFile
from asyncgen.store import Store

_KEPT = 16  # marks stored at a time: about a second of reading
_MOMENT = 1.0  # seconds that pass without a word

log = logging.getLogger("asyncgen")


@contextmanager
def opened_functions(
    source: BinaryIO, name: str, complain: Complain, notice: Callable[[str], object]
) -> Iterator[FunctionFile]:
    """The functions of a file or a pipe, read up to the first. Raises UsageError if there is none."""
    with repeatable(source, name) as file:
        functions = FunctionFile(file, name, complain, notice)
        while not functions.known and not functions.ended:
            functions.read_on()
        if not functions.known:
            raise UsageError(f"{name} holds no function")
        yield functions


async def label_file(
    path: Path,
    functions: FunctionFile,
    settings: RunSettings | None = None,
    control: Control | None = None,
) -> Progress:
    """Label every function of a file into the store at `path`, filling the gaps there; as `generate`."""
    settings, control = settings or RunSettings(), control or Control()
    async with Store(path, functions.spec, settings.patience, control.stop) as store:
        reading = _Reading(functions, store)
        await reading.recall()
        begun = await reading.finds_missing(control.stop)
        tally = reading.tally = Tally(functions.most, await store.counts(0, functions.most))
        if not begun:
            await reading.to_the_end()
            return tally.snapshot("nothing")
        indices = range(functions.most)
        source = missing(store, functions, indices, reading.reach)
        async with failing_together() as group:
            ahead = group.create_task(reading.to_the_end())
            progress = await fill(store, Job(settings, tally, control), "label", indices, source)
            if progress.state == "stopped":
                ahead.cancel()
        return progress


class _Reading:
    """Reads a file, ahead of the job or for it, and keeps in the store how far it has come."""

    def __init__(self, functions: FunctionFile, store: Store) -> None:
        self._functions = functions
        self._store = store
        self._kept = 0  # marks
        self._news = asyncio.Event()
        self.tally: Tally | None = None  # is told how many functions there are at most

    async def recall(self) -> None:
        """Begin where the reading for an earlier run has ended."""
        marks = await self._store.marks()
        self._functions.recall(marks)
        self._kept = len(marks)

    async def finds_missing(self, stop: asyncio.Event) -> bool:
        """Read up to the first function without a row; False if every function has one."""
        async with aclosing(self._store.gaps(0, self._functions.most)) as gaps:
            gap = await anext(gaps, None)
        if gap is None:
            return False
        late = time.monotonic() + _MOMENT
        while not stop.is_set() and self._functions.known <= gap.start and not self._functions.settled:
            await self._read_on()
            if time.monotonic() > late:
                late = float("inf")
                log.warning("reading %s up to function %d, the first without a row", *self._where(gap.start))
        return stop.is_set() or self._functions.known > gap.start

    async def reach(self, index: int) -> int:
        """Wait until function number `index` is known, or all are; how many that is."""
        while self._functions.known <= index and not self._functions.settled:
            self._news.clear()
            await self._news.wait()
        return self._functions.known

    async def to_the_end(self) -> None:
        """Read every line. Whoever waits for a function goes on meanwhile."""
        while not self._functions.ended:
            await self._read_on()
        await self._keep(1)

    async def _read_on(self) -> None:
        self._functions.read_on()
        if self.tally is not None:
            self.tally.total = self._functions.most
        self._news.set()
        await self._keep(_KEPT)
        await asyncio.sleep(0)

    async def _keep(self, least: int) -> None:
        new = self._functions.marks[self._kept :]
        if len(new) >= least:
            await self._store.add_marks(new)
            self._kept += len(new)

    def _where(self, index: int) -> tuple[str, int]:
        return self._functions.name, index
