"""asyncgen: millions of labelled functions, and a process pool whose calls can be killed.

    sampler ──Problem──▶ scheduler ──run_in_executor──▶ worker process ──Outcome──▶ scheduler ──▶ store
    (endless,            (bounded, wait_for,            (parse, integrate,          (as         (batches,
     by index)            recycle)                       check)                      completed)  SQLite)

The public names below are loaded when first used, so that importing the package costs nothing: every
worker process, and every program that only wants the scheduler, pays for what it uses alone. No public
name is also the name of a module here, since importing that module would put it in the name's place.

The four stages are four files: `sampler`, `scheduler`, `worker`, `store`; what a stage is made of lies in the
folder beneath it. The main job that joins them is `asyncgen.jobs.generate.generate`.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from asyncgen.calls.child.progress import progress
    from asyncgen.calls.errors import (
        CallStalled,
        CallTimeout,
        CpuLimitExceeded,
        LoadTimeout,
        MemoryLimitExceeded,
        Saturated,
        SchedulerError,
        WorkerDied,
    )
    from asyncgen.calls.events import Event
    from asyncgen.calls.health import Health
    from asyncgen.calls.prometheus import prometheus_text
    from asyncgen.calls.running import RunningCall
    from asyncgen.calls.settings import Settings
    from asyncgen.calls.statistics import Statistics
    from asyncgen.calls.stream import CallResult
    from asyncgen.jobs.label import label, label_async, labelling_scheduler
    from asyncgen.pool import KillableExecutor
    from asyncgen.problems.configuration import spec_for
    from asyncgen.problems.errors import ParseError
    from asyncgen.problems.records import Outcome, Problem, Status
    from asyncgen.problems.spec import Spec
    from asyncgen.scheduler import Scheduler

_HOMES = {
    "CallResult": "asyncgen.calls.stream",
    "CallStalled": "asyncgen.calls.errors",
    "CallTimeout": "asyncgen.calls.errors",
    "CpuLimitExceeded": "asyncgen.calls.errors",
    "Event": "asyncgen.calls.events",
    "Health": "asyncgen.calls.health",
    "KillableExecutor": "asyncgen.pool",
    "LoadTimeout": "asyncgen.calls.errors",
    "MemoryLimitExceeded": "asyncgen.calls.errors",
    "Outcome": "asyncgen.problems.records",
    "ParseError": "asyncgen.problems.errors",
    "Problem": "asyncgen.problems.records",
    "RunningCall": "asyncgen.calls.running",
    "Saturated": "asyncgen.calls.errors",
    "Scheduler": "asyncgen.scheduler",
    "SchedulerError": "asyncgen.calls.errors",
    "Settings": "asyncgen.calls.settings",
    "Spec": "asyncgen.problems.spec",
    "Statistics": "asyncgen.calls.statistics",
    "Status": "asyncgen.problems.records",
    "WorkerDied": "asyncgen.calls.errors",
    "label": "asyncgen.jobs.label",
    "label_async": "asyncgen.jobs.label",
    "labelling_scheduler": "asyncgen.jobs.label",
    "progress": "asyncgen.calls.child.progress",
    "prometheus_text": "asyncgen.calls.prometheus",
    "spec_for": "asyncgen.problems.configuration",
}

__all__ = [
    "CallResult",
    "CallStalled",
    "CallTimeout",
    "CpuLimitExceeded",
    "Event",
    "Health",
    "KillableExecutor",
    "LoadTimeout",
    "MemoryLimitExceeded",
    "Outcome",
    "ParseError",
    "Problem",
    "RunningCall",
    "Saturated",
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
    "progress",
    "prometheus_text",
    "spec_for",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use (PEP 562)."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'asyncgen' has no attribute {name!r}") from None
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
