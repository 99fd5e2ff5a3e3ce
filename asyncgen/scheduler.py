"""Calls blocking functions in killable processes, from asyncio, as many at a time as there are slots.

    source ──item──▶ runner ──┐
    other code ───────────────┼─ turns ─▶ attempt ──run_in_executor under wait_for──▶ slot ──▶ worker process
    executor ─────────────────┘              └──────CallResult──▶ consumer

The scheduler knows nothing of what the functions do. How it calls, `run`, `stream` and `executor`, is in
calls/caller.py, for each of its clients alike.

Guarantees: the clock of a call starts when its function is called, in the process. At the limit, or when the
    awaiting task is cancelled, the process group is killed and dead before the call returns; no other call
    notices. A stream never holds more than its bound of items drawn and not yet consumed. Nothing is left
    running behind `async with`.
Assumes: one event loop; every method is called on its thread, but for those of its executors.
"""

import asyncio
import warnings
from functools import partial
from typing import Unpack

from asyncgen.calls.call import Surroundings, attempt
from asyncgen.calls.caller import Caller, Core
from asyncgen.calls.child.main_script import imports_main
from asyncgen.calls.context import Context
from asyncgen.calls.cores import usable_cores
from asyncgen.calls.errors import SchedulerClosed, SchedulerError
from asyncgen.calls.health import Health, Probe, health_of
from asyncgen.calls.inline import Inline, attempt_inline
from asyncgen.calls.options import CallOptions, Options, check_seconds
from asyncgen.calls.settings import Changes, Settings, settings_of
from asyncgen.calls.slot import Slot
from asyncgen.calls.statistics import Counters, Hook, Statistics
from asyncgen.calls.supply import Supply
from asyncgen.calls.system import lack
from asyncgen.calls.turns import Line, Turns
from asyncgen.calls.waiting import finish, insist


