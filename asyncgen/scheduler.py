"""Calls blocking functions in killable processes, from asyncio, as many at a time as there are slots.

    source ──item──▶ runner ──run_in_executor under wait_for──▶ slot ──▶ worker process
                       └──────CallResult──▶ consumer

The scheduler knows nothing of what the functions do.

Guarantees: the clock of a call starts when a process starts on it. At the limit, or when the awaiting task is
    cancelled, the process group is killed and dead before the call returns; no other call notices. A stream
    never holds more than its bound of items drawn and not yet consumed. Nothing is left running behind
    `async with`.
Assumes: one event loop; every method is called on its thread.
"""

import asyncio
import contextlib
import dataclasses
import time
from collections import Counter, deque
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from asyncgen.executor import CallFuture, Slot
from asyncgen.failures import CallTimeout, RemoteTraceback, SchedulerClosed, SchedulerError, WorkerDied
from asyncgen.processes import child
from asyncgen.processes.supply import Supply
from asyncgen.settings import Settings
from asyncgen.stream import CallResult, OrderedStream, Stream, finish

_MOST_STARTS = 3  # processes that may die before reading one and the same call

Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(slots=True)
class Statistics:
    """What a scheduler has done so far. `recycled` counts replaced processes by reason."""

    workers: int = 0
    busy: int = 0
    calls: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    recycled: Counter[str] = field(default_factory=Counter)


