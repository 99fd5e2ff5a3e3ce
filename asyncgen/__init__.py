"""asyncgen: millions of labelled functions, and a process pool whose calls can be killed.

    sampler ──Problem──▶ scheduler ──run_in_executor──▶ worker process ──Outcome──▶ scheduler ──▶ store
    (endless,            (bounded, wait_for,            (parse, integrate,          (as         (batches,
     by index)            recycle)                       check)                      completed)  SQLite)

The public names below are loaded when first used, so that importing the package costs nothing: every
worker process, and every program that only wants the scheduler, pays for what it uses alone. No public
name is also the name of a module here, since importing that module would put it in the name's place.

The main job is `asyncgen.generate.generate`, its store `asyncgen.store`.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from asyncgen.events import Event
    from asyncgen.failures import CallTimeout, MemoryLimitExceeded, SchedulerError, WorkerDied
    from asyncgen.measures import Statistics
    from asyncgen.pool import KillableExecutor
    from asyncgen.records import Outcome, ParseError, Problem, Spec, Status
    from asyncgen.scheduler import Scheduler
    from asyncgen.settings import Settings
    from asyncgen.single import label, label_async, labelling_scheduler
    from asyncgen.stream import CallResult

_HOMES = {
    "CallResult": "asyncgen.stream",
    "CallTimeout": "asyncgen.failures",
    "Event": "asyncgen.events",
    "KillableExecutor": "asyncgen.pool",
    "MemoryLimitExceeded": "asyncgen.failures",
    "Outcome": "asyncgen.records",
    "ParseError": "asyncgen.records",
    "Problem": "asyncgen.records",
    "Scheduler": "asyncgen.scheduler",
    "SchedulerError": "asyncgen.failures",
    "Settings": "asyncgen.settings",
    "Spec": "asyncgen.records",
    "Statistics": "asyncgen.measures",
    "Status": "asyncgen.records",
    "WorkerDied": "asyncgen.failures",
    "label": "asyncgen.single",
    "label_async": "asyncgen.single",
    "labelling_scheduler": "asyncgen.single",
}

__all__ = [
    "CallResult",
    "CallTimeout",
    "Event",
    "KillableExecutor",
    "MemoryLimitExceeded",
    "Outcome",
    "ParseError",
    "Problem",
    "Scheduler",
    "SchedulerError",
    "Settings",
    "Spec",
    "Statistics",
    "Status",
    "WorkerDied",
    "__version__",
    "label",
    "label_async",
    "labelling_scheduler",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use (PEP 562)."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'asyncgen' has no attribute {name!r}") from None
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
