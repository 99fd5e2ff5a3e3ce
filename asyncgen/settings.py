"""How a scheduler runs its workers: one frozen object, checked when it is made."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a Scheduler. Seconds and bytes; raises ValueError for what cannot work.

    workers: processes that make calls at the same time (default: one for each usable core).
    timeout: wall-clock limit of a call, from the moment a process starts on it; None for no limit.
    memory_limit: resident bytes that a worker and its descendants may hold, sampled; None for no limit.
    memory_interval: seconds between two samples.
    calls_per_worker: calls after which a process is replaced by a fresh one; None for never.
    preload: modules that the template imports before it forks; "module:function" also calls the function.
    initializer, initargs: called in every fresh process before its first call.
    spares: ready processes kept beside the working ones, to take over at once.
    start_timeout: seconds that a fresh process may take until it is ready.
    max_message: largest call or answer, in bytes.
    environment: variables set for the template and its workers, beside those of this process.
    output: file that the workers' standard output and error are appended to; None discards them.
    """

    workers: int = field(default_factory=usable_cores)
    timeout: float | None = None
    memory_limit: int | None = None
    memory_interval: float = 0.1
    calls_per_worker: int | None = None
    preload: tuple[str, ...] = ()
    initializer: Callable[..., object] | None = None
    initargs: tuple[Any, ...] = ()
    spares: int = 1
    start_timeout: float = 60.0
    max_message: int = 1 << 30
    environment: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None

    def __post_init__(self) -> None:
        for name in ("workers", "calls_per_worker", "memory_limit", "max_message"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        for name in ("timeout", "memory_interval", "start_timeout"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be more than 0 seconds, not {value}")
        if self.spares < 0:
            raise ValueError(f"spares must not be negative, and {self.spares} is")
