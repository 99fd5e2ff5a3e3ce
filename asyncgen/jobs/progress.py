"""How far a job is: counted in one place, and handed out as snapshots."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from asyncgen.calls.statistics import Statistics
from asyncgen.problems.records import Drops, Outcome, Status, dropped_counts

State = Literal["nothing", "running", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a job. Seconds of wall clock, CPU seconds of the workers, rows."""

    state: State
    total: int  # rows that the job is to have in the end
    before: int  # rows that were there when it began
    stored: int  # rows that it has added
    counts: Mapping[Status, int]  # of all rows of its range
    seconds: float
    cpu_seconds: float
    scheduler: Statistics = field(default_factory=Statistics)
    empty: int = 0  # rows of its range without a problem: no attempt gave one
    dropped: Mapping[str, int] = field(default_factory=dict)  # attempts at rows of its range, by reason

    @property
    def rows(self) -> int:
        return self.before + self.stored

    @property
    def rate(self) -> float:
        """Rows a second, over this run."""
        return self.stored / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far."""
        return (self.total - self.rows) / self.rate if self.rate else None


class Tally:
    """Counts what a job has stored. `total`: how much it is to be, which may turn out to be less.

    `counts` and `drops` are those of the rows that were there before.
    """

    def __init__(self, total: int, counts: Mapping[Status, int], drops: Drops | None = None) -> None:
        self.total = total
        self._counts = Counter(counts)
        self._before = sum(counts.values())
        self._stored = 0
        self._cpu_seconds = 0.0
        self._empty, dropped = drops or Drops()
        self._dropped = Counter(dropped)
        self._started = time.monotonic()

    @property
    def complete(self) -> bool:
        return self._before + self._stored >= self.total

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count rows that were stored."""
        for outcome in outcomes:
            self._stored += 1
            self._counts[outcome.status] += 1
            self._cpu_seconds += outcome.cpu_seconds
            self._empty += outcome.is_empty
            self._dropped.update(dropped_counts(outcome.dropped))

    def snapshot(self, state: State, scheduler: Statistics | None = None) -> Progress:
        """The job as it stands."""
        return Progress(
            state,
            self.total,
            self._before,
            self._stored,
            dict(self._counts),
            time.monotonic() - self._started,
            self._cpu_seconds,
            scheduler or Statistics(),
            self._empty,
            dict(sorted(self._dropped.items())),
        )
