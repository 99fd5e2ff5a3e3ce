"""One worker process behind `concurrent.futures.Executor`: call, kill, replace.

                    submit                      answer, or the process ended
    EMPTY ──adopt──▶ IDLE ──────────▶ BUSY ────────────────────────────────▶ IDLE or EMPTY
                                       └── future.cancel(): killed ─▶ EMPTY ─ a spare ─▶ IDLE

A slot makes one call at a time: `loop.run_in_executor(slot, function, *args)` on an idle slot starts at once,
so that a time limit around it measures work and not waiting.

Guarantees: cancelling the future of a running call kills the whole process group, and `killed` resolves
    when it is dead; the slot meanwhile takes the next ready process. Each call ends exactly once.
Assumes: `submit` and `cancel` are called on the loop's own thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from enum import Enum, auto
from typing import Any

from asyncgen.calls import frames
from asyncgen.calls.errors import (
    MemoryLimitExceeded,
    RemoteError,
    SchedulerClosed,
    SchedulerError,
    WorkerDied,
    deliverable,
    describe_exit,
    load_error,
)
from asyncgen.calls.frames import Frame, Kind, Part
from asyncgen.calls.settings import Settings
from asyncgen.calls.supply import Observer, Supply
from asyncgen.calls.worker_process import Exit, Owner, WorkerProcess


class _State(Enum):
    EMPTY = auto()  # waits for a process
    IDLE = auto()
    BUSY = auto()
    CLOSED = auto()


class CallFuture(asyncio.Future[Any]):
    """The future of one call in a slot. To cancel it is to kill what it waits for.

    It is one of asyncio's, which `run_in_executor` takes as it is. One of the standard library's has a lock,
    and is copied into one of asyncio's in another turn of the loop: a fifth of what a call costs.

    `cpu_seconds` is what the call used, descendants included: known once the call has ended, and for a
    killed one once `killed` has resolved.
    """

    def __init__(self, slot: "Slot", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._slot = slot
        self.killed: asyncio.Future[None] | None = None
        self.cpu_seconds = 0.0

    def cancel(self, msg: Any | None = None) -> bool:
        """Kill the process group that makes the call, unless the call has already ended.

        An answer that has arrived counts, also where the loop has been too busy to read it.
        """
        self._slot.catch_up(self)
        if not super().cancel(msg):
            return False
        self.killed = self.get_loop().create_future()
        self._slot.kill(self)
        return True


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
        self._loop = asyncio.get_running_loop()
        self._state = _State.EMPTY
        self._process: WorkerProcess | None = None
        self._call: CallFuture | None = None
        supply.request(self)

    @property
    def idle(self) -> bool:
        """Whether `submit` would start a call now."""
        return self._state is _State.IDLE and self._process is not None and self._process.alive

    @property
    def busy(self) -> bool:
        return self._call is not None

    @property
    def pid(self) -> int | None:
        """Process id of the worker that holds the slot."""
        return self._process.pid if self._process is not None else None

    # -- Executor ----------------------------------------------------------------------------------

    def submit(  # type: ignore[override]  # see CallFuture
        self, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> CallFuture:
        """Start the call in this slot's process. Raises SchedulerError if the slot is not idle.

        What cannot be pickled becomes the future's exception, and the process is not bothered.
        """
        if self._state is _State.CLOSED:
            raise SchedulerClosed("the scheduler is closed")
        if not self.idle:
            raise SchedulerError("the slot is not idle: it makes one call at a time")
        call = CallFuture(self, self._loop)
        try:
            parts = frames.dumps((function, args, kwargs))
            self._check_size(parts)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            call.set_exception(_own(error, "raised while pickling the call"))
            self._rest()
            return call
        self._call = call
        self._state = _State.BUSY
        assert self._process is not None
        self._process.send(frames.encode(Kind.CALL, parts))
        return call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Kill the process, and fail the call that it was making with SchedulerClosed."""
        call, self._call = self._call, None
        process, self._process = self._process, None
        self._state = _State.CLOSED
        if process is not None:
            process.hand_to(_Nobody())
            process.kill()
        if call is not None:
            call.set_exception(SchedulerClosed("the scheduler was closed during the call"))

    # -- a call's life -----------------------------------------------------------------------------

    def _check_size(self, parts: list[Part]) -> None:
        size, limit = sum(map(len, parts)), self._settings.max_message
        if size > limit:
            raise ValueError(
                f"the call's arguments take {size} bytes and the limit is {limit}: raise max_message"
            )

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        """The slot's process has sent an answer: the one to its call, if it makes one."""
        call = self._call
        if call is None or frame.kind is Kind.CALL:
            process.refuse(frame)
            return
        self._call = None
        call.cpu_seconds = frame.cpu_seconds
        process.calls += 1
        value, error = _unpack(frame)
        if process.calls == self._settings.calls_per_worker:
            self._replace("retired")
        else:
            self._rest()
        if error is None:
            call.set_result(value)
        else:
            call.set_exception(error)

    def catch_up(self, call: CallFuture) -> None:
        """Take the answer to this call now, if it has arrived."""
        if call is self._call and self._process is not None:
            self._process.catch_up()

    def kill(self, call: CallFuture) -> None:
        """Kill the process that makes this call; `call.killed` resolves when its group is dead."""
        if call is not self._call or self._process is None:  # nothing of it runs
            _resolve(call)
            return
        self._call = None
        self._replace("killed", _Killed(call))

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        """The slot's process died of its own, at work or at rest."""
        self._process = None
        self._state = _State.EMPTY
        assert process.pid is not None
        self._observer.process_recycled(process.pid, "memory" if end.over_limit else "died")
        call, self._call = self._call, None
        if call is not None:
            call.cpu_seconds = 0.0 if end.unread else max(0.0, end.cpu_seconds - process.charged)
            call.set_exception(_death(end, call.cpu_seconds, self._settings.memory_limit))
        self._supply.request(self)

    # -- a process's life ----------------------------------------------------------------------------

    def adopt(self, process: WorkerProcess) -> None:
        """Take over a ready process."""
        if self._state is _State.CLOSED:
            process.kill()
            return
        self._process = process
        process.hand_to(self)
        self._rest()

    def starve(self) -> None:
        """There will be no process any more: the slot stays empty."""

    def _rest(self) -> None:
        self._state = _State.IDLE
        self._on_idle(self)

    def _replace(self, why: str, owner: Owner | None = None) -> None:
        process, self._process = self._process, None
        assert process is not None
        assert process.pid is not None
        self._state = _State.EMPTY
        process.hand_to(owner or _Nobody())
        process.kill()
        self._observer.process_recycled(process.pid, why)
        self._supply.request(self)


