"""CPU limits: let a call use so many CPU seconds of this process, and no more.

A profiling timer counts the CPU time of the whole process, so that what is cut does not depend on
how busy the machine is. When it fires, an exception is raised in the main thread between two
bytecodes; it is no `Exception`, so that `except Exception` in a library lets it pass, and it comes
again and again in case something swallows it all the same.

Guarantees: a cut never escapes `within`; the timer is off when `within` returns, and the signal's
handler is what it was. A call that was cut is reported as cut, even if it returned afterwards.
Assumes: the main thread, one limit at a time, and no other user of SIGPROF. Code in C that runs on
without Python is not interrupted until it comes back; the scheduler's wall limit stands behind.
"""

import signal
from collections.abc import Callable
from enum import Enum
from types import FrameType
from typing import Final, Literal, TypeVar

T = TypeVar("T")

AGAIN = 0.05  # CPU seconds between two firings, once the limit is reached


class _Expired(Enum):
    EXPIRED = "expired"


EXPIRED: Final = _Expired.EXPIRED  # what a call that was cut returns
Expired = Literal[_Expired.EXPIRED]


class CpuLimitReached(BaseException):
    """Raised inside the call when its limit is reached; nothing but `within` should catch it."""


class _Timer:
    """The process's one timer: whether a firing may raise, and whether one did."""

    armed = False
    fired = False


def _fire(_number: int, _frame: FrameType | None) -> None:
    if _Timer.armed:
        _Timer.fired = True
        raise CpuLimitReached


def within(seconds: float, call: Callable[[], T]) -> T | Expired:
    """What the call returns, or EXPIRED if it used more CPU than this many seconds.

    Exceptions of the call pass through, unless it was cut. Raises RuntimeError inside another limit
    and ValueError outside the main thread.
    """
    if _Timer.armed:
        raise RuntimeError("CPU limits do not nest: end the running one first")
    before = signal.signal(signal.SIGPROF, _fire)
    try:
        return _timed(max(seconds, 1e-6), call)
    finally:
        signal.signal(signal.SIGPROF, before)


def _timed(seconds: float, call: Callable[[], T]) -> T | Expired:
    """The call between arming and disarming.

    Python looks for signals at calls and jumps back only: there is none between the end of the
    `try` and the assignment that disarms, so no firing can raise after the call.
    """
    result: T | Expired = EXPIRED
    _Timer.fired = False
    try:
        _Timer.armed = True
        signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
        result = call()
    except CpuLimitReached:
        pass
    except BaseException:
        if not _Timer.fired:
            raise
    finally:
        _Timer.armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    return EXPIRED if _Timer.fired else result
