"""Every row of the stores through workers into the working file, from where it was left.

    store ──Outcome──▶ selection ──Task──▶ scheduler ──Marked──▶ batch ──▶ working file

Guarantees: batches are stored in the order of the rows, so that the place behind them is exact; memory does
    not grow with rows. A row that kills its worker, or takes too long, is tried alone, then without its
    derivation, if one is wanted, and then goes by its text.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import NamedTuple

from asyncgen.calls.errors import CallTimeout, MemoryLimitExceeded, WorkerDied
from asyncgen.calls.pickled import PickledOnce
from asyncgen.calls.stream import CallResult
from asyncgen.calls.waiting import finish
from asyncgen.datasets.batches import alone, scheduler_settings, values
from asyncgen.datasets.checking.checks import CheckedReader
from asyncgen.datasets.columns import packed
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.exporting.sources import Source
from asyncgen.datasets.exporting.working import Batch, Kept, WorkingFile
from asyncgen.datasets.marking import (
    PRELOAD,
    PRELOAD_FOR_STEPS,
    Marked,
    Task,
    mark,
    mark_by_text,
    task_of,
)
from asyncgen.problems.records import Outcome
from asyncgen.scheduler import Scheduler

CHUNK = 200  # rows of one call: about 0.1 s
CHUNK_WITH_STEPS = 20  # about 0.5 s; within the limit of a call even if each row takes all its CPU seconds
_MOST_READ = 5000  # rows read for one call, where hardly any is wanted
_TOGETHER = 10  # calls whose rows go into one transaction, at most
_TIMEOUT = 300.0  # seconds for a call; the marks of each row have a limit in CPU seconds, far below
_ALONE = 60.0  # seconds for a row that is tried alone

OnRead = Callable[[int], None]  # is told how many rows were read since the last time
Tasks = list[Task]
Answer = Sequence[Marked | str]


class _Chunk(NamedTuple):
    """Rows for one call, and how far the store was read for them."""

    spec: str
    store: int
    next: int
    read: int
    rows: Sequence[Outcome]
    left_out: Counter[str]


class Scan:
    """One way through stores; `stop` ends it early, after what is under way."""

    def __init__(self, working: WorkingFile, request: Request, stop: asyncio.Event) -> None:
        self._working = working
        self._selection = request.selection
        self._wanted = request.wanted
        self._has_steps = request.has_steps
        self._chunk = CHUNK_WITH_STEPS if self._has_steps else CHUNK
        self._mark: Callable[[Sequence[Task]], Answer] = PickledOnce(mark, wanted=self._wanted)
        self._stop = stop
        self._under_way: deque[_Chunk] = deque()
        self._found: list[Batch] = []

    async def run(self, sources: Sequence[Source], workers: int, on_read: OnRead) -> None:
        """Read on in each store to its end, or until the stop."""
        if all(self._working.place(number)[1] == source.rows for number, source in enumerate(sources)):
            return
        preload = (*PRELOAD, *PRELOAD_FOR_STEPS) if self._has_steps else PRELOAD
        settings = scheduler_settings(workers, *preload, seconds=_TIMEOUT)
        tasks = self._tasks(sources)
        async with contextlib.aclosing(tasks), Scheduler(settings) as scheduler:
            async with scheduler.stream(self._mark, tasks, ordered=True, chunk=1) as results:
                async for result in results:
                    answer = await self._answer(scheduler, result)
                    self._found.append(self._batch(self._under_way.popleft(), answer))
                    if len(self._found) == _TOGETHER:
                        await self._flush(on_read)
            await self._flush(on_read)

    async def _tasks(self, sources: Sequence[Source]) -> AsyncGenerator[Tasks, None]:
        """What workers are to do, one call after the other; each has its chunk under way."""
        for number, source in enumerate(sources):
            async with contextlib.aclosing(self._chunks(number, source)) as chunks:
                async for chunk in chunks:
                    self._under_way.append(chunk)
                    yield [task_of(row, self._selection, self._has_steps) for row in chunk.rows]
                    if self._stop.is_set():
                        return

    async def _chunks(self, store: int, source: Source) -> AsyncGenerator[_Chunk, None]:
        """The rows of a store that are wanted, from where it was left."""
        next_index, _ = self._working.place(store)
        rows: list[Outcome] = []
        read, left_out = 0, Counter[str]()
        async with (
            CheckedReader(source.path) as reader,
            contextlib.aclosing(reader.rows(start=next_index)) as every,
        ):
            async for row in every:
                read, next_index = read + 1, row.index + 1
                if (reason := self._selection.reason(row)) is None:
                    rows.append(row)
                else:
                    left_out[reason] += 1
                if len(rows) == self._chunk or read == _MOST_READ:
                    rows = await self._holding(source, reader, rows, left_out)
                    yield _Chunk(source.digest, store, next_index, read, rows, left_out)
                    rows, read, left_out = [], 0, Counter()
            rows = await self._holding(source, reader, rows, left_out)
        if read:
            yield _Chunk(source.digest, store, next_index, read, rows, left_out)

    async def _holding(
        self, source: Source, reader: CheckedReader, rows: list[Outcome], left_out: Counter[str]
    ) -> list[Outcome]:
        """The rows that have failed no check; the others are counted."""
        if not rows or not source.failed:
            return rows
        failed = await reader.failed_between(rows[0].index, rows[-1].index + 1)
        left_out["failed a check"] += len(failed.intersection(row.index for row in rows))
        return [row for row in rows if row.index not in failed]

    async def _answer(self, scheduler: Scheduler, result: CallResult[Tasks, Answer]) -> Answer:
        """What was worked out for each row of a call, whatever became of the worker."""
        found = await values(scheduler, self._mark, result, _ALONE)
        return [
            await self._without(scheduler, task, value) if isinstance(value, Exception) else value
            for task, value in zip(result.item, found, strict=True)
        ]

    async def _without(self, scheduler: Scheduler, task: Task, error: Exception) -> Marked | str:
        """What can be had of a row that ended its worker: its marks alone, or those of its text."""
        if not isinstance(error, CallTimeout | MemoryLimitExceeded | WorkerDied):
            raise error
        if task.verdict is None:
            return mark_by_text(task, self._wanted)
        less = task._replace(verdict=None)
        found = await alone(scheduler, self._mark, less, _ALONE)
        return await self._without(scheduler, less, found) if isinstance(found, Exception) else found

    def _batch(self, chunk: _Chunk, answer: Answer) -> Batch:
        kept, left_out, by_text = [], chunk.left_out, 0
        for row, found in zip(chunk.rows, answer, strict=True):
            if isinstance(found, str):
                left_out[found] += 1
            else:
                by_text += found.by_text
                kept.append(self._kept(row, found, chunk.spec))
        return Batch(chunk.store, chunk.next, chunk.read, kept, left_out, by_text)

    def _kept(self, row: Outcome, found: Marked, spec: str) -> Kept:
        shown = self._selection.shown(row)._replace(answer_prefix=found.answer)
        columns = packed(
            shown,
            spec=spec,
            input=found.source,
            output=found.target,
            form_mark=found.form.hex(),
            values_mark=found.values.hex(),
            steps=found.steps,
        )
        kept = Kept(found.form, found.values, found.tokens, row.problem_prefix, columns)
        if found.skeletons is None:
            return kept
        published, own = found.skeletons
        return kept._replace(part_by=published, values_mark=found.values, skeleton_mark=own)

    async def _flush(self, on_read: OnRead) -> None:
        batches, self._found = self._found, []
        await finish(asyncio.to_thread(self._working.add, batches))
        on_read(sum(batch.read for batch in batches))
