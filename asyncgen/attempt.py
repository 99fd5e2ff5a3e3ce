"""One call in one slot: its clock, and its end.

Guarantees: the clock starts when the process is given the call. At the limit, or when the task is cancelled,
    the process group is killed, and is dead before `attempt` returns or raises.
Assumes: the caller runs on the loop's own thread.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from asyncgen.events import CallEnded
from asyncgen.executor import CallFuture, Slot
from asyncgen.failures import CallTimeout, RemoteTraceback, SchedulerError, WorkerDied
from asyncgen.measures import Measures
from asyncgen.stream import CallResult, finish
from asyncgen.turns import Turns

Item = TypeVar("Item")


@dataclass(slots=True)
class Call(Generic[Item]):
    """What to call; `limit` in seconds. `on_start` is called when a process is given it."""

    item: Item
    function: Callable[..., Any]
    args: tuple[Any, ...]
    limit: float | None
    on_start: Callable[[], object] | None = None


async def attempt(call: Call[Item], turns: Turns, measures: Measures) -> CallResult[Item, Any]:
    """Wait for a slot and make the call, whose failure is a value.

    Cancelling kills, waits for the death, and raises. Raises SchedulerError where the scheduler has ended.
    """
    asked = time.perf_counter()
    slot = await turns.take()
    asked_before = _cancellings() if call.limit is not None else 0
    started = time.perf_counter()
    answer, future = _begin(call, slot, turns)
    pid, how = slot.pid, "cancelled"
    assert pid is not None
    measures.call_started(pid, call.function, started - asked)
    try:
        value, error = await _end(answer, future, call.limit)
        how = "value" if error is None else type(error).__name__
    except SchedulerError as closed:
        how = type(closed).__name__
        raise
    finally:
        slot.forget(future)
        wall = time.perf_counter() - started
        if measures.watched:
            measures.tell(CallEnded(pid, call.function, how, wall, future.cpu_seconds))
    if call.limit is not None and _cancellings() > asked_before:
        # wait_for before Python 3.12 lets an answer eat the cancelling
        raise asyncio.CancelledError
    return CallResult(call.item, value, error, future.cpu_seconds, wall)


def never_began(error: Exception | None) -> bool:
    """Whether the process died, for an earlier call's reasons or nobody's, before it read this call."""
    return isinstance(error, WorkerDied) and not error.started


def _begin(call: Call[Any], slot: Slot, turns: Turns) -> tuple[asyncio.Future[Any], CallFuture]:
    try:
        answer = asyncio.get_running_loop().run_in_executor(slot, call.function, *call.args)
    except BaseException:  # a loop in debug mode refuses coroutine functions
        turns.give(slot)
        raise
    assert slot.latest is not None
    if call.on_start is not None:
        call.on_start()
    return answer, slot.latest


async def _end(
    answer: asyncio.Future[Any], future: CallFuture, limit: float | None
) -> tuple[Any, Exception | None]:
    try:
        return await asyncio.wait_for(answer, limit), None
    except asyncio.CancelledError:
        await _buried(future)
        raise
    except Exception as raised:
        await _buried(future)
        return _verdict(future, raised, limit)


async def _buried(call: CallFuture) -> None:
    if not call.done():
        call.cancel()
    if call.killed is not None:
        await finish(call.killed)


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
