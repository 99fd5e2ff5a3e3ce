"""Who gets the next idle slot: whoever waits longest."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from asyncgen.executor import Slot


class Turns:
    """Slots that are idle, and callers that wait for one. Everything is called on the loop's own thread."""

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
