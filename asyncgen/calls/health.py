"""Whether a scheduler can make calls, found out by having its processes answer.

Counters may look well while nothing moves: a template that is stopped forks no more, and a worker that is
stopped is idle as far as anybody knows. So the template is asked, and an idle worker makes a call.
"""

import asyncio
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asyncgen.calls.call import Surroundings
from asyncgen.calls.caller import Caller, Core
from asyncgen.calls.errors import Saturated, SchedulerError
from asyncgen.calls.inline import Inline
from asyncgen.calls.options import Options
from asyncgen.calls.slot import Slot
from asyncgen.calls.statistics import Counters
from asyncgen.calls.supply import Supply
from asyncgen.calls.turns import Line

_PAUSE = 0.05  # seconds until the next look where a template has ended and the next has not begun
_NO_OP: Callable[[], object] = int  # which every process has
_UNLIMITED = Options(timeout=float("inf"), cpu_limit=float("inf"))


@dataclass(frozen=True, slots=True)
class Health:
    """What a scheduler was doing that can make calls: see Scheduler.check.

    workers: those with a process, of which `busy` make a call. waiting: calls that wait for one of them.
    oldest_seconds: for how long the oldest call under way has run; None where there is none.
    template_seconds: how long the template process took to answer.
    """

    workers: int
    busy: int
    waiting: int
    oldest_seconds: float | None
    template_seconds: float


class Probe:
    """Has the processes of one scheduler answer. Its calls are counted nowhere, and no hook hears of them."""

    def __init__(self, core: Core, supply: Supply | Inline, slots: Sequence[Slot]) -> None:
        self._core = core
        self._supply = supply
        self._slots = slots
        self._awaited = ""
        settings = dataclasses.replace(core.settings, most_deaths=None)
        unseen = Surroundings(core.shared.turns, Counters(None), core.shared.crowd)
        self._caller = Caller(dataclasses.replace(core, settings=settings, shared=unseen), Line(), _UNLIMITED)

    async def check(self, timeout: float) -> float:
        """The seconds until the template answered. Raises SchedulerError where anything does not in time."""
        try:
            async with asyncio.timeout(timeout):
                seconds = await self._ask_template()
                await self._ask_worker()
        except TimeoutError:
            raise SchedulerError(f"{self._awaited} did not answer within {timeout:g} s") from None
        return seconds

    async def _ask_template(self) -> float:
        self._awaited = "the template process"
        asked = time.perf_counter()
        while not await self._supply.ping():  # it has ended: there will be another
            self._core.check()
            await asyncio.sleep(_PAUSE)
        return time.perf_counter() - asked

    async def _ask_worker(self) -> None:
        """Make a call, unless all who could are at work. Where nobody is, somebody must become ready."""
        self._awaited = "a worker process"
        options = _UNLIMITED
        if any(slot.busy for slot in self._slots):
            options = options.changed(max_pending=0, reject=True)
        try:
            result = await self._caller.call(None, _NO_OP, (), options)
        except Saturated:
            return
        if result.error is not None:
            raise SchedulerError(f"a worker process could make no call: {result.error}") from result.error


def health_of(slots: Sequence[Slot], waiting: int, template_seconds: float) -> Health:
    """Where all have answered: what they do."""
    running = [seconds for slot in slots if (seconds := slot.running_seconds) is not None]
    return Health(
        workers=sum(slot.pid is not None for slot in slots),
        busy=sum(slot.busy for slot in slots),
        waiting=waiting,
        oldest_seconds=max(running, default=None),
        template_seconds=template_seconds,
    )
