"""The schedulers of a node: one for each sort of shard, open for as long as there are such shards.

Assumes: everything is called on the loop's own thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from asyncgen.calls.errors import SchedulerError
from asyncgen.calls.settings import Settings
from asyncgen.jobs.labelling import scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.problems.spec import Spec
from asyncgen.scheduler import Scheduler

_Sort = tuple[Limits, tuple[str, ...]]  # what may be used, and what workers have loaded
_IDLE = 1  # schedulers that stay open though nobody uses them just now


@dataclass(slots=True)
class _Place:
    """A scheduler, once it is open, and how many use it."""

    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    scheduler: Scheduler | None = None
    users: int = 0


class Schedulers:
    """An asynchronous context manager; leaving it closes them all."""

    def __init__(self, workforce: Workforce) -> None:
        self.workforce = workforce
        self._places: dict[_Sort, _Place] = {}  # the one that was used last comes last

    async def __aenter__(self) -> "Schedulers":
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as stack:
            for place in self._places.values():
                stack.push_async_callback(place.stack.aclose)
            self._places.clear()

    @asynccontextmanager
    async def open(self, limits: Limits, spec: Spec) -> AsyncIterator[Scheduler]:
        """One whose workers solve such problems. Raises SchedulerError where it cannot start."""
        settings = scheduler_settings(limits, self.workforce, spec)
        sort = limits, settings.preload
        place = self._places[sort] = self._places.pop(sort, _Place())
        place.users += 1
        try:
            yield await self._opened(place, settings)
        except SchedulerError:  # it may be broken: the next shard has another
            if self._places.get(sort) is place:
                del self._places[sort]
            raise
        finally:
            place.users -= 1
            if not place.users and self._places.get(sort) is not place:
                await place.stack.aclose()
            await self._close_idle()

    async def _opened(self, place: _Place, settings: Settings) -> Scheduler:
        async with place.opening:
            if place.scheduler is None:
                place.scheduler = await place.stack.enter_async_context(Scheduler(settings))
            return place.scheduler

    async def _close_idle(self) -> None:
        idle = [sort for sort, place in self._places.items() if not place.users]
        for sort in idle[:-_IDLE]:
            await self._places.pop(sort).stack.aclose()
