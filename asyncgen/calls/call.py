"""One call: its turn to get a slot, its clock, and its end.

Guarantees: whoever waits longest gets the next slot. The clock starts when the function is called, in the
    process. At the limit, or when the task is cancelled, the process group is killed, and is dead before
    `attempt` returns or raises.
Assumes: the caller runs on the loop's own thread.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from asyncgen.calls.clocks import Limits, Over, Watch
from asyncgen.calls.context import given
from asyncgen.calls.errors import (
    CallStalled,
    CallTimeout,
    CpuLimitExceeded,
    LoadTimeout,
    RemoteTraceback,
    SchedulerError,
    WorkerDied,
)
from asyncgen.calls.events import CallEnded
from asyncgen.calls.foreign import cause_of, without_traceback
from asyncgen.calls.slot import Slot
from asyncgen.calls.statistics import Counters
from asyncgen.calls.stream import CallResult, result_of
from asyncgen.calls.turns import Line, Patience, Turns
from asyncgen.calls.waiting import finish
from asyncgen.calls.work import CallFuture, OnProgress, Work

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What calls share: their turns, the counts, and how many busy workers there are for each core."""

    turns: Turns
    counters: Counters
    crowd: Callable[[], float]


@dataclass(slots=True)
class Call(Generic[Item]):
    """What to call, how long it may take, and who waits.

    `on_start` is called when a process has it, `on_progress` when its function says how far it is.
    """

    item: Item
    function: Callable[..., Any]
    args: tuple[Any, ...]
    limits: Limits
    line: Line
    patience: Patience
    on_start: Callable[[], object] | None = None
    on_progress: OnProgress | None = None


async def attempt(call: Call[Item], shared: Surroundings) -> CallResult[Item, Any]:
    """Wait for a slot and make the call, whose failure is a value.

    Cancelling kills, waits for the death, and raises. Raises SchedulerError where the scheduler has ended.
    """
    counters = shared.counters
    asked = time.perf_counter()
    slot = await shared.turns.take(call.line, call.patience)
    cancelled_before = _cancellings()
    started = time.perf_counter()
    pid = slot.pid
    assert pid is not None
    under_way = _UnderWay(call, slot, shared)
    counters.call_started(pid, call.function, started - asked)
    how = "cancelled"
    try:
        value, error = await under_way.end()
        how = "value" if error is None else type(error).__name__
    except SchedulerError as closed:
        how = type(closed).__name__
        raise
    finally:
        wall, cpu = time.perf_counter() - started, under_way.future.cpu_seconds
        shared.turns.used(call.line, wall)
        if counters.watched:
            counters.tell(CallEnded(pid, given(call.function), how, wall, cpu))
    if _cancellings() > cancelled_before:
        # wait_for before Python 3.12 lets an answer eat the cancelling
        raise asyncio.CancelledError
    return result_of((call.item, value, error, cpu, wall))


def never_began(error: Exception | None) -> bool:
    """Whether the process died, for an earlier call's reasons or nobody's, before it read this call."""
    return isinstance(error, WorkerDied) and not error.started


class _UnderWay:
    """A call in a slot, from its beginning to its end."""

    __slots__ = ("_call", "_shared", "_slot", "future")

    def __init__(self, call: Call[Any], slot: Slot, shared: Surroundings) -> None:
        self._call = call
        self._slot = slot
        self._shared = shared
        self.future = self._begin()

    def _begin(self) -> CallFuture:
        call = self._call
        try:
            future = asyncio.get_running_loop().run_in_executor(self._slot, call.function, *call.args)
        except BaseException:  # a loop in debug mode refuses coroutine functions
            self._shared.turns.give(self._slot)
            raise
        assert isinstance(future, CallFuture)  # event loops hand on a future of asyncio's as it is
        future.held = True
        future.call = call
        if call.on_start is not None:
            call.on_start()
        return future

    async def end(self) -> tuple[Any, Exception | None]:
        """Wait until the call has ended, or kill it at its limit; its value or its error."""
        wait = self._call.limits.first_look
        watch: Watch | None = None
        try:
            while True:
                try:
                    return await asyncio.wait_for(self.future, wait), None
                except Exception:
                    if not self.future.cancelled():
                        return self._outcome()
                # The time is up, and nothing waits for the call at the moment: look how far it is.
                self.future = self._slot.resume(self.future)
                watch = watch or Watch(self._call.limits, self.future.number, self.future.sent)
                over, wait = await look_at(watch, self._slot, self.future, self._shared.crowd())
                if over is not None:
                    return await self._kill(over)
        except asyncio.CancelledError:
            await self._bury()
            raise

    async def _kill(self, over: Over) -> tuple[Any, Exception | None]:
        fate = Fate(over, self._call.limits, self._slot, self.future)
        if not self.future.cancel():
            return self._outcome()  # it has arrived together with the deadline
        await self._bury()
        return None, fate.error(self.future.cpu_seconds)

    async def _bury(self) -> None:
        """Kill the call, unless it has ended, and wait until nothing of it runs."""
        self.future.cancel()
        if self.future.cancelled():  # which was only to stop waiting, as the future is held
            if self.future.killed is None:
                self._slot.kill(self.future)
            assert self.future.killed is not None
            await finish(self.future.killed)

    def _outcome(self) -> tuple[Any, Exception | None]:
        """What became of a call that has ended. Raises an error that is the scheduler's own."""
        error = self.future.exception()
        if error is None:
            return self.future.result(), None
        if isinstance(error, SchedulerError) and not isinstance(cause_of(error), RemoteTraceback):
            raise error  # and not one that the function raised
        without_traceback(error)  # it would keep the arguments alive
        assert isinstance(error, Exception)
        return None, error


async def look_at(watch: Watch, slot: Slot, work: Work, crowd: float) -> tuple[Over | None, float | None]:
    """Look whether work in a slot is over a limit, and otherwise when to look again, in seconds."""
    process = slot.process if slot.makes(work) else None
    if process is None:
        return None, None
    used = None
    if watch.needs_cpu(process.board, time.monotonic()):
        before = process.board.before or process.charged
        total = await process.cpu_seconds()
        if not slot.makes(work):  # it has ended meanwhile
            return None, None
        used = None if total is None else max(0.0, total - before)
    return watch.look(process.board, time.monotonic(), used, crowd)


class Fate:
    """Why work in a slot is killed, noted while its process is there to be looked at."""

    def __init__(self, over: Over, limits: Limits, slot: Slot, work: Work) -> None:
        """`wall_seconds` count from the sending of the work."""
        self._over = over
        self._limits = limits
        self.wall_seconds = time.monotonic() - work.sent
        self._imported = slot.process.board.imported if slot.process is not None else ""

    def error(self, cpu_seconds: float) -> CallTimeout:
        """The error of a call that has used so many CPU seconds."""
        limits = self._limits
        if self._over is Over.LOAD:
            assert limits.load is not None
            return LoadTimeout(limits.load, cpu_seconds, self._imported)
        if self._over is Over.WALL:
            assert limits.wall is not None
            return CallTimeout(limits.wall, cpu_seconds)
        assert limits.cpu is not None
        if self._over is Over.CPU:
            return CpuLimitExceeded(limits.cpu, cpu_seconds)
        return CallStalled(limits.cpu, cpu_seconds, self.wall_seconds)


def _cancellings() -> int:
    """How many times this task was asked to end. Nothing keeps the task: its error would reach itself."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0
