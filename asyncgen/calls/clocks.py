"""How long a call may take: its limits, and when to look at it next.

Nothing here waits or measures. Whoever watches a call asks after a while whether it is over a limit; the
answer says so, or for how long it need not be looked at again.

`timeout` counts seconds of wall clock, `cpu_limit` CPU seconds of the worker's process group, both from the
moment at which the function is called. Before that, while its worker unpickles the call and imports what it
needs for that, `load_timeout` counts. A call with a CPU limit that uses no CPU is ended too: after its limit
and `IDLE` seconds, if it has used none for as long. What has had `FAR` times its limit is ended in any case,
if that is later; it is later still where workers have to share cores.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol

IDLE = 10.0  # seconds
FAR = 10  # times a CPU limit, of wall clock
_STEP = 0.02  # seconds, the least between two looks at CPU
_STILL = 0.05  # CPU seconds in IDLE seconds that count as none


class Over(Enum):
    """Which limit a call has reached."""

    WALL = auto()
    CPU = auto()
    LOAD = auto()
    IDLE = auto()  # it waits for what does not come
    FAR = auto()  # it gets next to no CPU, or is asleep most of the time


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a call, in seconds; None for none."""

    wall: float | None = None
    cpu: float | None = None
    load: float | None = None

    @property
    def first_look(self) -> float | None:
        """Seconds after which a call may have reached one; None if it never can."""
        looks = (self.wall, self.load, None if self.cpu is None else self.cpu / 2)
        return min((look for look in looks if look is not None), default=None)


class Page(Protocol):
    """What a worker says of itself: see board.Board."""

    @property
    def begun(self) -> int: ...

    @property
    def when(self) -> float: ...


class Look(NamedTuple):
    """What a look showed: the limit that was reached, or the seconds until the next look, if any."""

    over: Over | None
    again: float | None = None


class Watch:
    """Looks at one call under way: the one with this number, which was sent at that time."""

    def __init__(self, limits: Limits, number: int, sent: float) -> None:
        self.number = number
        self._limits = limits
        self._sent = sent
        self._began: float | None = None
        self._still: tuple[float, float] | None = None  # since when, and CPU seconds then

    def needs_cpu(self, page: Page, now: float) -> bool:
        """Whether a look at this time should be told the CPU seconds that the call has used."""
        began, limit = self._beginning(page), self._limits.cpu
        return began is not None and limit is not None and now - began >= min(limit / 2, limit - _STEP)

    def look(self, page: Page, now: float, used: float | None = None, crowd: float = 1.0) -> Look:
        """Look at the call at this time, when it has `used` so many CPU seconds.

        `crowd`: how many busy workers there are for each core.
        """
        began = self._beginning(page)
        if began is None:
            return self._look_at_loading(now)
        waits = []
        if self._limits.wall is not None:
            left = began + self._limits.wall - now
            if left <= 0:
                return Look(Over.WALL)
            waits.append(left)
        if self._limits.cpu is not None:
            over, wait = self._look_at_cpu(self._limits.cpu, now - began, now, used, crowd)
            if over is not None:
                return Look(over)
            waits.append(wait)
        return Look(None, min(waits, default=None))

    def _beginning(self, page: Page) -> float | None:
        if self._began is None and page.begun >= self.number:
            self._began = page.when
        return self._began

    def _look_at_loading(self, now: float) -> Look:
        left = None if self._limits.load is None else self._sent + self._limits.load - now
        if left is not None and left <= 0:
            return Look(Over.LOAD)
        # It may begin in the next moment, and then has its whole time.
        return Look(None, min((wait for wait in (left, self._limits.first_look) if wait), default=None))

    def _look_at_cpu(
        self, limit: float, elapsed: float, now: float, used: float | None, crowd: float
    ) -> tuple[Over | None, float]:
        if used is None:
            return None, max(limit / 2 - elapsed, _STEP)
        if used >= limit:
            return Over.CPU, 0.0
        if elapsed >= max(FAR * limit * max(1.0, crowd), limit + IDLE):
            return Over.FAR, 0.0
        if self._still is None or used > self._still[1] + _STILL:
            self._still = now, used
        elif now - self._still[0] >= IDLE and elapsed >= limit + IDLE:
            return Over.IDLE, 0.0
        return None, min(max((limit - used) / 2, _STEP), IDLE / 4)
