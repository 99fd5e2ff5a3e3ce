"""Whose turn it is: slots that are idle, and callers that wait for one in lines.

Each user of a scheduler has a line of its own. Between lines, slots are shared out by weighted fair queueing:
the next slot goes to the line that has had the least time of slots for its share. Within a line, higher
priorities go first, and among equal ones whoever has waited longest. (Stride scheduling with seconds in place
of quanta: Waldspurger and Weihl, OSDI 1995, section 2.)

Assumes: everything is called on the loop's own thread.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from asyncgen.calls.errors import Saturated
from asyncgen.calls.slot import Slot

_MEMORY = 0.2  # weight of the newest call in what a line's calls take on average


@dataclass(frozen=True, slots=True)
class Patience:
    """How a caller waits: calls of higher priority first, for so many seconds at most; None for any time.

    With `rejects`, it does not wait where `most` calls of its line do already.
    """

    priority: int = 0
    seconds: float | None = None
    most: int | None = None
    rejects: bool = False


@dataclass(slots=True, eq=False)
class Line:
    """One user's callers. `share` is how much of the slots' time it has, in proportion to the others."""

    name: str = ""
    share: float = 1.0
    used: float = 0.0  # seconds of slots for a share of 1
    usual: float = 0.0  # seconds of its calls, on average
    waiting: int = 0
    callers: list[tuple[int, int, "asyncio.Future[Slot]"]] = field(default_factory=list)  # a heap


def _used(line: Line) -> float:
    return line.used


class Turns:
    """Slots that are idle, and lines of callers that wait for one."""

    def __init__(self, check_open: Callable[[], None], most: int | None = None) -> None:
        """`check_open` raises where there will be no slot any more. `most` callers may wait altogether."""
        self.check_open = check_open
        self._most = most
        self._idle: list[Slot] = []
        self._lines: set[Line] = set()  # those with callers that wait
        self._numbers = count()
        self._served = 0.0  # what the line that was served last had used

    @property
    def waiting(self) -> int:
        """How many wait."""
        lines = list(self._lines)  # at once: statistics are read from other threads too
        return sum(line.waiting for line in lines)

    async def take(self, line: Line, patience: Patience) -> Slot:
        """Wait for an idle slot. Raises Saturated, or what `check_open` does."""
        while True:
            self.check_open()
            slot = self._idle.pop() if self._idle else await self._turn(line, patience)
            if slot.idle:
                self._served = max(self._served, line.used)
                line.used += line.usual / line.share
                return slot

    def used(self, line: Line, seconds: float) -> None:
        """A caller of this line had its slot for so long."""
        line.used += (seconds - line.usual) / line.share  # the usual was counted at the beginning
        line.usual += _MEMORY * (seconds - line.usual)

    async def _turn(self, line: Line, patience: Patience) -> Slot:
        self._check_room(line, patience)
        turn = self._join(line, patience.priority)
        try:
            if patience.seconds is None:
                return await turn
            async with asyncio.timeout(patience.seconds):
                return await turn
        except BaseException as error:
            if turn.cancelled():
                line.waiting -= 1
                self._forget_cancelled(line)
            elif turn.done() and turn.exception() is None:  # the slot came together with the end of waiting
                self.give(turn.result())
            if isinstance(error, TimeoutError):
                raise Saturated(f"no worker was free within {patience.seconds:g} s") from None
            raise

    def _check_room(self, line: Line, patience: Patience) -> None:
        if not patience.rejects:
            return
        if patience.most is not None and line.waiting >= patience.most:
            raise Saturated(f"{line.waiting} calls wait already, and {patience.most} may")
        if self._most is not None and self.waiting >= self._most:
            raise Saturated(f"{self.waiting} calls wait already, and {self._most} may")

    def _join(self, line: Line, priority: int) -> "asyncio.Future[Slot]":
        turn: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        if not line.waiting:  # what it did not use while it had nothing to do is gone
            line.used = max(line.used, self._served)
            self._lines.add(line)
        line.waiting += 1
        heapq.heappush(line.callers, (-priority, next(self._numbers), turn))
        return turn

    def _forget_cancelled(self, line: Line) -> None:
        """Those that have given up leave a line when they are half of it, or nobody else is in it."""
        if len(line.callers) > 2 * line.waiting:
            line.callers = [caller for caller in line.callers if not caller[2].done()]
            heapq.heapify(line.callers)
        self._drop_empty(line)

    def _drop_empty(self, line: Line) -> None:
        if not line.waiting:
            line.callers.clear()
            self._lines.discard(line)

    def give(self, slot: Slot) -> None:
        """A slot became idle: it goes to whose turn it is, or on the pile."""
        turn = self._next()
        if turn is not None:
            turn.set_result(slot)
        elif slot not in self._idle:
            self._idle.append(slot)

    def _next(self) -> "asyncio.Future[Slot] | None":
        while self._lines:
            line = min(self._lines, key=_used) if len(self._lines) > 1 else next(iter(self._lines))
            _, _, turn = heapq.heappop(line.callers)
            if turn.done():  # it has given up, and does not count any more
                continue
            line.waiting -= 1
            self._drop_empty(line)
            return turn
        return None

    def refuse(self, make_error: Callable[[], Exception]) -> None:
        """There will be no slot any more: each of those who wait gets an error of its own."""
        while (turn := self._next()) is not None:
            turn.set_exception(make_error())
