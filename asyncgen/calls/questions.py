"""Questions to a template, and who waits for the answers: what a group has used, whether it is at work.

Guarantees: each is answered once, by the template or by its end.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from asyncgen.calls.child.messages import Measure, Message, Ping
from asyncgen.calls.worker_process import WorkerProcess


class Questions:
    """Those to one template. `ask` sends it a message."""

    def __init__(self, ask: Callable[[Message], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ask = ask
        self._measured: dict[WorkerProcess, list[asyncio.Future[float | None]]] = {}
        self._pings: deque[asyncio.Future[bool]] = deque()  # answered in order

    def measure(self, process: WorkerProcess) -> "asyncio.Future[float | None]":
        """What the group of a forked process has used, in CPU seconds; None if it is gone before."""
        assert process.pid is not None
        found: asyncio.Future[float | None] = self._loop.create_future()
        self._measured.setdefault(process, []).append(found)
        self._ask(Measure(process.pid))
        return found

    def used(self, process: WorkerProcess, cpu_seconds: float | None) -> None:
        """The answer; or None, as the process is gone."""
        for found in self._measured.pop(process, ()):
            if not found.done():  # whoever waited may have been cancelled
                found.set_result(cpu_seconds)

    def ping(self) -> "asyncio.Future[bool]":
        """True once the template has answered; False where it ends before."""
        answered: asyncio.Future[bool] = self._loop.create_future()
        self._pings.append(answered)
        self._ask(Ping())
        return answered

    def pong(self, alive: bool = True) -> None:
        """The answer to the first of the pings."""
        answered = self._pings.popleft()
        if not answered.done():
            answered.set_result(alive)

    def ended(self) -> None:
        """The template is gone: no ping will be answered any more."""
        while self._pings:
            self.pong(alive=False)
