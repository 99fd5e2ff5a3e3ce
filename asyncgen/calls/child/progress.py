"""How far a call is, as its function says: at most about every 20 ms, and the last word always."""

import contextlib
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from numbers import Real

from asyncgen.calls import frames
from asyncgen.calls.child import telling
from asyncgen.calls.child.telling import MOST_CHARACTERS, Step, Teller

# Told instead of a parent, where a call is made in the parent itself: see inline.py.
told_here: ContextVar[Callable[[float | None, str], object] | None] = ContextVar("told_here", default=None)

_INTERVAL = 0.02  # seconds
_ROUNDING = 1e-9


def progress(fraction: float | None, message: str = "") -> None:
    """Say how far the call is that is being made: a fraction between 0 and 1, or None, and a text.

    It may be said from any thread of the call, and as often as one likes: of what is said within 20 ms, only
    the last reaches the caller. Outside of a worker it does nothing. Raises ValueError for another fraction.
    """
    if fraction is not None:
        _check_number(fraction)
        if not -_ROUNDING <= fraction <= 1 + _ROUNDING:
            raise ValueError(f"fraction must be between 0 and 1, or None, not {fraction!r}")
        fraction = min(max(float(fraction), 0.0), 1.0)
    text = str(message)[:MOST_CHARACTERS]
    if (tell := told_here.get()) is not None:
        tell(fraction, text)
    elif (teller := telling.current()) is not None:
        _pace.say(teller, Step(teller.number(), fraction, text))


def _check_number(fraction: object) -> None:
    if not isinstance(fraction, Real):
        raise TypeError(f"fraction must be a number, or None, not {fraction!r}")


class _Pace:
    """Sends the first step at once, and holds back those that come too early, of which the last is sent.

    That is done by a thread which lives no longer than it waits, or before the answer of the call.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may come back here
        self._due = 0.0  # when the next step may be sent
        self._held: tuple[Teller, Step] | None = None

    def say(self, teller: Teller, step: Step) -> None:
        """Send the step, now or a little later."""
        with self._lock:
            left = self._due - time.monotonic()
            waits, self._held = self._held is not None, (teller, step)
            if left <= 0:
                self._say_held()
            elif not waits:
                teller.unsaid.add(self._say_held)
                self._say_after(left)

    def _say_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._say_when_due)
        timer.daemon = True
        with contextlib.suppress(RuntimeError):  # no thread is to be had: it is said at the end of the call
            timer.start()

    def _say_when_due(self) -> None:
        with self._lock:
            left = self._due - time.monotonic()
            if left > 0 and self._held is not None:  # one that came later
                self._say_after(left)
            else:
                self._say_held()

    def _say_held(self) -> None:
        with self._lock:
            if self._held is None:
                return
            (teller, step), self._held = self._held, None
            self._due = time.monotonic() + _INTERVAL
            teller.tell(frames.dumps_whole(step))
            teller.unsaid.discard(self._say_held)  # not before: the answer has to wait for it


_pace = _Pace()
