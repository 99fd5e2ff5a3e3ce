"""Statistics of sets of pairs: what a paper says of its data, and what it should say.

    store or file ──Pair──▶ batches ──▶ scheduler ──▶ worker: measure ──▶ counts in memory, digests on disk

Guarantees: memory does not grow with the number of pairs. Nothing is written but a temporary file.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from asyncgen.calls.cores import usable_cores
from asyncgen.datasets.batches import in_batches, scheduler_settings, until
from asyncgen.datasets.measuring.digests import COLUMNS, Digests
from asyncgen.datasets.measuring.measuring import Measure, load, measure
from asyncgen.datasets.measuring.pairs import Pair, Pairs
from asyncgen.datasets.measuring.statistics import Overlap, Summary
from asyncgen.jobs.labelling import fate_of
from asyncgen.problems.records import Status
from asyncgen.scheduler import Scheduler

SUCCEEDED = tuple(status for status in Status if status.success)

Batch = Sequence[tuple[Pair, Measure | str | Exception | None]]

_BATCH = 50  # pairs of a call
_REPORT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsSettings:
    """How statistics are made.

    statuses: of the rows that count as pairs, where the status is known. workers: processes. complain: is
    told of each line or row that is no pair. tell: how far it is, now and then.
    """

    statuses: Collection[Status] = SUCCEEDED
    workers: int = field(default_factory=usable_cores)
    complain: Callable[[str], object] = lambda line: None
    tell: Callable[[str], object] = lambda line: None


async def statistics(
    paths: Sequence[Path],
    overlap: Path | None = None,
    settings: StatsSettings | None = None,
    stop: asyncio.Event | None = None,
) -> list[Summary] | None:
    """A summary of each file, with what it has in common with another one; None if it was stopped.

    Raises UsageError (StoreError) for a file that is no set of pairs.
    """
    settings = settings or StatsSettings()
    named = [*paths, overlap] if overlap is not None else paths
    sets = [Pairs(path, settings.statuses, settings.complain) for path in named]
    preload = f"{load.__module__}:{load.__name__}"
    with Digests() as digests:
        async with Scheduler(scheduler_settings(settings.workers, preload)) as scheduler:
            job = _Job(scheduler, digests, settings, stop or asyncio.Event())
            summaries = [await job.summary(part, pairs) for part, pairs in enumerate(sets)]
        if stop is not None and stop.is_set():
            return None
        if overlap is not None:
            other = summaries.pop()
            for part, summary in enumerate(summaries):
                summary.overlap = await asyncio.to_thread(_overlap, digests, part, len(summaries), other)
    return summaries


def _overlap(digests: Digests, part: int, last: int, other: Summary) -> Overlap:
    by = (digests.shared(part, last, column) for column in ("form", "values"))
    return Overlap(other.name, other.pairs, *by)


class _Job:
    """The sets, one after the other, through the same workers."""

    def __init__(
        self, scheduler: Scheduler, digests: Digests, settings: StatsSettings, stop: asyncio.Event
    ) -> None:
        self._scheduler = scheduler
        self._digests = digests
        self._settings = settings
        self._stop = stop
        self._started = self._reported = time.monotonic()
        self._pairs = 0

    async def summary(self, part: int, pairs: Pairs) -> Summary:
        """What there is to know of a set, but for what it shares with others."""
        summary = Summary(str(pairs.path))
        async with aclosing(self._batches(pairs)) as batches:
            async for batch in batches:
                self._digests.add(part, self._measured(summary, pairs, batch))
                self._tell(summary)
        if not self._stop.is_set():
            summary.distinct = await asyncio.to_thread(
                lambda: {column: self._digests.distinct(part, column) for column in COLUMNS}
            )
        summary.rows, summary.bad = dict(sorted(pairs.rows.items())), pairs.bad
        return summary

    def _batches(self, pairs: Pairs) -> AsyncGenerator[Batch, None]:
        """In their order, so that what is wrong is told line by line."""
        return in_batches(self._scheduler, measure, until(self._stop, pairs.read()), _BATCH, ordered=True)

    def _measured(
        self, summary: Summary, pairs: Pairs, batch: Batch
    ) -> list[tuple[bytes, bytes, bytes, bytes]]:
        """Count a batch; the digests of its pairs."""
        found = []
        for pair, value in batch:
            if isinstance(value, Measure):
                summary.add(value)
                found.append((value.text, value.form, value.values, value.skeleton))
            elif isinstance(value, str):
                pairs.refuse(pair.place, value)
            elif value is not None:
                summary.unmeasured += 1
                self._settings.complain(f"{pair.place}: {': '.join(fate_of(value))}")
        self._pairs += len(batch)
        return found

    def _tell(self, summary: Summary) -> None:
        now = time.monotonic()
        if now >= self._reported + _REPORT_SECONDS:
            self._reported = now
            rate = self._pairs / (now - self._started)
            self._settings.tell(f"{summary.name}: {summary.pairs} pairs | {rate:.0f} pairs/s")
