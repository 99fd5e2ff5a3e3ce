"""The values of a `map`: made on the loop's thread, waited for on another.

A result is handed over in a list of its own, which whoever takes it out leaves empty. So a value belongs to
the one who asked for it alone, whatever the two threads do at the moment.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from asyncgen.calls.errors import SchedulerClosed
from asyncgen.calls.stream import CallResult, Stream

T = TypeVar("T")

Handed = SimpleQueue[list[CallResult[Any, T]] | None]  # None for the end


async def hand_over(stream: Callable[[], Stream[Any, T]], handed: "Handed[T]") -> None:
    """Put the results of a stream into a queue, for another thread."""
    async with stream() as results:
        while True:
            try:
                handed.put([await anext(results)])
            except StopAsyncIteration:
                return


def values(
    count: int, handed: "Handed[T]", work: "Future[None]", timeout: float | None, check: Callable[[], None]
) -> Iterator[T]:
    """So many values; the first error is raised, and TimeoutError after so many seconds from now.

    `work` is what makes them, and is cancelled when they are asked for no longer. `check` raises where
    waiting would wait for ever.
    """
    end = None if timeout is None else time.monotonic() + timeout
    return _values(count, handed, work, end, check)


def _values(
    count: int, handed: "Handed[T]", work: "Future[None]", end: float | None, check: Callable[[], None]
) -> Iterator[T]:
    try:
        for _ in range(count):
            left = None if end is None else max(0.0, end - time.monotonic())
            if handed.empty() and left != 0:
                check()
            yield _next(handed, left, work)
    finally:
        work.cancel()


def _next(handed: "Handed[T]", left: float | None, work: "Future[None]") -> T:
    try:
        found = handed.get(timeout=left) if left != 0 else handed.get_nowait()
    except Empty:
        raise TimeoutError from None
    if found is None:  # it has ended before its time: this raises why
        work.result()
        raise SchedulerClosed("the scheduler was closed")
    return found.pop().unwrap()
