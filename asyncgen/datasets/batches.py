"""Rows through worker processes in batches.

A batch that fails is tried again row by row, so that one bad row costs no other.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from asyncgen.calls.options import Options
from asyncgen.calls.settings import Settings, in_processes
from asyncgen.calls.stream import CallResult
from asyncgen.scheduler import Scheduler

MEMORY = 1 << 30  # bytes of a worker
_CALLS = 500  # batches after which a worker is replaced
_BATCH_SECONDS = 60.0  # of CPU for a batch, where nobody says how many
_ROW_SECONDS = 20.0  # and for a row alone
_PATIENCE = 86400.0  # seconds for which a machine is waited for that can start no process

Row = TypeVar("Row")
Value = TypeVar("Value")


def scheduler_settings(workers: int, *preload: str, seconds: float = _BATCH_SECONDS) -> Settings:
    """Settings of a scheduler for batches of so many CPU seconds.

    `preload` names modules that they need, or functions that import what they need.
    """
    return Settings(
        workers=in_processes(workers),
        cpu_limit=seconds,
        memory_limit=MEMORY,
        calls_per_worker=_CALLS,
        preload=preload,
        environment={"PYTHONHASHSEED": "0"},  # what is worked out is the same in each process
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
        scheduler.stream(function, batches, ordered=ordered, chunk=1) as results,
    ):
        async for result in results:
            found = await values(scheduler, function, result)
            yield list(zip(result.item, found, strict=True))


async def values(
    scheduler: Scheduler,
    function: Callable[[Sequence[Row]], Sequence[Value]],
    result: CallResult[list[Row], Sequence[Value]],
    seconds: float = _ROW_SECONDS,
) -> list[Value | Exception]:
    """What the function gave for each row of a batch, or gives when the row is tried alone."""
    if result.value is not None:
        return list(result.value)
    if len(result.item) == 1:
        return [result.error or RuntimeError("no answer")]
    return [await alone(scheduler, function, row, seconds) for row in result.item]


async def alone(
    scheduler: Scheduler, function: Callable[[Sequence[Row]], Sequence[Value]], row: Row, seconds: float
) -> Value | Exception:
    """What the function gives for a row in so many CPU seconds, or what became of its worker."""
    result = await scheduler.call(row, function, ([row],), Options(cpu_limit=seconds))
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
