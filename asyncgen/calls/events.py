"""What happens to a scheduler's processes and calls, as small frozen records for its hook. Seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `Scheduler(on_event=...)` takes a function of one. The kinds are below."""


@dataclass(frozen=True, slots=True)
class ProcessReady(Event):
    """A worker process has run its initializer; `seconds` since it was asked for."""

    pid: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StartFailed(Event):
    """A worker process did not become ready. It is tried again, a few times."""

    why: str


@dataclass(frozen=True, slots=True)
class CallStarted(Event):
    """A process was given a call, which had waited so long for it."""

    pid: int
    function: Callable[..., Any]
    waited: float


@dataclass(frozen=True, slots=True)
class CallProgress(Event):
    """A function has said how far its call is: a fraction between 0 and 1, or None, and a text."""

    pid: int
    function: Callable[..., Any]
    fraction: float | None
    message: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """A call is over: its process has answered, or is dead.

    `how` is "value", "cancelled", or the name of the error's class, such as "CallTimeout". `seconds` count
    from the start; `cpu_seconds` include those of descendants.
    """

    pid: int
    function: Callable[..., Any]
    how: str
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class ProcessRecycled(Event):
    """A worker process was given up, and another takes its place.

    `why` is "killed" (time limit or cancelling), "memory", "retired" (calls_per_worker), "died", or "spare"
    for one that died before its first call.
    """

    pid: int
    why: str


@dataclass(frozen=True, slots=True)
class TemplateLost(Event):
    """The process that starts the workers has ended, and its workers with it; a new one is started."""

    pid: int
    why: str
