"""One worker process behind `concurrent.futures.Executor`: call, kill, replace.

                    submit, give                answer, or the process ended
    EMPTY ──adopt──▶ IDLE ──────────▶ BUSY ────────────────────────────────▶ IDLE or EMPTY
                                       └── kill, future.cancel(): killed ─▶ EMPTY ─ a spare ─▶ IDLE

A slot makes one call, or one packet of them, at a time: `loop.run_in_executor(slot, function, *args)` on an
idle slot starts at once, so that a time limit around it measures work and not waiting.

Guarantees: cancelling the future of a running call kills the whole process group, after the settings' grace,
    and `killed` resolves when it is dead; the slot meanwhile takes the next ready process. Each call ends
    exactly once. No error, of whatever class, keeps a slot from its next call.
Assumes: `submit` and `cancel` are called on the loop's own thread.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from enum import Enum, auto
from typing import Any

from asyncgen.calls import frames, notes, sharing
from asyncgen.calls.errors import (
    MemoryLimitExceeded,
    RemoteError,
    SchedulerClosed,
    SchedulerError,
    WorkerDied,
    describe_exit,
    load_error,
)
from asyncgen.calls.foreign import add_note, deliverable, without_traceback
from asyncgen.calls.frames import Buffer, Frame, Kind, Part
from asyncgen.calls.pickling import pickling_by
from asyncgen.calls.settings import Settings
from asyncgen.calls.supply import Observer, Supply
from asyncgen.calls.work import CallFuture, Work
from asyncgen.calls.worker_process import Exit, Owner, WorkerProcess

_UNREADABLE = RemoteError()


class _State(Enum):
    EMPTY = auto()  # waits for a process
    IDLE = auto()
    BUSY = auto()
    CLOSED = auto()


# To name them so takes less time, of which a call takes some ten microseconds.
_EMPTY, _IDLE, _BUSY, _CLOSED = _State
_LEFT, _ERROR = Kind.LEFT, Kind.ERROR


class Slot(Executor):
    """An executor of one process at a time; `on_idle` is called whenever it can take a call."""

    def __init__(
        self,
        supply: Supply,
        settings: Settings,
        on_idle: Callable[["Slot"], None],
        observer: Observer,
    ) -> None:
        self._supply = supply
        self._settings = settings
        self._on_idle = on_idle
        self._observer = observer
        self._grace = settings.grace or 0.0
        self._dumps, self.dumps_whole, _ = pickling_by(settings.pickler)
        self._loop = asyncio.get_running_loop()
        self._state = _EMPTY
        self._process: WorkerProcess | None = None
        self._work: Work | None = None
        supply.request(self)

    @property
    def idle(self) -> bool:
        """Whether `submit` would start a call now."""
        return self._state is _IDLE and self._process is not None and self._process.alive

    @property
    def busy(self) -> bool:
        return self._work is not None

    @property
    def process(self) -> WorkerProcess | None:
        """The worker that holds the slot."""
        return self._process

    @property
    def pid(self) -> int | None:
        """Process id of the worker that holds the slot."""
        return self._process.pid if self._process is not None else None

    @property
    def running_seconds(self) -> float | None:
        """How long the call under way has run, or what it needs is being imported; None without one."""
        work, process = self._work, self._process
        if work is None or process is None:
            return None
        has_begun = process.board.begun >= work.number
        return time.monotonic() - (process.board.when if has_begun else work.sent)

    def makes(self, work: Work) -> bool:
        """Whether the slot's process is busy with this."""
        return work is self._work

    @property
    def max_message(self) -> int:
        """Bytes of the largest message that the slot's process takes."""
        return self._settings.max_message

    @property
    def calls_left(self) -> float:
        """Calls that the slot's process may make before it is replaced."""
        most = self._settings.calls_per_worker
        return float("inf") if most is None or self._process is None else most - self._process.calls

    # -- Executor ----------------------------------------------------------------------------------

    def submit(  # type: ignore[override]  # see CallFuture
        self, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> CallFuture:
        """Start the call in this slot's process. Raises SchedulerError if the slot is not idle.

        What cannot be pickled becomes the future's exception, and the process is not bothered.
        """
        self._check_idle()
        call = CallFuture(self, self._loop)
        try:
            parts = self._dumps((self.keyed(function), args, kwargs))
            check_size(parts, self._settings.max_message)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            call.set_exception(own(error, "raised while pickling the call"))
            self._rest()
            return call
        self.give(call, frames.encode(Kind.CALL, parts))
        return call

    def keyed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is pickled for the slot's process: the first one brings the key of managers."""
        process = self._process
        if process is None or process.has_key or not sharing.has_managers():
            return function
        process.has_key = True
        return sharing.with_key(function)

    def give(self, work: Work, buffers: Sequence[Buffer]) -> None:
        """Send work to the process of this slot, which is idle."""
        assert self._process is not None
        self._work = work
        self._state = _BUSY
        work.number = self._process.sent + 1
        work.sent = time.monotonic()
        self._process.send(buffers, work.left)

    def _check_idle(self) -> None:
        if self._state is _CLOSED:
            raise SchedulerClosed("the scheduler is closed")
        if not self.idle:
            raise SchedulerError("the slot is not idle: it makes one call at a time")

    def resume(self, call: CallFuture) -> CallFuture:
        """Wait again for a call whose held future was cancelled: what waits for it from now on."""
        again = CallFuture(self, self._loop)
        again.held, again.number, again.sent, again.call = call.held, call.number, call.sent, call.call
        if call is self._work:
            self._work = again
        else:  # it has ended meanwhile
            again.left, again.cpu_seconds = call.left, call.cpu_seconds
            again.settle(*(call.late or (None, SchedulerClosed("the scheduler was closed during the call"))))
        return again

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Kill the process, and fail the call that it was making with SchedulerClosed."""
        work, self._work = self._work, None
        process, self._process = self._process, None
        self._state = _CLOSED
        if process is not None:
            process.hand_to(_Nobody())
            process.kill(self._grace if work is not None else 0.0)
        if work is not None:
            work.lost(SchedulerClosed("the scheduler was closed during the call"), 0.0)

    # -- a call's life -----------------------------------------------------------------------------

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        """The slot's process has sent an answer: the one to the call that it makes."""
        work = self._work
        if work is None:
            process.refuse(frame)
            return
        if frame.kind is _LEFT:
            work.left, self._work = 0, None
            self._rest_or_retire(process)
            work.answered(frame, None, None)
            return
        process.calls += 1
        work.left -= 1
        value: Any = None
        error: Exception | None = _UNREADABLE
        try:  # which runs what the answer's classes define
            value, error = _unpack(frame)
        finally:  # whatever comes out of it, the slot goes on and the call ends
            if error is _UNREADABLE:
                error = RemoteError("the answer could not be read here")
            if not work.left:
                self._work = None
                self._rest_or_retire(process)
            work.answered(frame, value, error)

    def noted(self, process: WorkerProcess, frame: Frame) -> None:
        """The slot's process has sent a note, perhaps of the call that it makes."""
        notes.take(frame, process, self._work, self._observer)

    def catch_up(self, work: Work) -> None:
        """Take the answers to this work now, as far as they have arrived."""
        if work is self._work and self._process is not None:
            self._process.catch_up()

    def kill(self, work: Work) -> None:
        """Kill the process that is busy with this; `work.killed` resolves when its group is dead."""
        work.killed = self._loop.create_future()
        if work is not self._work or self._process is None:  # nothing of it runs
            work.killed.set_result(None)
            return
        self._work = None
        self._replace("killed", _Killed(work), self._grace)

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        """The slot's process died of its own, at work or at rest."""
        self._process = None
        self._state = _EMPTY
        assert process.pid is not None
        self._observer.process_recycled(process.pid, "memory" if end.over_limit else "died")
        work, self._work = self._work, None
        if work is not None:
            cpu_seconds = 0.0 if end.unread else max(0.0, end.cpu_seconds - process.charged)
            work.lost(_death(end, process.pid, cpu_seconds, self._settings.memory_limit), cpu_seconds)
        self._supply.request(self)

    # -- a process's life ----------------------------------------------------------------------------

    def adopt(self, process: WorkerProcess) -> None:
        """Take over a ready process."""
        if self._state is _CLOSED:
            process.kill()
            return
        self._process = process
        process.hand_to(self)
        self._rest()

    def starve(self) -> None:
        """There will be no process any more: the slot stays empty."""

    def _rest(self) -> None:
        self._state = _IDLE
        self._on_idle(self)

    def _rest_or_retire(self, process: WorkerProcess) -> None:
        if process.calls == self._settings.calls_per_worker:
            self._replace("retired")
        else:
            self._rest()

    def _replace(self, why: str, owner: Owner | None = None, grace: float = 0.0) -> None:
        process, self._process = self._process, None
        assert process is not None
        assert process.pid is not None
        self._state = _EMPTY
        process.hand_to(owner or _Nobody())
        process.kill(grace)
        self._observer.process_recycled(process.pid, why)
        self._supply.request(self)


def _unpack(frame: Frame) -> tuple[Any, Exception | None]:
    if frame.kind is _ERROR:
        return None, load_error(list(frame.parts))
    try:
        return frames.loads(frame.parts), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, own(error, "raised while unpickling the call's result")


def check_size(parts: Sequence[Part], limit: int) -> None:
    """Raise ValueError where the parts of a call take more bytes than the limit."""
    size = sum(map(len, parts))
    if size > limit:
        raise ValueError(
            f"the call's arguments take {size} bytes and the limit is {limit}: raise max_message"
        )


def own(error: BaseException, where: str) -> Exception:
    """Make an exception of this process the call's own: pickling may raise anything, SystemExit too."""
    if not deliverable(error):
        return RemoteError(f"{type(error).__qualname__} was {where}")
    assert isinstance(error, Exception)
    add_note(error, where)
    without_traceback(error)  # which would keep the arguments alive
    return error


def _death(end: Exit, pid: int, cpu_seconds: float, limit: int | None) -> WorkerDied:
    if end.over_limit and not end.unread:
        detail = f"the call held {end.over_limit} bytes of memory and the limit is {limit}"
        return MemoryLimitExceeded(end.exitcode, detail, cpu_seconds, pid=pid)
    detail = end.detail or describe_exit(end.exitcode)
    return WorkerDied(end.exitcode, detail, cpu_seconds, started=not end.unread, pid=pid)


class _Killed:
    """Owns the process of killed work, until its group is dead."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        """The answer comes too late, and counts no more."""

    def noted(self, process: WorkerProcess, frame: Frame) -> None: ...

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        self._work.buried(max(0.0, end.cpu_seconds - process.charged))
        killed = self._work.killed
        if killed is not None and not killed.done():
            killed.set_result(None)


class _Nobody:
    """Owns a process that nobody waits for any more."""

    def answered(self, process: WorkerProcess, frame: Frame) -> None: ...

    def noted(self, process: WorkerProcess, frame: Frame) -> None: ...

    def ended(self, process: WorkerProcess, end: Exit) -> None: ...
