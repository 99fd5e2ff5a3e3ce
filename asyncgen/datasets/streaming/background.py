"""An asynchronous generator that runs ahead in a thread of its own, for a program that is not asynchronous.

    generator ──items──▶ queue, bounded ═════▶ next()
    (event loop, its thread)                   (the program's thread)

Guarantees: what the generator raises is raised by `next`, after the items before it. When nobody holds this
    any more, when it is closed, or when the program ends, the generator is closed and its thread ends.
"""

import asyncio
import os
import threading
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import aclosing, suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

from asyncgen.calls import loop_thread

T = TypeVar("T")
V = TypeVar("V")
Items = Callable[[], AsyncGenerator[T, None]]


class _End(NamedTuple):
    """Follows the last item: what the generator raised."""

    error: BaseException | None


class _Server(NamedTuple, Generic[T]):
    """What serves the items in its thread."""

    loop: asyncio.AbstractEventLoop
    task: "asyncio.Task[None]"
    items: "asyncio.Queue[T | _End]"


class Background(Iterator[T]):
    """The items of a generator, at most `ahead` of them made before they are asked for."""

    def __init__(self, items: Items[T], ahead: int) -> None:
        opened: SimpleQueue[_Server[T] | BaseException] = SimpleQueue()
        self._thread = loop_thread.start(partial(_serve, items, ahead, opened), "asyncgen-stream", opened.put)
        server = opened.get()
        if isinstance(server, BaseException):
            raise server
        self._server = server
        self._ready: deque[T | _End] = deque()
        self._taking: Future[list[T | _End]] | None = None
        self._process = os.getpid()
        self._end = weakref.finalize(self, loop_thread.cancel, server.loop, server.task)
        self._end.atexit = False  # by then the thread has ended

    def __next__(self) -> T:
        if self._process != os.getpid():
            raise RuntimeError("this iteration belongs to another process: iterate anew in this one")
        while not self._ready:
            self._ready.extend(self._taken())
        item = self._ready.popleft()
        if not isinstance(item, _End):
            return item
        self._ready.append(item)
        if item.error is not None:
            raise item.error
        raise StopIteration

    def _taken(self) -> "list[T | _End]":
        if self._taking is None:
            self._taking = self.run(_take(self._server.items))
        taken = self._taking.result()  # what interrupts this loses nothing: the next call goes on waiting
        self._taking = None
        return taken

    def run(self, job: Coroutine[Any, Any, V]) -> "Future[V]":
        """Run something in the thread of the generator. It is cancelled where this is closed."""
        return asyncio.run_coroutine_threadsafe(job, self._server.loop)

    def close(self) -> None:
        """Close the generator, and return when it is. In a process forked off later it does nothing."""
        if self._process != os.getpid():
            return
        self._end()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._ready.clear()
        self._ready.append(_End(None))


# -- in the thread -------------------------------------------------------------------------------------


async def _serve(items: Items[T], ahead: int, opened: "SimpleQueue[_Server[T] | BaseException]") -> None:
    queue: asyncio.Queue[T | _End] = asyncio.Queue(ahead)
    task = asyncio.current_task()
    assert task is not None
    opened.put(_Server(asyncio.get_running_loop(), task, queue))
    error: BaseException | None = None
    try:
        async with aclosing(items()) as generator:
            async for item in generator:
                await queue.put(item)
    except Exception as raised:
        error = raised
    await queue.put(_End(error))
    await asyncio.Event().wait()  # until this is closed


async def _take(items: "asyncio.Queue[T | _End]") -> list[T | _End]:
    """Wait for an item, and take all that are there."""
    taken = [await items.get()]
    with suppress(asyncio.QueueEmpty):
        while True:
            taken.append(items.get_nowait())
    return taken