class Scheduler(Caller):
    """An asynchronous context manager that owns worker processes and makes calls in them."""

    def __init__(
        self,
        settings: Settings | int | None = None,
        *,
        on_event: Hook | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        """Take a Settings object or a number of workers, single settings by name, or both.

        `on_event` is called from the loop with each events.Event. What it raises goes to the loop's exception
        handler, and the scheduler goes on.
        """
        self.settings = settings_of(settings, changes)
        self._counters = Counters(on_event)
        self._turns = Turns(self._check_open, self.settings.max_pending)
        self._supply: Supply | Inline | None = None
        self._slots: list[Slot] = []
        self._cores = usable_cores()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Task[None] | None = None
        shared = Surroundings(self._turns, self._counters, self._crowd)
        make = attempt if self.settings.workers else attempt_inline
        context = Context(self.settings.context) if self.settings.context else None
        core = Core(
            self.settings, shared, make, self._check_open, self._check_loop, self._check_usable, context
        )
        super().__init__(core, Line(), Options())

    # -- opening and closing -------------------------------------------------------------------------

    async def __aenter__(self) -> "Scheduler":
        if (missing := lack()) is not None:
            raise SchedulerError(missing)
        if imports_main():
            raise SchedulerError(
                "a worker process is importing the main script, which starts a scheduler again: put what "
                "the script does under `if __name__ == '__main__':`"
            )
        if self._supply is not None:
            raise SchedulerError("a scheduler cannot be entered twice")
        self._loop = asyncio.get_running_loop()
        if not self.settings.workers:
            self._supply = Inline(self.settings)
            return self
        supply = self._supply = Supply(self.settings, self._counters, self._release_waiting)
        for _ in range(self.settings.workers):
            self._slots.append(Slot(supply, self.settings, self._turns.give, self._counters))
        if self.settings.preload and self.settings.start_method == "template":
            await self._settle(supply)
        return self

    async def _settle(self, supply: Supply) -> None:
        """Wait for the preload, and warn where it starts threads."""
        try:
            await supply.settle()
            if supply.threads:
                warnings.warn(
                    f"preloading {', '.join(self.settings.preload)} has started {supply.threads} thread(s), "
                    "and a process with threads cannot be forked safely: each worker is a fresh interpreter, "
                    "which imports it for itself. Say so with start_method='spawn', or do not preload it",
                    RuntimeWarning,
                    stacklevel=3,
                )
        except BaseException:
            await self.close()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Kill what runs, and return when every process is gone. May be called more than once.

        Raises SchedulerError inside the source of one of its streams, for whose end it would wait.
        """
        if self._supply is None:
            return
        self._check_loop()
        for stream in self._core.streams:
            stream.check_not_inside("its scheduler")
        if self._closing is None:
            # The end of a program's loop cancels all tasks, this one too.
            close = insist(partial(self._close, self._supply))
            self._closing = asyncio.get_running_loop().create_task(close)
        await finish(self._closing)

    async def _close(self, supply: Supply | Inline) -> None:
        executors = list(self._core.executors)
        for executor in executors:
            executor.refuse()
        for stream in list(self._core.streams):
            await stream.aclose(SchedulerClosed("the scheduler was closed before the stream had ended"))
        for slot in self._slots:
            slot.shutdown()
        self._release_waiting()
        for executor in executors:
            await executor.ended()
        if self._core.started:
            await asyncio.wait(self._core.started)
        await supply.close()

    # -- its users -----------------------------------------------------------------------------------

    def client(self, name: str, share: float = 1.0, **options: Unpack[CallOptions]) -> Caller:
        """Another user of the same workers, which makes calls as the scheduler does, with these options.

        Where users compete, each has the workers for a time in proportion to its `share`; the scheduler's own
        is 1. So however many calls one of them makes, the others get theirs.
        """
        if not 0 < share < float("inf"):
            raise ValueError(f"share must be more than 0, not {share}")
        self._core.is_shared = True
        return Caller(self._core, Line(name, share), Options(**options))

    # -- what it is doing ----------------------------------------------------------------------------

    @property
    def statistics(self) -> Statistics:
        """A snapshot, at any time and from any thread."""
        executors = list(self._core.executors)
        return self._counters.snapshot(
            workers=self.settings.workers,
            busy=sum(slot.busy for slot in self._slots),
            idle=sum(slot.idle for slot in self._slots),
            spares=self.spares,
            waiting=self._turns.waiting + sum(executor.queued for executor in executors),
        )

    async def check(self, timeout: float = 10.0) -> Health:
        """Find out whether calls can be made: the template process answers, and a worker that is idle.

        That all workers are busy is healthy. Raises SchedulerClosed where the scheduler is not open, and
        SchedulerError where no process can be started, or no answer comes within `timeout` seconds. The call
        that it makes is in no statistics.
        """
        check_seconds("timeout", timeout)
        self._check_open()
        assert self._supply is not None
        seconds = await Probe(self._core, self._supply, self._slots).check(timeout)
        return health_of(self._slots, self.statistics.waiting, seconds)

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

    # -- its state -----------------------------------------------------------------------------------

    def _check_open(self) -> None:
        self._check_loop()
        self._check_usable()

    def _check_usable(self) -> None:
        if self._supply is None or self._closing is not None:
            raise SchedulerClosed("the scheduler is not open: use it inside `async with`")
        if (broken := self._supply.broken) is not None:
            raise broken

    def _check_loop(self) -> None:
        """Raise SchedulerError on any event loop but its own."""
        here = asyncio.get_running_loop()
        if self._loop is not None and here is not self._loop:
            state = "closed" if self._loop.is_closed() else "not the one that runs here"
            raise SchedulerError(
                f"the scheduler was opened on the event loop {_named(self._loop)}, which is {state}, and is "
                f"used on {_named(here)}: open one inside each `asyncio.run`, or use KillableExecutor, which "
                "serves all"
            )

    def _crowd(self) -> float:
        """How many busy workers there are for each core."""
        return sum(slot.busy for slot in self._slots) / self._cores

    def _release_waiting(self) -> None:
        """There will be no slot any more for those who wait."""
        supply = self._supply
        assert supply is not None
        self._turns.refuse(lambda: supply.broken or SchedulerClosed("the scheduler was closed"))


def _named(loop: asyncio.AbstractEventLoop) -> str:
    """A loop as it is told from others of its kind."""
    return f"{loop!r} at {id(loop):#x}"
