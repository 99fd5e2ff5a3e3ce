"""Waiting for other programs that have a store locked: short tries, up to a limit, and a word about it.

SQLite's own waiting cannot be cancelled, and it gives up at once where two would wait for each other. Who
waits for readers to leave keeps new ones out meanwhile: the pauses between two tries let them in.

Guarantees: the log says once that somebody waits, and once that it goes on. Cancelling takes effect after the
    try that is under way.
"""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from asyncgen.sqlite.errors import StoreBusyError

T = TypeVar("T")

PATIENCE = 300.0  # seconds that a run waits for other programs, before it stops resumably
OPENING_TRY = 0.25  # seconds of SQLite's own waiting at the opening, which may keep readers out
TRY = 5.0  # the same for a statement later
_PAUSE = 0.25  # seconds between two tries

log = logging.getLogger("asyncgen")
log.addHandler(logging.NullHandler())  # whoever opens the store decides what is seen of it


def be_patient(connection: sqlite3.Connection, seconds: float) -> None:
    """Have SQLite itself wait in each statement, as far as that bears no message and no cancelling."""
    connection.execute(f"PRAGMA busy_timeout = {int(1000 * min(seconds, TRY))}")


class Patience:
    """How long one connection to a store waits, in seconds; shared by all that wait for it.

    `stop` ends the waiting early once it is set, as if the time were up.
    """

    def __init__(self, path: Path, seconds: float, stop: asyncio.Event | None = None) -> None:
        self._path = path
        self._seconds = seconds
        self._stop = stop or asyncio.Event()
        self._waiting = False  # it has been said

    async def wait(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What the attempt gives, tried again while it raises StoreBusyError; the last one is raised."""
        end = time.monotonic() + self._seconds
        while True:
            try:
                result = await attempt()
            except StoreBusyError:
                if time.monotonic() >= end or self._stop.is_set():
                    raise
                self._say_waiting()
                await self._pause()
            else:
                self._say_going_on()
                return result

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), min(_PAUSE, self._seconds))

    def _say_waiting(self) -> None:
        if not self._waiting:
            self._waiting = True
            log.warning(
                "%s is locked by another program, by a transaction or a query that has not ended: "
                "waiting for it, for %.0f s at most",
                self._path,
                self._seconds,
            )

    def _say_going_on(self) -> None:
        if self._waiting:
            self._waiting = False
            log.warning("%s is free again: going on", self._path)
