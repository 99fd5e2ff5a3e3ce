"""Every answer of a store checked again: other points, and more of them.

    store ──Answer──▶ batches ──▶ scheduler ──▶ worker: recheck ──Finding──▶ the table `checks`

Guarantees: the rows are left as they are. What was found is kept: the same check after a stop or a kill goes
    on with the rows that are left.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.pickled import PickledOnce
from asyncgen.datasets.batches import in_batches, scheduler_settings, until
from asyncgen.datasets.checking.checks import Checking, CheckingStore
from asyncgen.datasets.checking.recheck import Again, Answer, Finding, load, recheck
from asyncgen.jobs.labelling import fate_of
from asyncgen.scheduler import Scheduler
from asyncgen.sqlite.runs import Clock
from asyncgen.store import Reader

ERRORS = (Again.REFUTED, Again.UNREADABLE)  # for one of them, the exit status is 1
SHOWN = 20  # rows that failed, where not all are asked for

_BATCH = 10  # rows of a call
_HELD = 500  # findings of a transaction, or ...
_SECONDS = 1.0  # those of so long


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a check is. `verdicts` counts all rows that were checked so, earlier ones too."""

    state: Literal["running", "done", "stopped"]
    total: int  # rows that are to be checked by this call
    checked: int
    seconds: float
    verdicts: Mapping[str, int]
    failed: Sequence[tuple[int, str, str | None]] = ()  # index, verdict, reason

    @property
    def refuted(self) -> int:
        """How many answers hold nowhere, or are no functions."""
        return sum(self.verdicts.get(name, 0) for name in ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How a check runs.

    workers: processes. shown: how many rows that failed are named in the end; None for all. follow: told now
    and then how far it is.
    """

    workers: int = field(default_factory=usable_cores)
    shown: int | None = SHOWN
    follow: Callable[[Checked], object] = lambda checked: None


async def check(
    path: Path,
    how: Checking | None = None,
    settings: CheckSettings | None = None,
    stop: asyncio.Event | None = None,
) -> Checked:
    """Check the answers of a store that were not checked like this yet.

    Once `stop` is set, no more rows are begun; those under way are finished, and what was found is stored.
    Raises as a Store does.
    """
    how, settings = how or Checking(), settings or CheckSettings()
    async with Reader(path) as reader:
        spec = await reader.spec()
    async with CheckingStore(path, spec, stop=stop) as store:
        await store.make_checks()
        job = _Job(store, how, await store.count_unchecked(how), settings.follow)
        if job.total:
            await job.run(until(stop, store.unchecked(how)), settings.workers)
        verdicts, failed = await store.verdicts(how), await store.failed(how, settings.shown)
    state: Literal["done", "stopped"] = "done" if job.checked == job.total else "stopped"
    return Checked(state, job.total, job.checked, job.seconds, verdicts, failed)


class _Job:
    """A check under way: findings on their way into the store, and how many there are."""

    def __init__(
        self, store: CheckingStore, how: Checking, total: int, follow: Callable[[Checked], object]
    ) -> None:
        self.total = total
        self.checked = 0
        self._store = store
        self._how = how
        self._follow = follow
        self._clock = Clock()
        self._started = self._stored = time.monotonic()
        self._counts: Counter[str] = Counter()
        self._held: list[tuple[Answer, Finding]] = []

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    async def run(self, rows: AsyncGenerator[Answer, None], workers: int) -> None:
        """Check the rows; what was found is stored, however this ends."""
        function = PickledOnce(recheck, seed=self._how.seed, points=self._how.points)
        preload = f"{load.__module__}:{load.__name__}"
        async with Scheduler(scheduler_settings(workers, preload)) as scheduler:
            try:
                async with aclosing(in_batches(scheduler, function, rows, _BATCH)) as batches:
                    async for batch in batches:
                        self._held += [(row, _finding(value)) for row, value in batch]
                        if len(self._held) >= _HELD or time.monotonic() > self._stored + _SECONDS:
                            await self._store_held()
            finally:
                await self._store_held()

    async def _store_held(self) -> None:
        held, self._held = self._held, []
        if not held:
            return
        await self._store.add_checks(self._how, held, self._clock)
        self._stored = time.monotonic()
        self.checked += len(held)
        self._counts.update(str(finding.verdict) for _, finding in held)
        self._follow(Checked("running", self.total, self.checked, self.seconds, self._counts))


def _finding(value: Finding | Exception) -> Finding:
    return Finding(*fate_of(value)) if isinstance(value, Exception) else value
