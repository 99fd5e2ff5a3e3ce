"""Waiting for what cannot be taken back: to its end, however often the task is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def finish(work: Awaitable[T]) -> T:
    """Await the work to its end; the cancelling of this task is raised after it.

    So a caller that sees CancelledError may rely on nothing being on its way any more. What the work then
    raised is dropped.
    """
    future = asyncio.ensure_future(work)
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    if not cancelled:
        return future.result()
    if not future.cancelled():
        future.exception()  # looked at: the loop would complain of an error that nobody has seen
    raise asyncio.CancelledError


async def insist(attempt: Callable[[], Awaitable[object]]) -> None:
    """Await `attempt()`, again after each cancelling of this task, until it has ended; then be cancelled.

    What it does must bear to be begun again.
    """
    task = asyncio.current_task()
    assert task is not None
    cancelled = False
    while True:
        asked_before = task.cancelling()
        try:
            await attempt()
            break
        except asyncio.CancelledError:
            if task.cancelling() == asked_before:  # it was cancelled itself, and would be again
                raise
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
