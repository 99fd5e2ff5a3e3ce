"""Rows through worker processes in batches.

A batch that fails is tried again row by row, so that one bad row costs no other.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from asyncgen.calls.settings import Settings
from asyncgen.scheduler import Scheduler

MEMORY = 1 << 30  # bytes of a worker
_CALLS = 500  # batches after which a worker is replaced
_BATCH_SECONDS = 60.0  # of wall clock for a batch
_ROW_SECONDS = 20.0  # and for a row alone
_PATIENCE = 86400.0  # seconds for which a machine is waited for that can start no process

Row = TypeVar("Row")
Value = TypeVar("Value")


def scheduler_settings(workers: int, preload: str) -> Settings:
    """Settings of a scheduler for batches; `preload` names a function that imports what they need."""
    return Settings(
        workers=workers,
        timeout=_BATCH_SECONDS,
        memory_limit=MEMORY,
        calls_per_worker=_CALLS,
        preload=(preload,),
        start_patience=_PATIENCE,
    )


async def in_batches(
    scheduler: Scheduler,
    function: Callable[[Sequence[Row]], Sequence[Value]],
    rows: AsyncIterable[Row],
    size: int,
    ordered: bool = False,
) -> AsyncGenerator[list[tuple[Row, Value | Exception]], None]:
    """Each row with what the function gives for it, or with what became of its worker.

    The function is given several rows, and gives a value for each. Unless `ordered`, in any order.
    """
    async with (
        aclosing(_cut(rows, size)) as batches,
        scheduler.stream(function, batches, ordered=ordered) as results,
    ):
        async for result in results:
            if result.value is not None:
                yield list(zip(result.item, result.value, strict=True))
            elif len(result.item) == 1:
                yield [(result.item[0], result.error or RuntimeError("no answer"))]
            else:
                for row in result.item:
                    yield [(row, await _alone(scheduler, function, row))]


async def _alone(
    scheduler: Scheduler, function: Callable[[Sequence[Row]], Sequence[Value]], row: Row
) -> Value | Exception:
    result = await scheduler.call(row, function, ([row],), _ROW_SECONDS)
    return result.value[0] if result.value is not None else result.error or RuntimeError("no answer")


async def _cut(rows: AsyncIterable[Row], size: int) -> AsyncGenerator[list[Row], None]:
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def until(stop: asyncio.Event | None, rows: AsyncGenerator[Row, None]) -> AsyncGenerator[Row, None]:
    """The rows, none after `stop` is set."""
    async with aclosing(rows):
        async for row in rows:
            if stop is not None and stop.is_set():
                return
            yield row
