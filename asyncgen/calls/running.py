"""A call that was started, as its caller holds it: awaited, cancelled, and asked how far it is."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Generator
from typing import Any, Generic, TypeVar

from asyncgen.calls.events import CallProgress
from asyncgen.calls.stream import CallResult

MOST_KEPT = 16  # steps for those who come late

Value = TypeVar("Value")


class RunningCall(Generic[Value]):
    """What `start` returns. To await it is to wait for the value, as `run` does, any number of times.

    To iterate over it is to be told how far it is, from the last 16 steps on, until it has ended: several
    may, and whoever is slow misses steps. Nobody needs to: where nobody awaits it, its error is no complaint.

    To cancel it, or a task that awaits it, is to kill the call. A task that only iterates may be cancelled.
    """

    def __init__(self, work: Coroutine[Any, Any, CallResult[Any, Value]], steps: "Steps") -> None:
        self._steps = steps
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(steps.end)

    def keep_in(self, tasks: "set[asyncio.Task[Any]]") -> None:
        """Let its task be held there until it has ended. For the scheduler."""
        tasks.add(self._task)
        self._task.add_done_callback(tasks.discard)

    def __await__(self) -> Generator[Any, None, Value]:
        return self._value().__await__()

    async def _value(self) -> Value:
        result = await self._task
        try:
            return result.unwrap()
        finally:
            del result  # see unwrap

    def __aiter__(self) -> AsyncIterator[CallProgress]:
        return _Follower(self._steps)

    def cancel(self) -> bool:
        """Have the call killed; False if it has ended. Whoever awaits it is cancelled when it is dead."""
        return self._task.cancel()

    def done(self) -> bool:
        """Whether the call has ended, and nothing of it runs."""
        return self._task.done()


class Steps:
    """How far a call was, lately: the last steps that it has told."""

    def __init__(self) -> None:
        self._kept: deque[CallProgress] = deque(maxlen=MOST_KEPT)
        self._told = 0
        self._is_over = False
        self._news = asyncio.Event()  # never set for longer than it takes to wake who waits

    def add(self, step: CallProgress) -> None:
        """The call has come as far as this."""
        self._kept.append(step)
        self._told += 1
        self._wake()

    def end(self, task: "asyncio.Task[Any]") -> None:
        """The task of the call has ended. Its error is looked at, so that the loop complains of none."""
        if not task.cancelled():
            task.exception()
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news.clear()

    async def next_after(self, seen: int) -> tuple[int, CallProgress]:
        """Wait for a step behind so many; its number, and the step. Raises StopAsyncIteration at the end."""
        while seen == self._told:
            if self._is_over:
                raise StopAsyncIteration
            await self._news.wait()
        number = max(seen + 1, self._told - len(self._kept) + 1)
        return number, self._kept[number - self._told - 1]


class _Follower:
    """One iteration over the steps of a call."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._seen = 0

    def __aiter__(self) -> AsyncIterator[CallProgress]:
        return self

    async def __anext__(self) -> CallProgress:
        self._seen, step = await self._steps.next_after(self._seen)
        return step
