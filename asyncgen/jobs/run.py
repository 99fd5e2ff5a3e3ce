"""One run of a job: problems from a source through workers into a store.

Guarantees: what was stored is what was counted; however the run ends, no process is left, and the store knows
    how it ended.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from asyncgen.calls.stream import CallResult
from asyncgen.jobs.labelling import outcome_of, scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.starvation import Starvation
from asyncgen.problems.records import Outcome, Problem
from asyncgen.problems.spec import Spec
from asyncgen.scheduler import Scheduler
from asyncgen.store import PATIENCE, Store

BATCH = 500  # rows
FLUSH_SECONDS = 1.0
_REPORT_SECONDS = 0.5
Problems = AsyncGenerator[Problem, None]
Write = Callable[[Sequence[Outcome]], Awaitable[object]]

log = logging.getLogger("asyncgen")
log.addHandler(logging.NullHandler())  # whoever embeds the job decides what is seen of it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a job runs: nothing here changes which problems there are. Seconds and rows.

    batch: rows of one transaction at most. flush_seconds: how long a row may wait for its transaction.
    max_time: stop (resumably) after so long.
    patience: how long other programs that have the store locked are waited for.
    new_limits: go on in a store that was filled under other limits.
    """

    limits: Limits = field(default_factory=Limits)
    workforce: Workforce = field(default_factory=Workforce)
    batch: int = BATCH
    flush_seconds: float = FLUSH_SECONDS
    max_time: float | None = None
    patience: float = PATIENCE
    new_limits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a caller follows a job and ends it.

    on_progress: called twice a second and at the end, on the loop's thread; an exception that it raises
    ends the job.
    stop: set it to end the job early and cleanly. No new problem is drawn then; those under way are finished
    and stored.
    say: is told in a line what is worth knowing besides.
    """

    on_progress: Callable[[Progress], None] = lambda progress: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    say: Callable[[str], object] = lambda text: None


class Batches:
    """Outcomes into transactions: one when a batch is full, or when its first row has waited long enough.

    An asynchronous context manager around `write`; leaving it writes what is left, however it is left. Each
    outcome is written at most once, in the order of arrival, one batch after the other; at most two batches
    are held. A failed write ends the job at once: it is raised by `add`, by leaving, or by the task group.
    Only after a failed write nothing more is tried: a disk or a lock would keep the job waiting for nothing.
    `size` in rows; `seconds` that a row may wait, after which it is written by a task of `group`.
    """

    def __init__(self, write: Write, size: int, seconds: float, group: asyncio.TaskGroup) -> None:
        self._write = write
        self._size = size
        self._seconds = seconds
        self._group = group
        self._rows: list[Outcome] = []
        self._timer: asyncio.TimerHandle | None = None  # stays, also when fired, until the rows are taken
        self._turn = asyncio.Lock()
        self._failed = False

    async def __aenter__(self) -> "Batches":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._flush()

    async def add(self, outcome: Outcome) -> None:
        """Take one row; returns when there is room for more. Raises what `write` raised."""
        self._rows.append(outcome)
        if len(self._rows) >= self._size:
            await self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._due)

    def _due(self) -> None:
        self._group.create_task(self._flush())

    async def _flush(self) -> None:
        async with self._turn:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            rows, self._rows = self._rows, []
            if rows and not self._failed:
                self._failed = True  # until it has not
                await self._write(rows)
                self._failed = False


class Job:
    """One run, until the source ends, a stop or the time limit.

    `spec` is that of the problems, where they come from one: it says what workers must know besides.
    `scheduler` is one that is open and stays so, with `scheduler_settings` of the same limits and
    specification; without, a run has one of its own.
    """

    def __init__(
        self,
        settings: RunSettings,
        tally: Tally,
        control: Control,
        spec: Spec | None = None,
        scheduler: Scheduler | None = None,
    ) -> None:
        self.settings = settings
        self._tally = tally
        self._on_progress = control.on_progress
        self._stop = control.stop
        self._spec = spec
        self._lent = scheduler
        self._time_is_up = False

    async def run(self, store: Store, run: int, source: Problems, write: Write) -> Progress:
        """Do the work, and note in the store how it ended."""
        try:
            progress = await self.label(source, write)
        except BaseException as error:
            log.error("run %d ended early: %r", run, error)
            with contextlib.suppress(Exception):  # the error itself matters more
                await store.end_run(run, "failed")
            raise
        await store.end_run(run, "done" if progress.state == "done" else "stopped")
        log.info("run %d: %s, %d rows stored", run, progress.state, progress.stored)
        return progress

    async def label(self, source: Problems, write: Write, ordered: bool = False) -> Progress:
        """Do the work, whatever `write` does with the outcomes; if `ordered`, in the order of the source."""
        workforce = self.settings.workforce
        solve = solver(self.settings.limits, self._spec)
        problems, starvation = self._until_stopped(source), Starvation(workforce.workers)
        async with contextlib.aclosing(problems), self._scheduler() as scheduler:
            async with (
                # Each row alone: rows take too different times, and a stop finishes what has begun only.
                scheduler.stream(
                    solve, problems, inflight=workforce.inflight, ordered=ordered, chunk=1
                ) as results,
                failing_together() as group,
                self._reporting(scheduler, group),
                self._batches(write, group) as batches,
            ):
                async for result in results:
                    _note(result)
                    outcome = outcome_of(result)
                    starvation.note(outcome)
                    await batches.add(outcome)
            progress = self._tally.snapshot(
                "done" if self._tally.complete else "stopped", scheduler.statistics
            )
        self._on_progress(progress)
        return progress

    def _scheduler(self) -> contextlib.AbstractAsyncContextManager[Scheduler]:
        if self._lent is not None:
            return contextlib.nullcontext(self._lent)
        return Scheduler(scheduler_settings(self.settings.limits, self.settings.workforce, self._spec))

    def _batches(self, write: Write, group: asyncio.TaskGroup) -> Batches:
        async def store_and_count(outcomes: Sequence[Outcome]) -> None:
            await write(outcomes)
            self._tally.add(outcomes)

        return Batches(store_and_count, self.settings.batch, self.settings.flush_seconds, group)

    async def _until_stopped(self, source: Problems) -> Problems:
        async with contextlib.aclosing(source):
            async for problem in source:
                if self._time_is_up or self._stop.is_set():
                    return
                yield problem

    @contextlib.asynccontextmanager
    async def _reporting(self, scheduler: Scheduler, group: asyncio.TaskGroup) -> AsyncIterator[None]:
        """Call the progress callback regularly, and draw no more problems when the time is up."""
        reports = group.create_task(self._report(scheduler))
        limit = self.settings.max_time
        timer = asyncio.get_running_loop().call_later(limit, self._end) if limit is not None else None
        try:
            yield
        finally:
            reports.cancel()
            if timer is not None:
                timer.cancel()

    def _end(self) -> None:
        self._time_is_up = True

    async def _report(self, scheduler: Scheduler) -> None:
        while True:
            self._on_progress(self._tally.snapshot("running", scheduler.statistics))
            await asyncio.sleep(_REPORT_SECONDS)


@contextlib.asynccontextmanager
async def failing_together() -> AsyncIterator[asyncio.TaskGroup]:
    """A group of tasks that fails with the body: the first error ends both, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _note(result: CallResult[Problem, Outcome]) -> None:
    if result.error is not None:
        log.info("problem %d (%s): %s", result.item.index, result.item.prefix, result.error)
