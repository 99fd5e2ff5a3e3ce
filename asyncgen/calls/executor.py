"""A scheduler as a `concurrent.futures.Executor`: submit from any thread, and cancelling kills.

    any thread ──submit──▶ queue ──▶ a task for each call, as many as workers ──▶ scheduler.call
    any thread ──map─────▶ a task for all items ──▶ scheduler.stream, in packets
    any thread ──cancel──▶ out of the queue, or the task is cancelled, which kills

Guarantees: a future that was cancelled ends as cancelled, and not before the process that made its call is
    dead. Every future ends, at the latest when its scheduler closes; one that has ended keeps nothing alive
    but its value. A long queue does not keep other callers of the scheduler from their turn. What would block
    the loop's own thread for ever raises RuntimeError.
Assumes: tasks, ends of calls and the scheduler belong to the loop's thread; the lock guards queue and tasks.
"""

import asyncio
import concurrent.futures
import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

from asyncgen.calls.chunks import Chunks
from asyncgen.calls.errors import Saturated, SchedulerClosed
from asyncgen.calls.foreign import without_traceback
from asyncgen.calls.killing_future import KillingFuture
from asyncgen.calls.mapping import Handed, hand_over, values
from asyncgen.calls.options import Options
from asyncgen.calls.pickled import Spread
from asyncgen.calls.stream import CallResult, Stream

P = ParamSpec("P")
T = TypeVar("T")


class Maker(Protocol):
    """What makes the calls: see caller.Caller."""

    @property
    def inline(self) -> bool:
        """Whether it makes them in this process, so that the traceback of an error is the function's own."""
        ...

    def in_context(self, function: Callable[..., T]) -> Callable[..., T]:
        """The function as it is to be called for whoever asks now."""
        ...

    def call(
        self,
        item: None,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        options: Options,
        on_start: Callable[[], object],
    ) -> Coroutine[Any, Any, CallResult[None, Any]]:
        """Make one call whose failure is a value."""
        ...

    def stream_with(
        self, function: Callable[[Any], Any], items: Sequence[Any], chunk: int | None, options: Options
    ) -> Stream[Any, Any]:
        """Make a call for each item, with results in their order, however many wait to be consumed."""
        ...

    def check_usable(self) -> None:
        """Raise SchedulerError where no call can be made any more."""


