"""A stream of calls over a source of items: bounded, as completed or in order, clean to leave at any time."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Generic, NamedTuple, Self, TypeVar

from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.waiting import finish

Item = TypeVar("Item")
Value = TypeVar("Value")


class CallResult(NamedTuple, Generic[Item, Value]):
    """What became of one call: a value, or the error that it raised or met. Seconds of the whole call."""

    item: Item
    value: Value | None
    error: Exception | None
    cpu_seconds: float
    wall_seconds: float

    def unwrap(self) -> Value:
        """Return the value, or raise the error."""
        if self.error is not None:
            try:
                raise self.error
            finally:
                del self  # an exception that reached itself, through this frame, would outlive its handling
        return self.value  # type: ignore[return-value]


MakeCall = Callable[..., Awaitable[CallResult[Item, Value]]]


class Runners(Generic[Item, Value]):
    """What works for a stream: tasks that draw items, make the calls and queue the results.

    They hold no reference to the stream itself, so that one that nobody holds any more ends them.
    """

    def __init__(
        self,
        call: MakeCall[Item, Value],
        function: Callable[[Item], Value],
        source: Iterable[Item] | AsyncIterable[Item],
        bound: int,
        timeout: float | None,
    ) -> None:
        self._call = call
        self._function = function
        self._draw = _drawer(source)
        self._bound = bound
        self._timeout = timeout
        self._room = asyncio.Semaphore(bound)
        self._results: deque[CallResult[Item, Value]] = deque()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._left = 0  # tasks that have not ended
        self._exhausted = False
        self._drawn = 0

    def start(self, number: int, on_end: Callable[["Runners[Any, Any]"], object]) -> None:
        """Begin to draw and to call; `on_end` is called when no task is left."""
        loop = asyncio.get_running_loop()
        self._on_end = on_end
        self._tasks = [loop.create_task(self._run()) for _ in range(min(number, self._bound))]
        self._left = len(self._tasks)
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, _: "asyncio.Task[None]") -> None:
        self._left -= 1
        self._news.set()
        if self.done:
            self._on_end(self)

    @property
    def done(self) -> bool:
        """Whether no task is left."""
        return not self._left

    async def next(self) -> CallResult[Item, Value]:
        """Wait for a result. Raises what stopped the source, or StopAsyncIteration, after the last."""
        while not self._results:
            if self.done:
                await self._end()
            self._news.clear()
            await self._news.wait()
        self._room.release()
        return self._results.popleft()

    def stop(self) -> None:
        """Stop drawing, and have the calls under way killed."""
        self._exhausted = True
        for task in self._tasks:
            task.cancel()
            self._room.release()  # for one whose cancelling met its answer: it comes round and sees the end

    async def aclose(self) -> None:
        """Stop, and wait until the calls under way are gone."""
        self.stop()
        await finish(asyncio.gather(*self._tasks, return_exceptions=True))

    def check_not_inside(self, what: str) -> None:
        """Raise SchedulerError if the source is what runs now: closing `what` would wait for itself."""
        if asyncio.current_task() in self._tasks:
            raise SchedulerError(
                f"the source of a stream cannot close {what}, which would wait for it: let it end instead"
            )

    async def _run(self) -> None:
        try:
            while await self._step():
                pass
        finally:
            self._exhausted = True
            self._room.release()  # so that the other runners come round and see it

    async def _step(self) -> bool:
        """Draw one item, make the call and queue its result; return whether to go on."""
        await self._room.acquire()
        if self._over():
            return False
        try:
            item = await self._draw()
        except StopAsyncIteration:
            return False
        if self._over():
            return False
        number = self._drawn  # nothing has been awaited since this item came
        self._drawn += 1
        self._deliver(number, await self._call(item, self._function, (item,), self._timeout))
        self._news.set()
        return True

    def _deliver(self, number: int, result: CallResult[Item, Value]) -> None:
        """Take in the result of the item that was drawn as number so-and-so, from 0."""
        self._results.append(result)

    def _over(self) -> bool:
        return self._exhausted

    async def _end(self) -> None:
        """All tasks are done: raise what stopped one, or StopAsyncIteration."""
        for task in self._tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        raise StopAsyncIteration


class OrderedRunners(Runners[Item, Value]):
    """Runners whose results come in the order of the source.

    A result that is early waits for those before it. It counts as not yet consumed meanwhile: behind a call
    that hangs no more is drawn than the bound allows.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._early: dict[int, CallResult[Item, Value]] = {}
        self._next = 0

    def _deliver(self, number: int, result: CallResult[Item, Value]) -> None:
        self._early[number] = result
        while self._next in self._early:
            self._results.append(self._early.pop(self._next))
            self._next += 1


class Stream(Generic[Item, Value]):
    """An asynchronous iterator over CallResults, and an asynchronous context manager.

    An exception of the source is raised after the results of what it had given. When nobody holds the stream
    any more, it stops drawing, and its calls are killed.
    """

    def __init__(self, runners: Runners[Item, Value]) -> None:
        self._runners = runners
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[CallResult[Item, Value]]:
        return self

    async def __anext__(self) -> CallResult[Item, Value]:
        return await self._runners.next()

    async def aclose(self) -> None:
        """Stop drawing, kill the calls under way, and wait until they are gone.

        Raises SchedulerError inside the source, for whose end it would wait.
        """
        self._runners.check_not_inside("the stream")
        await self._runners.aclose()

    def __del__(self) -> None:
        # Perhaps in another thread, where the garbage collector happened to run.
        if not self._runners.done:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and the tasks will never run
                self._loop.call_soon_threadsafe(self._runners.stop)


def _drawer(
    source: Iterable[Any] | AsyncIterable[Any],
) -> Callable[[], Awaitable[Any]]:
    """Return a coroutine function that takes the next item, one caller at a time."""
    if isinstance(source, AsyncIterable):
        items, lock = aiter(source), asyncio.Lock()

        async def draw() -> Any:
            async with lock:
                return await anext(items)

        return draw
    iterator, missing = iter(source), object()

    async def draw_plain() -> Any:
        item = next(iterator, missing)
        if item is missing:
            raise StopAsyncIteration
        return item

    return draw_plain
