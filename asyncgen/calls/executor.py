"""A scheduler as a `concurrent.futures.Executor`: submit from any thread, and cancelling kills.

    any thread ──submit──▶ queue ──▶ a task for each call, as many as workers ──▶ scheduler.call
    any thread ──cancel──▶ out of the queue, or the task is cancelled, which kills

Guarantees: a future that was cancelled ends as cancelled, and not before the process that made its call is
    dead. Every future ends, at the latest when its scheduler closes. A long queue does not keep other callers
    of the scheduler from their turn. What would block the loop's own thread for ever raises RuntimeError.
Assumes: tasks, ends of calls and the scheduler belong to the loop's thread; the lock guards queue and tasks.
"""

import asyncio
import concurrent.futures
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

from asyncgen.calls.errors import SchedulerClosed
from asyncgen.calls.stream import CallResult

P = ParamSpec("P")
T = TypeVar("T")


class Caller(Protocol):
    """What makes the calls: `Scheduler.call`."""

    def call(
        self,
        item: None,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        timeout: float | None,
        on_start: Callable[[], object],
    ) -> Awaitable[CallResult[None, Any]]:
        """Make one call whose failure is a value."""


class KillingFuture(Future[T]):
    """The future of a submitted call. Unlike its base class it can be cancelled while it runs."""

    def __init__(self, executor: "SchedulerExecutor") -> None:
        super().__init__()
        self._executor = executor
        self._begun = False

    def running(self) -> bool:
        """Whether a process is making the call."""
        return self._begun and not self.done()

    def cancel(self) -> bool:
        """Drop the call if it waits, kill the process that makes it if it runs; False if it is over.

        After True the future ends as cancelled: at once if the call waited, else when its process is dead.
        """
        return self._executor.cancel(self)

    def result(self, timeout: float | None = None) -> T:
        """As of any future; on the loop's own thread, which would wait for itself, raises RuntimeError."""
        self._executor.check_may_wait(self, timeout)
        try:
            return super().result(timeout)
        finally:
            del self  # as in the base class: no cycle through this frame

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As of any future; on the loop's own thread, which would wait for itself, raises RuntimeError."""
        self._executor.check_may_wait(self, timeout)
        return super().exception(timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        """As of any future. What a callback raises, asyncio.CancelledError too, stops nothing else."""
        super().add_done_callback(partial(_call_back, fn))

    def begin(self) -> None:
        """A process was given the call. For the executor."""
        self._begun = True

    def end_cancelled(self) -> None:
        """Nothing of the call runs any more. For the executor."""
        super().cancel()  # which the base class allows, as it takes a running call of ours for a waiting one
        self.set_running_or_notify_cancel()  # so that `concurrent.futures.wait` hears of it


def _call_back(function: Callable[[Future[T]], object], future: Future[T]) -> None:
    try:
        function(future)
    except (Exception, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # the base class logs nothing but an Exception
        raise RuntimeError(f"a callback raised {error!r}") from error


class SchedulerExecutor(Executor):
    """An executor whose calls a scheduler makes, like all others. `Scheduler.executor` makes it.

    Calls start in the order of their submission. `map` with a timeout, and `with` left by an exception,
    cancel, and so kill, what has not ended.
    """

    def __init__(
        self, scheduler: Caller, loop: asyncio.AbstractEventLoop, workers: int, timeout: float | None = None
    ) -> None:
        """To be made on the loop's own thread. `timeout` is each call's, in seconds."""
        self._scheduler = scheduler
        self._loop = loop
        self._thread = threading.get_ident()
        self._workers = workers
        self._timeout = timeout
        self._lock = threading.RLock()  # pickling the arguments, or a signal handler, may come back here
        self._shut = False
        self._queue: OrderedDict[KillingFuture[Any], tuple[Callable[..., Any], tuple[Any, ...]]] = (
            OrderedDict()
        )
        self._tasks: dict[KillingFuture[Any], asyncio.Task[CallResult[None, Any]]] = {}
        self._doomed: set[KillingFuture[Any]] = set()  # those at work that were cancelled

    @property
    def queued(self) -> int:
        """How many calls wait in the queue."""
        return len(self._queue)

    # -- Executor ------------------------------------------------------------------------------------

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> KillingFuture[T]:
        """Queue the call. Its future raises what `Scheduler.run` would.

        Raises RuntimeError after a shutdown, and after the scheduler's end.
        """
        future: KillingFuture[T] = KillingFuture(self)
        with self._lock:
            if self._shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._queue[future] = (partial(fn, **kwargs) if kwargs else fn), args
        try:
            self._on_loop(self._draw)
        except RuntimeError:  # the loop is closed
            self._queue.pop(future, None)
            raise SchedulerClosed("the event loop of the scheduler is closed") from None
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, drop those that wait if asked to, and wait until all have ended if asked to.

        Calls that run go on to their end. Raises RuntimeError if it would wait on the loop's own thread.
        """
        with self._lock:
            self._shut = True
            waiting = list(self._queue) if cancel_futures else []
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
        while len(self._tasks) < self._workers:
            with self._lock:
                if not self._queue:
                    return
                future, (function, args) = self._queue.popitem(last=False)
                task = self._tasks[future] = self._loop.create_task(self._make(future, function, args))
            task.add_done_callback(partial(self._over, future))

    async def _make(
        self, future: KillingFuture[Any], function: Callable[..., Any], args: tuple[Any, ...]
    ) -> CallResult[None, Any]:
        return await self._scheduler.call(None, function, args, self._timeout, future.begin)

    def _kill(self, future: KillingFuture[Any]) -> None:
        if (task := self._tasks.get(future)) is not None:
            task.cancel()

    def _over(self, future: KillingFuture[Any], task: "asyncio.Task[CallResult[None, Any]]") -> None:
        """The task of a call is done, and nothing of the call runs any more."""
        with self._lock:
            del self._tasks[future]
            doomed = future in self._doomed
            self._doomed.discard(future)
        error = None if task.cancelled() else task.exception() or task.result().error
        if task.cancelled() or doomed:
            future.end_cancelled()
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result().value)
        self._draw()

    def refuse(self) -> None:
        """The scheduler closes: take no more calls, and fail those that wait."""
        with self._lock:
            self._shut = True
            waiting = list(self._queue)
            self._queue.clear()
        for future in waiting:
            future.set_exception(SchedulerClosed("the scheduler was closed"))

    async def ended(self) -> None:
        """Wait until no call is at work, and none waits to be."""
        while self._tasks or self._queue:
            self._draw()
            if tasks := list(self._tasks.values()):
                await asyncio.wait(tasks)