class SchedulerExecutor(Executor):
    """An executor whose calls a scheduler makes, like all others. `Scheduler.executor` makes it.

    Calls start in the order of their submission. `map` with a timeout, and `with` left by an exception,
    cancel, and so kill, what has not ended.
    """

    def __init__(self, maker: Maker, loop: asyncio.AbstractEventLoop, workers: int, options: Options) -> None:
        """To be made on the loop's own thread; the options are each call's."""
        self._maker = maker
        self._loop = loop
        self._thread = threading.get_ident()
        self._max_workers = workers  # by this name, dask and others ask executors how many they have
        self._options = options
        # Pickling the arguments, or a signal handler, may come back here.
        self._lock = threading.RLock()
        self._room = threading.Condition(self._lock)  # in the queue
        self._shut = False
        self._queue: OrderedDict[KillingFuture[Any], tuple[Callable[..., Any], tuple[Any, ...]]] = (
            OrderedDict()
        )
        self._tasks: dict[KillingFuture[Any], asyncio.Task[Any]] = {}
        self._mapping: set[KillingFuture[Any]] = set()  # those of the tasks that serve a `map`
        self._doomed: set[KillingFuture[Any]] = set()  # those at work that were cancelled

    @property
    def queued(self) -> int:
        """How many calls wait in the queue."""
        return len(self._queue)

    @property
    def is_shut(self) -> bool:
        """Whether it takes no more calls."""
        return self._shut

    # -- Executor ------------------------------------------------------------------------------------

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> KillingFuture[T]:
        """Queue the call. Its future raises what `Scheduler.run` would.

        Where as many calls wait as `max_pending` says, it waits for room, up to `queue_timeout`; on the
        loop's own thread, or with `reject`, it raises Saturated instead. Raises RuntimeError after a
        shutdown, after the scheduler's end, and where no process can be started any more.
        """
        future: KillingFuture[T] = KillingFuture(self)
        function = self._maker.in_context(partial(fn, **kwargs) if kwargs else fn)
        with self._lock:
            self._check_takes_more()
            self._wait_for_room()
            self._queue[future] = function, args
        try:
            self._on_loop(self._draw)
        except RuntimeError:  # the loop is closed
            self._queue.pop(future, None)
            raise SchedulerClosed("the event loop of the scheduler is closed") from None
        return future

    def _check_takes_more(self) -> None:
        if self._shut:
            raise RuntimeError("cannot schedule new futures after shutdown")
        self._maker.check_usable()

    def _wait_for_room(self) -> None:
        """Wait until the queue has room, or raise Saturated. The lock is held."""
        most = self._options.max_pending
        if most is None or len(self._queue) < most:
            return
        may_wait = not self._options.reject and threading.get_ident() != self._thread
        if not may_wait or not self._room.wait_for(
            lambda: self._shut or len(self._queue) < most, self._options.queue_timeout
        ):
            raise Saturated(f"{len(self._queue)} calls wait already, and {most} may")
        self._check_takes_more()

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int | None = None,
    ) -> Iterator[T]:
        """Call `fn` with an item of each iterable at a time; the values in order, as of any executor.

        Items go to a process several at a time: `chunksize` of them or, without, so many that they take about
        20 ms. Each has its own limits and its own error all the same. The first error is raised, and so is
        TimeoutError where a value is not there `timeout` seconds after the call of `map`; what has not ended
        is then killed.
        """
        items = list(zip(*iterables, strict=False))
        handed: Handed[T] = SimpleQueue()
        future: KillingFuture[None] = KillingFuture(self)
        function = self._maker.in_context(Spread(fn))
        stream = partial(self._maker.stream_with, function, items, Chunks(chunksize).fixed, self._options)
        with self._lock:
            self._check_takes_more()
        try:
            self._mapping.add(future)
            self._on_loop(partial(self._start, future, partial(hand_over, stream, handed)))
        except RuntimeError:
            raise SchedulerClosed("the event loop of the scheduler is closed") from None
        future.add_done_callback(lambda _: handed.put(None))
        check = partial(self._check_thread, "waiting for a value", "use `scheduler.stream` there")
        return values(len(items), handed, future, timeout, check)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, drop those that wait if asked to, and wait until all have ended if asked to.

        Calls that run go on to their end, but for those of a `map` that is dropped. Raises RuntimeError if it
        would wait on the loop's own thread.
        """
        with self._lock:
            self._shut = True
            self._room.notify_all()
            waiting = [*self._queue, *self._mapping] if cancel_futures else []
        for future in waiting:
            future.cancel()
        if wait and (unfinished := self._unfinished()):
            self._check_thread("shutdown(wait=True)", "await the futures first, or pass wait=False")
            concurrent.futures.wait(unfinished)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all calls; after an exception, such as Ctrl-C, kill them first."""
        if kind is not None:
            self.cancel_all()
        self.shutdown(wait=kind is None or threading.get_ident() != self._thread)

    def cancel_all(self) -> None:
        """Take no more calls, drop those that wait, and kill those that run."""
        with self._lock:
            self._shut = True
        for future in self._unfinished():
            future.cancel()

    def _unfinished(self) -> list[KillingFuture[Any]]:
        with self._lock:
            return [*self._queue, *self._tasks]

    # -- for futures, on any thread ------------------------------------------------------------------

    def cancel(self, future: KillingFuture[Any]) -> bool:
        """See KillingFuture.cancel."""
        with self._lock:
            waited = self._queue.pop(future, None) is not None
            self._room.notify()
            if not waited and future not in self._tasks:  # it is over, or about to be
                return future.cancelled()
            if not waited:
                self._doomed.add(future)
        if waited:
            future.end_cancelled()
        else:
            self._on_loop(partial(self._kill, future))
        return True

    def check_may_wait(self, future: KillingFuture[Any], timeout: float | None) -> None:
        """Raise RuntimeError where waiting for the future would wait for ever."""
        if not future.done() and (timeout is None or timeout > 0):
            self._check_thread("waiting for a call", "await asyncio.wrap_future(future) instead")

    def _check_thread(self, what: str, remedy: str) -> None:
        if threading.get_ident() == self._thread:
            raise RuntimeError(f"{what} would block the event loop that has to end it: {remedy}")

    def _on_loop(self, function: Callable[[], object]) -> None:
        if threading.get_ident() == self._thread:
            function()
        else:
            self._loop.call_soon_threadsafe(function)

    # -- on the loop's thread ------------------------------------------------------------------------

    def _draw(self) -> None:
        """Start calls from the queue, as many as can be at work."""
        while len(self._tasks) - len(self._mapping) < self._max_workers:
            with self._lock:
                if not self._queue:
                    return
                future, (function, args) = self._queue.popitem(last=False)
                self._room.notify()
            self._start(future, partial(self._make, future, function, args))

    def _start(self, future: KillingFuture[Any], work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Begin the work of a future, whose value is what it returns."""
        with self._lock:
            task = self._tasks[future] = self._loop.create_task(work())
        task.add_done_callback(partial(self._over, future))

    async def _make(
        self, future: KillingFuture[Any], function: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        result = await self._maker.call(None, function, args, self._options, future.begin)
        try:
            return result.unwrap()
        finally:
            del result  # see unwrap

    def _kill(self, future: KillingFuture[Any]) -> None:
        if (task := self._tasks.get(future)) is not None:
            task.cancel()

    def _over(self, future: KillingFuture[Any], task: "asyncio.Task[Any]") -> None:
        """The task of a call is done, and nothing of the call runs any more."""
        with self._lock:
            del self._tasks[future]
            doomed = future in self._doomed
            self._doomed.discard(future)
            self._mapping.discard(future)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or doomed:
            future.end_cancelled()
        elif error is not None:
            future.end(None, error if self._maker.inline else without_traceback(error))
        else:
            future.end(task.result())
        self._draw()

    def refuse(self) -> None:
        """The scheduler closes: take no more calls, and fail those that wait."""
        with self._lock:
            self._shut = True
            waiting = list(self._queue)
            self._queue.clear()
            self._room.notify_all()
        for future in waiting:
            future.end(None, SchedulerClosed("the scheduler was closed"))

    async def ended(self) -> None:
        """Wait until no call is at work, and none waits to be."""
        while self._tasks or self._queue:
            self._draw()
            if tasks := list(self._tasks.values()):
                await asyncio.wait(tasks)
