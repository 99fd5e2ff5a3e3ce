"""One call: its turn to get a slot, its clock, and its end.

Guarantees: whoever waits longest gets the next slot. The clock starts when the process has the call. At the
    limit, or when the task is cancelled, the process group is killed, and is dead before `attempt` returns or
    raises.
Assumes: the caller runs on the loop's own thread.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from asyncgen.calls.errors import CallTimeout, RemoteTraceback, SchedulerError, WorkerDied
from asyncgen.calls.events import CallEnded
from asyncgen.calls.slot import CallFuture, Slot
from asyncgen.calls.statistics import Counters
from asyncgen.calls.stream import CallResult
from asyncgen.calls.waiting import finish

Item = TypeVar("Item")


class Turns:
    """Slots that are idle, and callers that wait for one."""

    def __init__(self, check_open: Callable[[], None]) -> None:
        """`check_open` raises where there will be no slot any more."""
        self._check_open = check_open
        self._idle: list[Slot] = []
        self._waiting: deque[asyncio.Future[Slot]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    async def take(self) -> Slot:
        """Wait for an idle slot. Raises what `check_open` does."""
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
                self.give(turn.result())
            raise

    def give(self, slot: Slot) -> None:
        """A slot became idle: it goes to who waits longest, or on the pile."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(slot)
                return
        if slot not in self._idle:
            self._idle.append(slot)

    def refuse(self, make_error: Callable[[], Exception]) -> None:
        """There will be no slot any more: each of those who wait gets an error of its own."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(make_error())


@dataclass(slots=True)
class Call(Generic[Item]):
    """What to call; `limit` in seconds. `on_start` is called when a process has it."""

    item: Item
    function: Callable[..., Any]
    args: tuple[Any, ...]
    limit: float | None
    on_start: Callable[[], object] | None = None


async def attempt(call: Call[Item], turns: Turns, counters: Counters) -> CallResult[Item, Any]:
    """Wait for a slot and make the call, whose failure is a value.

    Cancelling kills, waits for the death, and raises. Raises SchedulerError where the scheduler has ended.
    """
    asked = time.perf_counter()
    slot = await turns.take()
    cancelled_before = _cancellings() if call.limit is not None else 0
    started = time.perf_counter()
    future = _begin(call, slot, turns)
    pid, how = slot.pid, "cancelled"
    assert pid is not None
    counters.call_started(pid, call.function, started - asked)
    try:
        value, error = await _end(future, call.limit)
        how = "value" if error is None else type(error).__name__
    except SchedulerError as closed:
        how = type(closed).__name__
        raise
    finally:
        wall = time.perf_counter() - started
        if counters.watched:
            counters.tell(CallEnded(pid, call.function, how, wall, future.cpu_seconds))
    if call.limit is not None and _cancellings() > cancelled_before:
        # wait_for before Python 3.12 lets an answer eat the cancelling
        raise asyncio.CancelledError
    return CallResult(call.item, value, error, future.cpu_seconds, wall)


def never_began(error: Exception | None) -> bool:
    """Whether the process died, for an earlier call's reasons or nobody's, before it read this call."""
    return isinstance(error, WorkerDied) and not error.started


def _begin(call: Call[Any], slot: Slot, turns: Turns) -> CallFuture:
    try:
        future = asyncio.get_running_loop().run_in_executor(slot, call.function, *call.args)
    except BaseException:  # a loop in debug mode refuses coroutine functions
        turns.give(slot)
        raise
    assert isinstance(future, CallFuture)  # event loops hand on a future of asyncio's as it is
    if call.on_start is not None:
        call.on_start()
    return future


async def _end(future: CallFuture, limit: float | None) -> tuple[Any, Exception | None]:
    try:
        return await asyncio.wait_for(future, limit), None
    except asyncio.CancelledError:
        await _buried(future)
        raise
    except Exception as raised:
        await _buried(future)
        return _verdict(future, raised, limit)


async def _buried(future: CallFuture) -> None:
    if not future.done():
        future.cancel()
    if future.killed is not None:
        await finish(future.killed)


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


def _cancellings() -> int:
    """How many times this task was asked to end. Nothing keeps the task: its error would reach itself."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0
