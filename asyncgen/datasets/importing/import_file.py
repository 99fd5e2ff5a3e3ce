"""A file that others have published into a store: each record a row, its answer checked.

    file ──Record──▶ batches ──▶ scheduler ──▶ worker: judge ──Judged, in order──▶ rows, table `forms`

Guarantees: every record of the file ends as exactly one row, whose index is its place there; rows are stored
    in the order of the file. So a stop, a crash or a kill loses at most what was under way, and the same
    import goes on behind the last row. Rows are the same whatever the number of workers. Memory does not
    grow with the file.
Assumes: whoever changes the file in mid-run changes its size or its time.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from asyncgen.calls.pickled import PickledOnce
from asyncgen.datasets.batches import MEMORY, in_batches, scheduler_settings, until
from asyncgen.datasets.importing.given_file import GivenFile
from asyncgen.datasets.importing.imported import Failure, Imported, ImportSettings, Sort, sort_of
from asyncgen.datasets.importing.imported_rows import ImportStore
from asyncgen.datasets.importing.judging import Judged, Limits, judge, load, unjudged
from asyncgen.datasets.importing.records import Record
from asyncgen.datasets.importing.sources import Asked, Source, source_of
from asyncgen.jobs.labelling import fate_of
from asyncgen.jobs.lines import repeatable
from asyncgen.jobs.machine import machine, versions
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import READING_VERSION, Spec
from asyncgen.scheduler import Scheduler
from asyncgen.sqlite.runs import Run
from asyncgen.store import RunInfo

_COMMAND = "import"  # of its runs
_BATCH = 20  # records of a call
_READ = 200  # records read at a time
_HELD = 500  # rows of a transaction, or ...
_SECONDS = 1.0  # those of so long


@dataclass(frozen=True, slots=True)
class Given:
    """A file that can be imported: its records, and the specification of the store that holds them."""

    file: GivenFile
    source: Source
    spec: Spec


@contextmanager
def opened(file: BinaryIO, name: str, asked: Asked | None = None) -> Iterator[Given]:
    """A file or a pipe, read once for its digest. Raises UsageError if there are no records in it."""
    with repeatable(file, name) as whole:
        given = GivenFile(whole, name)
        source = source_of(given, asked or Asked())
        answers = source.layout.answers
        yield Given(
            given, source, Spec(None, source=given.digest(), reading=READING_VERSION, answers=answers)
        )


async def import_file(
    path: Path, given: Given, settings: ImportSettings | None = None, stop: asyncio.Event | None = None
) -> Imported:
    """Import every record that has no row in the store at `path` yet.

    Once `stop` is set, no more records are begun; those under way are finished and stored. Raises UsageError
    (StoreError) where the store cannot serve, or its rows were imported under other limits.
    """
    settings = settings or ImportSettings()
    async with ImportStore(path, given.spec, stop=stop) as store:
        runs = [run for run in await store.runs() if run.info.command == _COMMAND]
        _check_limits(store.path, runs, settings.limits)
        job = _Job(store, given, settings)
        state: Literal["done", "stopped", "nothing"] = "nothing"
        if not any(run.how_ended == "done" for run in runs):
            state = await job.run(stop)
        sorts, failures = await store.sorts(), await _failures(store, settings)
    return Imported(state, job.stored, job.seconds, sorts, given.source.share, failures)


def _check_limits(path: Path, runs: Sequence[Run], limits: Limits) -> None:
    """Refuse to mix rows that were judged under different limits."""
    before = runs[-1].info.settings if runs else {}
    changed = [
        f"{name} was {before[name]} and is {value}"
        for name, value in _decisive(limits).items()
        if name in before and before[name] != value
    ]
    if changed:
        raise UsageError(
            f"the rows of {path} were imported under other limits: {'; '.join(changed)}. Repeat the earlier "
            "ones, or import into another store"
        )


def _decisive(limits: Limits) -> dict[str, Any]:
    return {
        "max_tokens": limits.max_tokens,
        "parse_cpu_seconds": limits.parse,
        "check_cpu_seconds": limits.check,
        "memory_limit_bytes": MEMORY,
    }


async def _failures(store: ImportStore, settings: ImportSettings) -> list[Failure]:
    """The first failures; all are told to whoever wants them."""
    first: list[Failure] = []
    async with aclosing(store.failures()) as failures:
        async for failure in failures:
            if len(first) < settings.shown:
                first.append(failure)
            elif settings.each is None:
                break
            if settings.each is not None:
                settings.each(failure)
    return first


class _Job:
    """An import under way: rows on their way into the store, and how many there are of each sort."""

    def __init__(self, store: ImportStore, given: Given, settings: ImportSettings) -> None:
        self.stored = 0
        self._store = store
        self._given = given
        self._settings = settings
        self._started = self._flushed = time.monotonic()
        self._sorts: Counter[Sort] = Counter()
        self._held: list[Judged] = []
        self._ended = False  # every record was read

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    async def run(self, stop: asyncio.Event | None) -> Literal["done", "stopped"]:
        """Import what is left, and note in the store how it ended."""
        last = await self._store.begin_forms()
        self._sorts.update(await self._store.sorts())
        said = {"file": self._given.file.name, "workers": self._settings.workers}
        said |= _decisive(self._settings.limits)
        run = await self._store.begin_run(RunInfo(_COMMAND, None, None, said, versions(), machine()))
        try:
            await self._judge(run, until(stop, self._records(last)))
        except BaseException:
            with suppress(Exception):  # the error itself matters more
                await self._store.end_run(run, "failed")
            raise
        how: Literal["done", "stopped"] = "done" if self._ended else "stopped"
        await self._store.end_run(run, how)
        return how

    async def _records(self, after: int) -> AsyncGenerator[Record, None]:
        records = self._given.source.records(after)
        while page := await asyncio.to_thread(lambda: list(islice(records, _READ))):
            self._given.file.check()
            for record in page:
                yield record
        self._given.file.check()
        self._ended = True

    async def _judge(self, run: int, records: AsyncGenerator[Record, None]) -> None:
        """Judge the records; what was judged is stored, however this ends."""
        layout, limits = self._given.source.layout, self._settings.limits
        function = PickledOnce(judge, layout=layout, limits=limits)
        preload = f"{load.__module__}:{load.__name__}"
        async with Scheduler(scheduler_settings(self._settings.workers, preload)) as scheduler:
            try:
                async with aclosing(
                    in_batches(scheduler, function, records, _BATCH, ordered=True)
                ) as batches:
                    async for batch in batches:
                        self._held += [self._judged(record, value) for record, value in batch]
                        if len(self._held) >= _HELD or time.monotonic() > self._flushed + _SECONDS:
                            await self._flush(run)
            finally:
                await self._flush(run)

    def _judged(self, record: Record, value: Judged | Exception) -> Judged:
        if not isinstance(value, Exception):
            return value
        return unjudged(record, self._given.source.layout, *fate_of(value))

    async def _flush(self, run: int) -> None:
        held, self._held = self._held, []
        if not held:
            return
        rows = await self._store.add_judged(run, held)
        self._flushed = time.monotonic()
        self.stored += len(rows)
        self._sorts.update(sort_of(row.status, row.reason) for row in rows)
        share = self._given.source.share
        self._settings.follow(Imported("running", self.stored, self.seconds, self._sorts, share))
