"""What a scheduler has done: counts, percentiles of seconds, and the events for its hook.

Cheap enough to be always on: a call costs two logarithms and some additions, and without a hook no event is
made. The hook is called from the loop and never from inside the scheduler, so that nothing it does meets a
half-made change, and what it raises goes to the loop's exception handler.
"""

import asyncio
import inspect
import math
import threading
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import Any

from asyncgen.calls.context import given
from asyncgen.calls.events import CallStarted, Event, ProcessReady, ProcessRecycled, StartFailed, TemplateLost

Hook = Callable[[Event], object]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds that half, nine tenths and 99 hundredths of the measured ones did not exceed, within 5%.

    count: how many were measured. total: all these seconds together.
    """

    p50: float
    p90: float
    p99: float
    count: int
    total: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """A snapshot of a scheduler.

    workers: slots, of which `busy` make a call and `idle` could; the others wait for a process.
    spares: processes that are ready and hold no slot.
    waiting: calls that wait for a slot, those queued in executors included.
    calls: calls that have ended with a value or an error; `cancelled` ones are counted apart.
    failures: those that ended with an error, by the name of its class.
    recycled: processes given up, by reason: see events.ProcessRecycled, and "template".
    call_seconds: how long calls took; wait_seconds: how long they had waited for a slot. None before any.
    """

    workers: int = 0
    busy: int = 0
    idle: int = 0
    spares: int = 0
    waiting: int = 0
    calls: int = 0
    cancelled: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    recycled: Counter[str] = field(default_factory=Counter)
    call_seconds: Percentiles | None = None
    wait_seconds: Percentiles | None = None


_MOST_ADDED = 1000
_SMALLEST = 1e-6  # seconds: whatever is shorter counts as this
_GROWTH = 1.1
_BOUNDS = tuple(_SMALLEST * math.pow(_GROWTH, power) for power in range(1, 300))
_bucket = partial(bisect, _BOUNDS)  # the number of the bucket of a duration


class Histogram:
    """Durations counted in buckets, each a tenth wider than the one before it.

    A percentile is the geometric middle of its bucket, so it is wrong by a factor of at most sqrt(1.1), less
    than 5%, between a microsecond and a month. Memory does not grow.

    What was `added` is counted when it is asked for, and should be at times. One thread adds, any may ask.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()  # by bucket
        self._total = 0
        self._seconds = 0.0
        self.added: list[float] = []
        self._counting = threading.Lock()

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.added.append(seconds)
        if len(self.added) >= _MOST_ADDED:
            self.settle()

    def add_many(self, seconds: float, times: int) -> None:
        """Count the same duration several times."""
        with self._counting:
            self._counts[_bucket(seconds)] += times
            self._total += times
            self._seconds += times * seconds

    def settle(self) -> None:
        """Count what was added."""
        with self._counting:
            added = self.added[:]
            del self.added[: len(added)]  # and not what was added meanwhile
            self._counts.update(map(_bucket, added))
            self._total += len(added)
            self._seconds += sum(added)

    def percentile(self, share: float) -> float:
        """The smallest of the durations that at least this share of all does not exceed."""
        self.settle()
        if not self._total:
            raise ValueError("nothing was measured")
        rank, buckets = math.ceil(share * self._total), sorted(self._counts)
        seen = accumulate(self._counts[bucket] for bucket in buckets)
        bucket = next(bucket for bucket, count in zip(buckets, seen, strict=True) if count >= rank)
        return _SMALLEST * math.pow(_GROWTH, bucket + 0.5)

    def percentiles(self) -> Percentiles | None:
        """The three that are shown, or None where nothing was measured."""
        self.settle()
        if not self._total:
            return None
        half, most, nearly_all = map(self.percentile, (0.5, 0.9, 0.99))
        return Percentiles(half, most, nearly_all, self._total, self._seconds)


class Counters:
    """Counts for one scheduler, and tells its hook. Every method is called on the loop's own thread."""

    def __init__(self, hook: Hook | None) -> None:
        if hook is not None and (not callable(hook) or inspect.iscoroutinefunction(hook)):
            raise TypeError(f"on_event must be a plain function of an event, not {hook!r}")
        self._hook = hook
        self.watched = hook is not None  # whether any event needs to be made
        self._calls = 0
        self._cancelled = 0
        self._failures: Counter[str] = Counter()
        self._recycled: Counter[str] = Counter()
        self._took = Histogram()
        self._add = self._took.added.append  # the shortest way, once for each call
        self._waited = Histogram()

    def snapshot(self, **now: int) -> Statistics:
        """The counts so far, together with what is `now`: the fields of Statistics that are no counts."""
        return Statistics(
            **now,
            calls=self._calls,
            cancelled=self._cancelled,
            failures=Counter(self._failures),
            recycled=Counter(self._recycled),
            call_seconds=self._took.percentiles(),
            wait_seconds=self._waited.percentiles(),
        )

    def tell(self, event: Event) -> None:
        """Have the hook called with the event, from the loop."""
        if self._hook is not None:
            asyncio.get_running_loop().call_soon(self._hook, event)

    # -- calls ---------------------------------------------------------------------------------------

    def call_started(self, pid: int, function: Callable[..., Any], waited: float) -> None:
        """A call was given to this process after so many seconds."""
        self._waited.add(waited)
        if self.watched:
            self.tell(CallStarted(pid, given(function), waited))

    def packet_started(self, pid: int, function: Callable[..., Any], waited: float, calls: int) -> None:
        """So many calls were given to this process together, after so many seconds."""
        self._waited.add_many(waited, calls)
        if self.watched:
            for _ in range(calls):
                self.tell(CallStarted(pid, given(function), waited))

    def count(self, error: Exception | None, seconds: float) -> None:
        """A call has come to its end, with a value or an error."""
        self._calls += 1
        self._add(seconds)
        if not self._calls % _MOST_ADDED:
            self._took.settle()
        if error is not None:
            self._failures[type(error).__name__] += 1

    def count_cancelled(self, calls: int = 1) -> None:
        """So many calls were cancelled, at work or while they waited."""
        self._cancelled += calls

    # -- processes -----------------------------------------------------------------------------------

    def process_ready(self, pid: int, seconds: float) -> None:
        """A process can take calls."""
        if self.watched:
            self.tell(ProcessReady(pid, seconds))

    def start_failed(self, why: str) -> None:
        """A process did not become ready."""
        if self.watched:
            self.tell(StartFailed(why))

    def process_recycled(self, pid: int, why: str) -> None:
        """A process was given up."""
        self._recycled[why] += 1
        if self.watched:
            self.tell(ProcessRecycled(pid, why))

    def template_lost(self, pid: int, why: str) -> None:
        """The template has ended before its time."""
        self._recycled["template"] += 1
        if self.watched:
            self.tell(TemplateLost(pid, why))