def _unpack(frame: Frame) -> tuple[Any, Exception | None]:
    if frame.kind is Kind.ERROR:
        return None, load_error(list(frame.parts))
    try:
        return frames.loads(frame.parts), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, _own(error, "raised while unpickling the call's result")


def _own(error: BaseException, where: str) -> Exception:
    """Make an exception of this process the call's own: pickling may raise anything, SystemExit too."""
    if not deliverable(error):
        return RemoteError(f"{error!r} was {where}")
    assert isinstance(error, Exception)
    error.add_note(where)
    return error.with_traceback(None)  # which would keep the arguments alive


def _death(end: Exit, cpu_seconds: float, limit: int | None) -> WorkerDied:
    if end.over_limit and not end.unread:
        detail = f"the call held {end.over_limit} bytes of memory and the limit is {limit}"
        return MemoryLimitExceeded(end.exitcode, detail, cpu_seconds)
    detail = end.detail or describe_exit(end.exitcode)
    return WorkerDied(end.exitcode, detail, cpu_seconds, started=not end.unread)


def _resolve(call: CallFuture) -> None:
    if call.killed is not None and not call.killed.done():
        call.killed.set_result(None)


class _Killed:
    """Owns the process of a killed call, until its group is dead."""

    def __init__(self, call: CallFuture) -> None:
        self._call = call

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        """The answer comes too late, and counts no more."""

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        self._call.cpu_seconds = max(0.0, end.cpu_seconds - process.charged)
        _resolve(self._call)


class _Nobody:
    """Owns a process that nobody waits for any more."""

    def answered(self, process: WorkerProcess, frame: Frame) -> None: ...

    def ended(self, process: WorkerProcess, end: Exit) -> None: ...
