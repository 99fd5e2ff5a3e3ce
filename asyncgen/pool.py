"""A drop-in `concurrent.futures.Executor` of worker processes whose calls can be killed.

    program, any thread ──submit, cancel──▶ executor ═thread═▶ event loop ──▶ Scheduler ──▶ worker processes

The scheduler lives on an event loop of its own, in a thread, so that programs with and without asyncio use it
alike. A program that has a scheduler open takes its `executor()` instead, which needs no thread.

Guarantees: those of `calls.executor`. Where the pool is dropped without a shutdown, its processes end with
    its last call; where the program ends, it waits for the calls that were submitted, as for those of a
    ProcessPoolExecutor. No process is left.
"""

import asyncio
import contextlib
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar, Unpack

from asyncgen.calls import loop_thread
from asyncgen.calls.errors import SchedulerClosed, SchedulerError
from asyncgen.calls.executor import SchedulerExecutor
from asyncgen.calls.health import Health
from asyncgen.calls.killing_future import KillingFuture
from asyncgen.calls.settings import Changes, Settings
from asyncgen.calls.statistics import Hook, Statistics
from asyncgen.scheduler import Scheduler

_THREAD_PATIENCE = 1.0  # seconds beyond a check's own limit, until the pool's thread counts as stuck

P = ParamSpec("P")
T = TypeVar("T")


class _Server(NamedTuple):
    """What serves a pool in its thread. `leave` is resolved to have it end once the executor's calls have."""

    executor: SchedulerExecutor
    loop: asyncio.AbstractEventLoop
    task: "asyncio.Task[None]"
    leave: "asyncio.Future[SchedulerExecutor]"


class KillableExecutor(Executor):
    """Takes the place of a ProcessPoolExecutor: for `submit`, `map`, and `loop.run_in_executor(pool, ...)`.

    The settings' `timeout` is each call's limit, at which it gets CallTimeout and its process is killed. A
    call whose process dies gets WorkerDied, and the pool goes on. Cancelling a future kills, and so does
    cancelling the task that awaits one.
    """

    def __init__(
        self,
        settings: Settings | int | None = None,
        *,
        on_event: Hook | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        """Take what Scheduler takes; `on_event` is called in the pool's thread."""
        self._scheduler = Scheduler(settings, on_event=on_event, **changes)
        opened: SimpleQueue[_Server | BaseException] = SimpleQueue()
        self._thread = loop_thread.start(
            partial(_live, self._scheduler, opened),
            "asyncgen-pool",
            opened.put,  # it could not be opened: this thread raises it
        )
        server = opened.get()
        if isinstance(server, BaseException):
            raise server
        self._executor, self._loop, task, self._leave = server
        self._max_workers = self._scheduler.settings.workers or 1  # by this name, dask and others ask for it
        at_end = partial(_finish, self._loop, self._leave, weakref.ref(self._executor))
        loop_thread.end_with(self._thread, at_end)
        # Not of the pool itself: somebody may still wait for a call of a pool that was dropped.
        weakref.finalize(self._executor, loop_thread.cancel, self._loop, task).atexit = False

    @property
    def statistics(self) -> Statistics:
        """A snapshot, as of Scheduler."""
        return self._scheduler.statistics

    def check(self, timeout: float = 10.0) -> Health:
        """Find out whether calls can be made: see Scheduler.check, which raises the same.

        Raises RuntimeError in the pool's own thread, as in a callback of a future, which it would wait for.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("check() would wait for itself in a callback: call it in another thread")
        if self._executor.is_shut:
            raise SchedulerClosed("the executor was shut down")
        checking = self._scheduler.check(timeout)
        try:
            asked = asyncio.run_coroutine_threadsafe(checking, self._loop)
        except RuntimeError:
            checking.close()
            raise SchedulerClosed("the event loop of the executor is closed") from None
        try:
            return asked.result(timeout + _THREAD_PATIENCE)
        except TimeoutError:
            asked.cancel()
            raise SchedulerError(f"the executor's thread did not answer within {timeout:g} s") from None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> KillingFuture[T]:
        """Queue the call. Its future raises what `Scheduler.run` would.

        Raises RuntimeError after a shutdown.
        """
        return self._executor.submit(fn, *args, **kwargs)

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int | None = None,
    ) -> Iterator[T]:
        """Call `fn` with an item of each iterable at a time, in packets: see SchedulerExecutor.map."""
        return self._executor.map(fn, *iterables, timeout=timeout, chunksize=chunksize)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, drop those that wait if asked to; the processes end when the last call has.

        With `wait` it returns when they have. Calls that run go on to their end. Raises RuntimeError if it
        would wait inside a callback of one of its futures.
        """
        inside = threading.current_thread() is self._thread
        self._executor.shutdown(wait and inside, cancel_futures=cancel_futures)
        with contextlib.suppress(RuntimeError):  # the loop is closed, by an earlier shutdown
            self._loop.call_soon_threadsafe(_resolve, self._leave, self._executor)
        if wait and not inside:
            self._thread.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all calls; after an exception, such as Ctrl-C, kill them first."""
        if kind is not None:
            self._executor.cancel_all()
        self.shutdown(wait=True)


# -- in the pool's thread ------------------------------------------------------------------------------


async def _live(scheduler: Scheduler, opened: "SimpleQueue[_Server | BaseException]") -> None:
    """Keep the scheduler open until the pool is to be left, or the task cancelled."""
    # Nothing in this thread holds the executor, so that a pool that was dropped can be noticed.
    async with scheduler:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        leave: asyncio.Future[SchedulerExecutor] = loop.create_future()
        opened.put(_Server(scheduler.executor(), loop, task, leave))
        await (await leave).ended()


def _finish(
    loop: asyncio.AbstractEventLoop,
    leave: "asyncio.Future[SchedulerExecutor]",
    executor: "weakref.ref[SchedulerExecutor]",
) -> None:
    """The program ends: let the calls that were submitted come to their end, unless it was interrupted."""
    if (found := executor()) is not None:
        if _was_interrupted():
            found.cancel_all()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(_resolve, leave, found)


def _was_interrupted() -> bool:
    """Whether the program ends as nobody has handled Ctrl-C."""
    return isinstance(getattr(sys, "last_value", None), KeyboardInterrupt) and not hasattr(sys, "ps1")


def _resolve(leave: "asyncio.Future[SchedulerExecutor]", executor: SchedulerExecutor) -> None:
    if not leave.done():
        leave.set_result(executor)
