"""Keeps ready worker processes in stock, and hands one to each slot that has lost its own.

"Ready" means that the process has run its initializer. A process that fails to become ready is tried again
with growing pauses: a few times, and once any has been ready for as long as `start_patience` says. An
initializer that raises breaks the supply at once, since it would raise again.
"""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import IO, Protocol

from asyncgen.calls import frames, notes, sharing
from asyncgen.calls.child.messages import Orders
from asyncgen.calls.child.start import SettingError
from asyncgen.calls.child.worker import Introduction
from asyncgen.calls.errors import SchedulerBroken, SchedulerError, describe_exit, load_error
from asyncgen.calls.frames import Frame, Kind
from asyncgen.calls.nursery import Loss, Nursery, TemplateProgram
from asyncgen.calls.pickling import Pickling, pickling_by
from asyncgen.calls.settings import Settings
from asyncgen.calls.worker_process import Exit, WorkerProcess

_MOST_FAILURES = 5  # processes in a row that did not become ready
_FIRST_PAUSE = 0.05  # seconds before the next try, doubled with each failure
_LONGEST_PAUSE = 60.0
_DYING = 64  # processes that may be about to end, besides three for each that is at work

# What has the usual libraries start no threads when they are imported, unless somebody has said otherwise.
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **dict.fromkeys(("BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # of pyarrow
}

log = logging.getLogger("asyncgen")
log.addHandler(logging.NullHandler())  # whoever holds the scheduler decides what is seen of it


class Customer(Protocol):
    """Whoever asked for a process: it gets exactly one `adopt`, or one `starve`."""

    def adopt(self, process: WorkerProcess) -> None: ...

    def starve(self) -> None: ...


class Observer(notes.Observer, Protocol):
    """Whoever is told what becomes of the processes, with the process's id and the reason."""

    def process_ready(self, pid: int, seconds: float) -> None: ...

    def start_failed(self, why: str) -> None: ...

    def process_recycled(self, pid: int, why: str) -> None: ...

    def template_lost(self, pid: int, why: str) -> None: ...


class Supply:
    """Processes for slots: `workers` of them and some spares."""

    def __init__(self, settings: Settings, observer: Observer, on_break: Callable[[], None]) -> None:
        self._settings = settings
        self._spawns = settings.start_method == "spawn"
        self.threads = 0  # those for which the template could not fork, so that workers are spawned
        self._observer = observer
        self._on_break = on_break
        self._loop = asyncio.get_running_loop()
        pickling = _pickling_of(settings)
        self._initializer, self._shared = sharing.dumps((settings.initializer, settings.initargs), pickling)
        self._introduction = self._introduce()
        self._waiting: deque[Customer] = deque()
        self._stock: deque[WorkerProcess] = deque()
        self._starting: dict[WorkerProcess, asyncio.TimerHandle] = {}
        self._failures = 0
        self._failing_since = float("-inf")  # as if for ever, until a process has been ready
        self._pause: asyncio.TimerHandle | None = None
        self._output: IO[bytes] | None = None
        self._retired: list[Nursery] = []
        self._closed = False
        self._breakage: tuple[str, Exception | None] | None = None
        try:
            self._nursery = self._new_nursery()
        except BaseException:
            self._close_output()
            raise

    @property
    def broken(self) -> SchedulerBroken | None:
        """Why there will be no process any more: an exception of each caller's own; None if all is well."""
        if self._breakage is None:
            return None
        why, cause = self._breakage
        error = SchedulerBroken(f"no worker process can be started: {why}")
        error.__cause__ = cause
        return error

    @property
    def template_pid(self) -> int:
        """Process id of the template now in use."""
        return self._nursery.pid

    @property
    def stock(self) -> list[int]:
        """Process ids of the spares that are ready."""
        stock = list(self._stock)  # at once: statistics are read from other threads too
        return [process.pid for process in stock if process.alive and process.pid is not None]

    def request(self, customer: Customer) -> None:
        """Give the customer a process: now if one is in stock, otherwise the next that is ready."""
        while self._stock:
            process = self._stock.popleft()
            if process.alive:
                customer.adopt(process)
                break
        else:
            self._waiting.append(customer)
        self._fill()

    def _fill(self) -> None:
        if self._closed or self._pause is not None:
            return
        if self._breakage:
            self._starve()
            return
        try:
            if self._nursery.lost:
                self._nursery = self._new_nursery()
            wanted = len(self._waiting) + self._settings.spares
            for _ in range(wanted - len(self._starting) - len(self._stock)):
                if not self._nursery.has_room:  # it says when it has
                    break
                self._start()
        except OSError as error:  # no descriptor or no process is to be had, perhaps for a moment only
            self._postpone(str(error))

    def _start(self) -> None:
        process = self._nursery.fork(self, self._shared)
        self._starting[process] = self._loop.call_later(self._settings.start_timeout, self._overdue, process)
        process.send(self._introduction)

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        """The answer to the introduction: the process is ready, or its initializer raised."""
        if process not in self._starting:
            process.refuse(frame)
            return
        self._starting.pop(process).cancel()
        if frame.kind is Kind.ERROR:
            process.kill()
            self._misintroduced(load_error(list(frame.parts)))
            return
        self._failures = 0
        self._failing_since = float("inf")
        process.pid = frames.loads(frame.parts)  # the template's report may come later than the answer
        assert process.pid is not None
        self._observer.process_ready(process.pid, time.perf_counter() - process.requested)
        self._stock.append(process)
        if self._waiting:
            self.request(self._waiting.popleft())

    def noted(self, process: WorkerProcess, frame: Frame) -> None:
        """A process has sent a note while it starts, or in stock."""
        notes.take(frame, process, None, self._observer)

    def _misintroduced(self, error: Exception) -> None:
        """It would be the same with every other process."""
        if isinstance(error, SettingError):
            self._break(str(error))
        else:
            self._break(f"the initializer raised {type(error).__name__}: {error}", error)

    def _overdue(self, process: WorkerProcess) -> None:
        process.explain(f"it was not ready within {self._settings.start_timeout:g} s")
        process.kill()

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        """A process ended before it was handed to a slot: at its start, or in stock."""
        if process in self._starting:
            self._failed(process, end)
            return
        if process in self._stock and not self._closed:
            self._stock.remove(process)
            assert process.pid is not None
            self._observer.process_recycled(process.pid, "spare")
        self._fill()

    def _failed(self, process: WorkerProcess, end: Exit) -> None:
        self._starting.pop(process).cancel()
        why = end.detail or describe_exit(end.exitcode)
        if not self._closed:
            self._observer.start_failed(why)
        self._postpone(why)

    def _postpone(self, why: str) -> None:
        """Count a failure to start, and try again later or give up."""
        if self._closed or self._breakage or self._pause is not None:
            return
        self._failures += 1
        self._failing_since = min(self._failing_since, self._loop.time())
        pause = min(_FIRST_PAUSE * 2 ** min(self._failures, 20), _LONGEST_PAUSE)
        if self._failures >= _MOST_FAILURES:
            if self._loop.time() - self._failing_since >= self._settings.start_patience:
                self._break(f"{self._failures} worker processes in a row did not start; the last: {why}")
                return
            log.warning("no worker process could be started (%s): trying again in %.0f s", why, pause)
        self._pause = self._loop.call_later(pause, self._resume)

    def _resume(self) -> None:
        self._pause = None
        self._fill()

    def _break(self, why: str, cause: Exception | None = None) -> None:
        self._breakage = why, cause
        self._starve()
        self._on_break()

    def _starve(self) -> None:
        while self._waiting:
            self._waiting.popleft().starve()

    # -- the template ------------------------------------------------------------------------------

    def _new_nursery(self) -> Nursery:
        if self._settings.output is not None and self._output is None:
            self._output = self._settings.output.open("ab")
        return Nursery(
            TemplateProgram(
                Orders(
                    parent=os.getpid(),
                    preload=() if self._spawns else self._preload,
                    spawn=self._spawns,
                    memory_limit=self._settings.memory_limit,
                    memory_interval=self._settings.memory_interval,
                    max_message=self._settings.max_message,
                    nice=self._settings.nice,
                    folders=self._settings.own_folder,
                ),
                environment=self._environment(),
                boards=_DYING + 4 * (self._settings.workers + self._settings.spares),
                output=self._output or subprocess.DEVNULL,
            ),
            self._template_lost,
            self._fill,
        )

    def _template_lost(self, loss: Loss) -> None:
        if self._closed:
            return
        why = loss.why or "the template process ended"
        self._observer.template_lost(self._nursery.pid, why)
        self._stock.clear()
        self._retired.append(self._nursery)
        if loss.is_final:  # it would be the same with every other template
            self._break(why)
        elif loss.threads:
            self.threads, self._spawns = loss.threads, True
            self._introduction = self._introduce()
            self._fill()
        else:
            self._postpone(why)

    def ping(self) -> "asyncio.Future[bool]":
        """True once the template has answered; False where it has ended, and another is to come."""
        return self._nursery.ping()

    async def settle(self) -> None:
        """Wait until the template has imported the preload, or says that it cannot; not for ever."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._nursery.spoke.wait(), self._settings.start_timeout)

    def _environment(self) -> Mapping[str, str]:
        """Variables besides our own: a template that is to fork has libraries start no threads."""
        single = {name: value for name, value in ONE_THREAD.items() if name not in os.environ}
        return {**({} if self._spawns else single), **self._settings.environment}

    @property
    def _preload(self) -> tuple[str, ...]:
        return (*self._settings.preload, self._settings.pickler)  # which is a module, too

    def _introduce(self) -> list[frames.Buffer]:
        """The first frame of each process."""
        main = sys.modules.get("__main__")
        spec, path = getattr(main, "__spec__", None), getattr(main, "__file__", None)
        introduction = Introduction(
            main_path=None if path == "<stdin>" else path,
            main_module=spec.name if spec is not None else None,
            preload=self._preload if self._spawns else (),
            pickler=self._settings.pickler,
            address_space=self._settings.address_space,
            initializer=self._initializer,
            logs=self._settings.least_level,
        )
        return frames.encode(Kind.CALL, frames.dumps((introduction, (), {})))

    async def close(self) -> None:
        """Kill every process and wait for the last, and for the template."""
        self._closed = True
        if self._pause is not None:
            self._pause.cancel()
        for timer in self._starting.values():
            timer.cancel()
        for nursery in [*self._retired, self._nursery]:
            await nursery.close()
        self._close_output()

    def _close_output(self) -> None:
        if self._output is not None:
            self._output.close()


def _pickling_of(settings: Settings) -> Pickling:
    try:
        return pickling_by(settings.pickler)
    except ImportError as error:
        raise SchedulerError(str(error)) from None