class Scheduler:
    """An asynchronous context manager that owns worker processes and makes calls in them."""

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        """Take a Settings object, single settings by name, or both."""
        self.settings = dataclasses.replace(settings or Settings(), **changes)
        self._supply: Supply | None = None
        self._slots: list[Slot] = []
        self._idle: list[Slot] = []
        self._waiting: deque[asyncio.Future[Slot]] = deque()
        self._streams: set[Stream[Any, Any]] = set()  # those with runners; nobody else may hold them
        self._statistics = Statistics(workers=self.settings.workers)
        self._closing: asyncio.Task[None] | None = None

    # -- opening and closing -------------------------------------------------------------------------

    async def __aenter__(self) -> "Scheduler":
        if child.importing_main:
            raise SchedulerError(
                "a worker process is importing the main script, which starts a scheduler again: put what "
                "the script does under `if __name__ == '__main__':`"
            )
        if self._supply is not None:
            raise SchedulerError("a scheduler cannot be entered twice")
        self._supply = Supply(self.settings, self._recycled, self._release_waiting)
        for _ in range(self.settings.workers):
            self._slots.append(Slot(self._supply, self.settings, self._rested, self._recycled))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Kill what runs, and return when every process is gone. May be called more than once."""
        if self._supply is None:
            return
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(self._supply))
        await finish(self._closing)

    async def _close(self, supply: Supply) -> None:
        for stream in list(self._streams):
            await stream.aclose()
        for slot in self._slots:
            slot.shutdown()
        self._release_waiting()
        await supply.close()

    @property
    def statistics(self) -> Statistics:
        """A snapshot."""
        now = self._statistics
        busy = sum(slot.busy for slot in self._slots)
        return dataclasses.replace(
            now, busy=busy, failures=Counter(now.failures), recycled=Counter(now.recycled)
        )

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that hold a slot."""
        return [slot.pid for slot in self._slots if slot.pid is not None]

    @property
    def spares(self) -> int:
        """Processes that are ready and hold no slot."""
        return len(self.spare_pids)

    @property
    def spare_pids(self) -> list[int]:
        return self._supply.stock if self._supply is not None else []

    @property
    def template_pid(self) -> int:
        """Process id of the template that forks the workers."""
        assert self._supply is not None
        return self._supply.template_pid

    # -- calls ---------------------------------------------------------------------------------------

    async def run(self, function: Callable[..., Value], /, *args: Any, timeout: float | None = None) -> Value:
        """Call `function(*args)` in a worker process, as soon as one is free.

        `timeout` in seconds overrides the settings' one. Raises CallTimeout, WorkerDied,
        MemoryLimitExceeded, or what the function raised, with the remote traceback as its cause.
        """
        result = await self.call(None, function, args, timeout)
        try:
            return result.unwrap()
        finally:
            del result  # see unwrap: the exception would reach itself, and keep the arguments alive

    def stream(
        self,
        function: Callable[[Item], Value],
        source: Iterable[Item] | AsyncIterable[Item],
        *,
        inflight: int | None = None,
        timeout: float | None = None,
        ordered: bool = False,
    ) -> Stream[Item, Value]:
        """Call `function(item)` for each item of the source, yielding a CallResult each as completed.

        With `ordered` they come in the order of the source, however early a later call is done.

        At most `inflight` items (default: four for each worker) are drawn and not yet consumed. Leaving the
        iteration early is clean inside `async with scheduler.stream(...)`, and at the latest when the
        scheduler closes.
        """
        bound = 4 * self.settings.workers if inflight is None else inflight
        if bound < 1:
            raise ValueError(f"inflight must be at least 1, not {bound}")
        _check_timeout(timeout)
        kind = OrderedStream if ordered else Stream
        stream = kind(self.call, function, source, bound, timeout)
        stream.start(self.settings.workers, self._streams.discard)
        self._streams.add(stream)
        return stream

    async def call(
        self,
        item: Item,
        function: Callable[..., Value],
        args: tuple[Any, ...],
        timeout: float | None,
    ) -> CallResult[Item, Value]:
        """Make one call whose failure is a value. Cancelling kills, waits for the death, and raises."""
        _check_timeout(timeout)
        for start in range(_MOST_STARTS):
            result = await self._attempt(item, function, args, timeout)
            if start == _MOST_STARTS - 1 or not _never_began(result.error):
                break
        self._count(result.error)
        return result

    async def _attempt(
        self,
        item: Item,
        function: Callable[..., Value],
        args: tuple[Any, ...],
        timeout: float | None,
    ) -> CallResult[Item, Value]:
        slot = await self._acquire()
        asked_before = _cancellings()
        limit = self.settings.timeout if timeout is None else timeout
        started = time.perf_counter()
        answer, future = self._begin(slot, function, args)
        value: Value | None = None
        error: Exception | None = None
        try:
            value = await asyncio.wait_for(answer, limit)
        except asyncio.CancelledError:
            await self._buried(future)
            raise
        except Exception as raised:
            await self._buried(future)
            value, error = _verdict(future, raised, limit)
        finally:
            slot.forget(future)
        if _cancellings() > asked_before:  # wait_for before Python 3.12 lets an answer eat the cancelling
            raise asyncio.CancelledError
        wall = time.perf_counter() - started
        return CallResult(item, value, error, future.cpu_seconds, wall)

    def _begin(
        self, slot: Slot, function: Callable[..., Any], args: tuple[Any, ...]
    ) -> tuple[asyncio.Future[Any], CallFuture]:
        try:
            answer = asyncio.get_running_loop().run_in_executor(slot, function, *args)
        except BaseException:  # a loop in debug mode refuses coroutine functions
            self._rested(slot)
            raise
        assert slot.latest is not None
        return answer, slot.latest

    async def _buried(self, call: CallFuture) -> None:
        if not call.done():
            call.cancel()
        if call.killed is not None:
            await finish(call.killed)

    def _count(self, error: Exception | None) -> None:
        self._statistics.calls += 1
        if error is not None:
            self._statistics.failures[type(error).__name__] += 1

    # -- slots ---------------------------------------------------------------------------------------

    async def _acquire(self) -> Slot:
        """Wait for an idle slot; who waits longest is served first."""
        while True:
            self._check_open()
            slot = self._idle.pop() if self._idle else await self._turn()
            if slot.idle:
                return slot

    async def _turn(self) -> Slot:
        turn: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with contextlib.suppress(ValueError):
                    self._waiting.remove(turn)
            elif turn.exception() is None:  # the slot came together with the cancelling
                self._rested(turn.result())
            raise

    def _check_open(self) -> None:
        if self._supply is None or self._closing is not None:
            raise SchedulerClosed("the scheduler is not open: use it inside `async with`")
        if (broken := self._supply.broken) is not None:
            raise broken

    def _rested(self, slot: Slot) -> None:
        """A slot became idle: it goes to who waits longest, or on the pile."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(slot)
                return
        if slot not in self._idle:
            self._idle.append(slot)

    def _release_waiting(self) -> None:
        """There will be no slot any more for those who wait."""
        assert self._supply is not None
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(self._supply.broken or SchedulerClosed("the scheduler was closed"))

    def _recycled(self, why: str) -> None:
        self._statistics.recycled[why] += 1


def _never_began(error: Exception | None) -> bool:
    """Whether the process died, for an earlier call's reasons or nobody's, before it read this call."""
    return isinstance(error, WorkerDied) and not error.started


def _check_timeout(timeout: float | None) -> None:
    if timeout is not None and not timeout > 0:  # NaN too, which would upset the loop's order of timers
        raise ValueError(f"timeout must be more than 0 seconds, not {timeout}")


def _cancellings() -> int:
    """How many times this task was asked to end."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _verdict(future: CallFuture, raised: Exception, limit: float | None) -> tuple[Any, Exception | None]:
    """Tell apart what ended a call: its limit, its own exception, the scheduler, or after all its answer."""
    if future.cancelled():
        assert limit is not None
        return None, CallTimeout(limit, future.cpu_seconds)
    if future.exception() is None:  # the answer arrived together with the deadline
        return future.result(), None
    if isinstance(raised, SchedulerError) and not isinstance(raised.__cause__, RemoteTraceback):
        raise raised  # the scheduler's own, and not one that the function raised
    return None, raised.with_traceback(None)  # a traceback would keep the arguments alive
