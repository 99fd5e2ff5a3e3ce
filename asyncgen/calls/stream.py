"""A stream of calls over a source of items: bounded, as completed or in order, clean to leave at any time."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from asyncgen.calls.chunks import Chunks
from asyncgen.calls.drawing import drawer
from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.waiting import finish

_PACKETS_AHEAD = 4  # for each worker, of items drawn and not yet consumed
_TURN = 100  # items drawn between two turns of the loop, at most

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


result_of: Callable[[tuple[Any, ...]], CallResult[Any, Any]] = partial(
    tuple.__new__, CallResult
)  # in less time
Deliver = Callable[[int, CallResult[Any, Any]], object]
Leave = Callable[[Sequence[int]], object]


class Made(NamedTuple):
    """What became of a packet: the places of items that are left over in the end, and how long it took."""

    left_over: Sequence[int]
    seconds: float


class Maker(Protocol):
    """What makes the calls of a stream."""

    async def make(self, items: Sequence[Any], deliver: Deliver, leave: Leave) -> Made:
        """Make the calls of these items; `deliver` is called with the place and the result of each.

        `leave` is called with the places of items that others are to make at once.
        """
        ...


class Runners(Generic[Item, Value]):
    """What works for a stream: a task that draws items, and tasks that make the calls and queue the results.

    They hold no reference to the stream itself, so that one that nobody holds any more ends them.
    """

    def __init__(
        self,
        maker: Maker,
        source: Iterable[Item] | AsyncIterable[Item],
        chunks: Chunks,
        workers: int,
        inflight: int | None,
    ) -> None:
        self._maker = maker
        self._source = source
        self._chunks = chunks
        self._workers = workers
        self._inflight = inflight
        self._ready: deque[tuple[int, Item]] = deque()  # drawn, each with its number from 0
        self._items = asyncio.Event()  # set while there may be some
        self._room = asyncio.Event()  # set while more may be drawn
        self._room.set()
        self.results: deque[CallResult[Item, Value]] = deque()
        self._news = asyncio.Event()
        self._is_awaited = False  # whether somebody may wait for news
        self._tasks: list[asyncio.Task[None]] = []
        self._left = 0  # tasks that have not ended
        self._exhausted = False
        self._is_stopped = False
        self._why: Exception | None = None  # it was stopped before its end
        self._open = 0  # items drawn and not yet consumed
        self._wanted = 0  # items for which runners wait
        self._packets = 0  # of several items, under way: some of these may come back
        self._drawn = 0
        self._since_turn = 0  # items drawn since the loop has turned

    @property
    def _bound(self) -> int:
        """Items that may be drawn and not yet consumed."""
        return self._inflight or _PACKETS_AHEAD * self._workers * self._chunks.size

    def start(self, on_end: Callable[["Runners[Any, Any]"], object], spare: int = 0) -> None:
        """Begin to draw and to call; `on_end` is called when no task is left.

        With a `spare` runner, one waits for its turn while all others are at work: so the stream keeps its
        place among other users.
        """
        loop = asyncio.get_running_loop()
        self._on_end = on_end
        runners = min(self._workers + spare, self._inflight or self._workers + spare)
        works = [self._draw(), *(self._run() for _ in range(runners))]
        self._tasks = [loop.create_task(work) for work in works]
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
        while not self.results:
            if self.done:
                await self._end()
            self._news.clear()
            self._is_awaited = True
            await self._news.wait()
            self._is_awaited = False
        return self.taken()

    def taken(self) -> CallResult[Item, Value]:
        """The first result that has come, of which there is one."""
        self._open -= 1
        if self._wanted:
            self._tell_room()
        return self.results.popleft()

    def _tell_room(self) -> None:
        """Have more drawn where a runner waits, and there is room for a packet, a small one if need be."""
        if not self._room.is_set():
            bound = self._bound
            if self._open + min(self._chunks.size, max(1, bound // (2 * self._workers))) <= bound:
                self._room.set()

    def stop(self, why: Exception | None = None) -> None:
        """Stop drawing, and have the calls under way killed; who goes on to wait for results is told why."""
        self._exhausted = self._is_stopped = True
        self._why = self._why or why
        self._ready.clear()
        self._room.set()
        for task in self._tasks:
            task.cancel()
        self._items.set()  # for one whose cancelling met its answer: it comes round and sees the end

    async def aclose(self, why: Exception | None = None) -> None:
        """Stop, and wait until the calls under way are gone."""
        self.stop(why)
        await finish(asyncio.gather(*self._tasks, return_exceptions=True))

    def check_not_inside(self, what: str) -> None:
        """Raise SchedulerError if the source is what runs now: closing `what` would wait for itself."""
        if asyncio.current_task() in self._tasks:
            raise SchedulerError(
                f"the source of a stream cannot close {what}, which would wait for it: let it end instead"
            )

    # -- drawing -------------------------------------------------------------------------------------

    async def _draw(self) -> None:
        """Draw items, while runners wait for some and there is room, until the end."""
        try:
            draw = drawer(self._source, self._take)
            while (count := await self._wanting()) and await draw(count):
                pass
        finally:
            self._exhausted = True
            self._items.set()  # so that the runners come round and see it

    async def _wanting(self) -> int:
        """Wait until items are to be drawn; how many, 0 where none is any more. The loop turns at times."""
        if self._since_turn >= _TURN:
            self._since_turn = 0
            await asyncio.sleep(0)
        while not self._exhausted:
            count = min(self._bound - self._open, self._wanted - len(self._ready), _TURN - self._since_turn)
            if count > 0:
                return count
            self._room.clear()
            await self._room.wait()
        return 0

    def _take(self, items: Sequence[Item]) -> None:
        """Have items called for."""
        self._ready.extend(enumerate(items, self._drawn))
        self._drawn += len(items)
        self._open += len(items)
        self._since_turn += len(items)
        self._items.set()

    # -- calling -------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            while await self._step():
                pass
        except Exception:  # there will be no slot any more
            self.stop()
            raise

    async def _step(self) -> bool:
        """Make the calls of the next packet; return whether there was one. Nothing of it is kept."""
        batch = await self._batch()
        if batch:
            await self._make(batch)
        return bool(batch)

    async def _batch(self) -> list[tuple[int, Item]]:
        """Wait for items, and take those of the next packet; none when there will be none."""
        size = self._chunks.size
        self._wanted += size
        try:
            while not self._ready:
                if self._exhausted and not self._packets:
                    return []
                self._tell_room()
                self._items.clear()
                await self._items.wait()
        finally:
            self._wanted -= size
        return [self._ready.popleft() for _ in range(min(size, len(self._ready)))]

    async def _make(self, batch: Sequence[tuple[int, Item]]) -> None:
        made = len(batch)

        def leave(places: Sequence[int]) -> None:
            nonlocal made
            made -= len(places)
            self._ready.extendleft(batch[place] for place in reversed(places))
            self._items.set()

        items, several = [item for _, item in batch], len(batch) > 1
        self._packets += several
        try:
            left_over, seconds = await self._maker.make(items, self._receiver(batch), leave)
        finally:
            self._packets -= several
        leave(left_over)
        if made:
            self._chunks.learn(made, seconds)
            self._tell_room()  # larger packets may be drawn farther ahead

    def _receiver(self, batch: Sequence[tuple[int, Item]]) -> Deliver:
        """What takes in the results of these items, each of which was drawn as number so-and-so, from 0."""
        append, tell = self.results.append, self._news.set

        def deliver(place: int, result: CallResult[Any, Any]) -> None:
            append(result)
            if self._is_awaited:
                tell()

        return deliver

    async def _end(self) -> None:
        """All tasks are done: raise what stopped one or all of them, or StopAsyncIteration."""
        if self._why is not None:
            raise self._why
        for task in self._tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        if self._tasks[0].cancelled() and not self._is_stopped:
            raise SchedulerError("the source of the stream was cancelled, and so the stream ends early")
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

    def _receiver(self, batch: Sequence[tuple[int, Item]]) -> Deliver:
        def deliver(place: int, result: CallResult[Any, Any]) -> None:
            self._early[batch[place][0]] = result
            while self._next in self._early:
                self.results.append(self._early.pop(self._next))
                self._next += 1
            self._news.set()

        return deliver


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
        runners = self._runners
        return runners.taken() if runners.results else await runners.next()

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
