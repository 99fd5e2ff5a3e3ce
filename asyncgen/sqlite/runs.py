"""The runs that filled a store: what each was told, where it ran, and how it ended."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Ending = Literal["done", "stopped", "failed"]

RUN_COLUMNS = "id, started, ended, how_ended, command, start, stop, settings, versions, machine, chain"

# A run that continues none begins its own chain; the writer is alone, so the next id is known.
BEGIN_RUN = """
INSERT INTO runs (started, command, start, stop, settings, versions, machine, chain)
VALUES (?, ?, ?, ?, ?, ?, ?, coalesce(?, (SELECT 1 + coalesce(max(id), 0) FROM runs)))
"""
END_RUN = "UPDATE runs SET ended = ?, how_ended = ? WHERE id = ? AND how_ended IS NULL"


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known when a run begins. `settings`, `versions` and `machine` hold JSON values."""

    command: str
    start: int | None = None  # the indices asked for: start..stop-1
    stop: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    chain: int | None = None  # the first run of a retry that this one continues; None: itself


@dataclass(frozen=True, slots=True)
class Run:
    """One row of `runs`. Times are ISO 8601, UTC."""

    id: int
    started: str
    ended: str | None
    how_ended: Ending | None  # None while it runs, and for ever if it was killed
    info: RunInfo

    @property
    def chain(self) -> int:
        """The first run of the retries that this one belongs to; itself if it continued none."""
        assert self.info.chain is not None  # the column is NOT NULL
        return self.info.chain


def values_of(info: RunInfo, started: str) -> tuple[Any, ...]:
    """The values to bind to BEGIN_RUN."""
    documents = (json.dumps(dict(d)) for d in (info.settings, info.versions, info.machine))
    return (started, info.command, info.start, info.stop, *documents, info.chain)


def run_of(row: Sequence[Any]) -> Run:
    """The run in a row of RUN_COLUMNS. Raises ValueError or TypeError for what no run has."""
    number, started, ended, how_ended, command, start, stop, *documents, chain = row
    settings, versions, machine = (dict(json.loads(text)) for text in documents)
    for time_of in filter(None, (started, ended)):
        datetime.fromisoformat(time_of)
    info = RunInfo(command, start, stop, settings, versions, machine, chain)
    return Run(number, started, ended, how_ended, info)


class Clock:
    """UTC that runs evenly, however the system's clock is set meanwhile: a run's times give its length."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._started = _elapsed()

    def now(self) -> str:
        """ISO 8601, to the second."""
        return (self._began + timedelta(seconds=_elapsed() - self._started)).isoformat(timespec="seconds")


def _elapsed() -> float:
    """Seconds since some moment; where the system counts them, those of a sleeping machine too."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except AttributeError:  # not Linux
        return time.monotonic()
