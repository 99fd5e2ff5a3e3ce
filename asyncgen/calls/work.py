"""What a slot's process is busy with, and the future of a single call."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from asyncgen.calls.events import CallProgress
from asyncgen.calls.frames import Frame

OnProgress = Callable[[CallProgress], object]


class Described(Protocol):
    """What is known of a call, besides how it goes: its function, and who is told how far it is."""

    @property
    def function(self) -> Callable[..., Any]: ...

    @property
    def on_progress(self) -> OnProgress | None: ...


class Work(Protocol):
    """What a slot's process is busy with: one call, or a packet of them.

    left: calls that have not been answered. number: that of the first call, as the process counts them.
    sent: when it was, by `time.monotonic`. killed: where the work was killed, resolved when nothing of it
        runs any more.
    """

    left: int
    number: int
    sent: float
    killed: "asyncio.Future[None] | None"

    @property
    def call(self) -> Described | None:
        """What is known of its calls, where they were not made past the scheduler."""

    def answered(self, frame: Frame, value: Any, error: Exception | None) -> None:
        """The first call of those that are left has this answer; `left` does not count it any more.

        With a frame of kind LEFT they are not begun, and there will be no other answer.
        """

    def lost(self, error: Exception, cpu_seconds: float) -> None:
        """There will be no more answers: the process has died, or the scheduler was closed."""

    def buried(self, cpu_seconds: float) -> None:
        """The process of killed work is gone; CPU seconds since its last answer."""


class Maker(Protocol):
    """Who makes a call: see slot.Slot."""

    def catch_up(self, work: Work) -> None:
        """Take the answers to this work now, as far as they have arrived."""

    def kill(self, work: Work) -> None:
        """Kill the process that is busy with this; `work.killed` resolves when its group is dead."""


class CallFuture(asyncio.Future[Any]):
    """The future of one call in a slot. To cancel it is to kill what it waits for, unless it is `held`.

    It is one of asyncio's, which `run_in_executor` takes as it is. One of the standard library's has a lock,
    and is copied into one of asyncio's in another turn of the loop: a fifth of what a call costs.

    To cancel a held one is only to stop waiting: whoever holds it goes on with `Slot.resume`, or kills.
    `cpu_seconds` is what the call used, descendants included: known once the call has ended, and for a
    killed one once `killed` has resolved.
    """

    held = False
    left = 1
    number = 0
    sent = 0.0
    killed: asyncio.Future[None] | None = None
    cpu_seconds = 0.0
    late: tuple[Any, Exception | None] | None = None  # the answer, where nobody waited any more
    call: Described | None = None

    def __init__(self, slot: Maker, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.slot = slot

    def cancel(self, msg: Any | None = None) -> bool:
        """Kill the process group that makes the call, unless the call has already ended.

        An answer that has arrived counts, also where the loop has been too busy to read it.
        """
        self.slot.catch_up(self)
        if not super().cancel(msg):
            return False
        if not self.held:
            self.slot.kill(self)
        return True

    def answered(self, frame: Frame, value: Any, error: Exception | None) -> None:
        """See Work."""
        self.cpu_seconds = frame.cpu_seconds
        self.settle(value, error)

    def lost(self, error: Exception, cpu_seconds: float) -> None:
        """See Work."""
        self.cpu_seconds = cpu_seconds
        self.settle(None, error)

    def buried(self, cpu_seconds: float) -> None:
        """See Work."""
        self.cpu_seconds = cpu_seconds

    def settle(self, value: Any, error: Exception | None) -> None:
        """Let whoever waits have the value, or the error."""
        if self.cancelled():
            self.late = value, error
        elif error is None:
            self.set_result(value)
        else:
            self.set_exception(error)
