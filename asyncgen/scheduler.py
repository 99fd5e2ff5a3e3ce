"""Calls blocking functions in killable processes, from asyncio, as many at a time as there are slots.

    source ──item──▶ runner ──┐
    other code ───────────────┼─ turns ─▶ attempt ──run_in_executor under wait_for──▶ slot ──▶ worker process
    executor ─────────────────┘              └──────CallResult──▶ consumer

The scheduler knows nothing of what the functions do.

Guarantees: the clock of a call starts when a process starts on it. At the limit, or when the awaiting task is
    cancelled, the process group is killed and dead before the call returns; no other call notices. A stream
    never holds more than its bound of items drawn and not yet consumed. Nothing is left running behind
    `async with`.
Assumes: one event loop; every method is called on its thread, but for those of its executors.
"""

import asyncio
import dataclasses
import weakref
from collections.abc import AsyncIterable, Callable, Iterable
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, Unpack

from asyncgen.calls.call import Call, Turns, attempt, never_began
from asyncgen.calls.child.worker import imports_main
from asyncgen.calls.errors import SchedulerClosed, SchedulerError
from asyncgen.calls.executor import SchedulerExecutor
from asyncgen.calls.settings import Changes, Settings
from asyncgen.calls.slot import Slot
from asyncgen.calls.statistics import Counters, Hook, Statistics
from asyncgen.calls.stream import CallResult, OrderedRunners, Runners, Stream
from asyncgen.calls.supply import Supply
from asyncgen.calls.waiting import finish, insist

_MOST_STARTS = 3  # processes that may die before reading one and the same call

Item = TypeVar("Item")
Value = TypeVar("Value")
Arguments = TypeVarTuple("Arguments")


class Scheduler:
    """An asynchronous context manager that owns worker processes and makes calls in them."""

    def __init__(
        self, settings: Settings | None = None, *, on_event: Hook | None = None, **changes: Unpack[Changes]
    ) -> None:
        """Take a Settings object, single settings by name, or both.

        `on_event` is called from the loop with each events.Event. What it raises goes to the loop's exception
        handler, and the scheduler goes on.
        """
        self.settings = dataclasses.replace(settings or Settings(), **changes)
        self._counters = Counters(on_event)
        self._turns = Turns(self._check_open)
        self._supply: Supply | None = None
        self._slots: list[Slot] = []
        self._streams: set[Runners[Any, Any]] = set()  # those at work; nobody else may hold them
        self._executors: weakref.WeakSet[SchedulerExecutor] = weakref.WeakSet()
        self._closing: asyncio.Task[None] | None = None

    # -- opening and closing -------------------------------------------------------------------------

    async def __aenter__(self) -> "Scheduler":
        if imports_main():
            raise SchedulerError(
                "a worker process is importing the main script, which starts a scheduler again: put what "
                "the script does under `if __name__ == '__main__':`"
            )
        if self._supply is not None:
            raise SchedulerError("a scheduler cannot be entered twice")
        self._supply = Supply(self.settings, self._counters, self._release_waiting)
        for _ in range(self.settings.workers):
            self._slots.append(Slot(self._supply, self.settings, self._turns.give, self._counters))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Kill what runs, and return when every process is gone. May be called more than once.

        Raises SchedulerError inside the source of one of its streams, for whose end it would wait.
        """
        if self._supply is None:
            return
        for stream in self._streams:
            stream.check_not_inside("its scheduler")
        if self._closing is None:
            # The end of a program's loop cancels all tasks, this one too.
            close = insist(partial(self._close, self._supply))
            self._closing = asyncio.get_running_loop().create_task(close)
        await finish(self._closing)

    async def _close(self, supply: Supply) -> None:
        executors = list(self._executors)
        for executor in executors:
            executor.refuse()
        for stream in list(self._streams):
            await stream.aclose()
        for slot in self._slots:
            slot.shutdown()
        self._release_waiting()
        for executor in executors:
            await executor.ended()
        await supply.close()

    # -- what it is doing ----------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """A snapshot, at any time and from any thread."""
        return self._counters.snapshot(
            workers=self.settings.workers,
            busy=sum(slot.busy for slot in self._slots),
            idle=sum(slot.idle for slot in self._slots),
            spares=self.spares,
            waiting=self._turns.waiting + sum(executor.queued for executor in list(self._executors)),
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

    async def run(
        self,
        function: Callable[[*Arguments], Value],
        /,
        *args: *Arguments,
        timeout: float | None = None,
    ) -> Value:
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

        At most `inflight` items (default: four for each worker) are drawn and not yet consumed. A stream that
        nobody holds any more, as after a `break`, stops drawing and kills its calls; inside
        `async with scheduler.stream(...)` that is done, and waited for, where the block is left.
        """
        bound = 4 * self.settings.workers if inflight is None else inflight
        if bound < 1:
            raise ValueError(f"inflight must be at least 1, not {bound}")
        _check_timeout(timeout)
        kind = OrderedRunners if ordered else Runners
        runners = kind(self.call, function, source, bound, timeout)
        runners.start(self.settings.workers, self._streams.discard)
        self._streams.add(runners)
        return Stream(runners)

    def executor(self, *, timeout: float | None = None) -> SchedulerExecutor:
        """Offer the scheduler as a `concurrent.futures.Executor`, to other threads too.

        `timeout` in seconds overrides the settings' one for its calls. They share the workers with others.
        """
        _check_timeout(timeout)
        self._check_open()
        executor = SchedulerExecutor(self, asyncio.get_running_loop(), self.settings.workers, timeout)
        self._executors.add(executor)
        return executor

    async def call(
        self,
        item: Item,
        function: Callable[..., Value],
        args: tuple[Any, ...],
        timeout: float | None,
        on_start: Callable[[], object] | None = None,
    ) -> CallResult[Item, Value]:
        """Make one call whose failure is a value. Cancelling kills, waits for the death, and raises.

        `on_start` is called when a process is given the call.
        """
        _check_timeout(timeout)
        limit = self.settings.timeout if timeout is None else timeout
        call = Call(item, function, args, limit, on_start)
        try:
            for _ in range(_MOST_STARTS):
                result = await attempt(call, self._turns, self._counters)
                if not never_began(result.error):
                    break
        except asyncio.CancelledError:
            self._counters.count_cancelled()
            raise
        self._counters.count(result.error, result.wall_seconds)
        return result

    # -- its state -----------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._supply is None or self._closing is not None:
            raise SchedulerClosed("the scheduler is not open: use it inside `async with`")
        if (broken := self._supply.broken) is not None:
            raise broken

    def _release_waiting(self) -> None:
        """There will be no slot any more for those who wait."""
        supply = self._supply
        assert supply is not None
        self._turns.refuse(lambda: supply.broken or SchedulerClosed("the scheduler was closed"))


def _check_timeout(timeout: float | None) -> None:
    if timeout is not None and not timeout > 0:  # NaN too, which would upset the loop's order of timers
        raise ValueError(f"timeout must be more than 0 seconds, not {timeout}")
