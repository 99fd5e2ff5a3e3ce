"""Collects outcomes into batches: one transaction when a batch is full, or when its first row waited enough.

Guarantees: each outcome is written at most once, in the order of arrival, one batch after the other; at most
    two batches are held. A failed write ends the job at once: it is raised by `add`, by leaving, or by the
    task group.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from asyncgen.records import Outcome

Write = Callable[[Sequence[Outcome]], Awaitable[object]]


class Batches:
    """An asynchronous context manager around `write`; leaving it writes what is left, however it is left.

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
