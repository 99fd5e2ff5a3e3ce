"""A trial of the whole way: a worker starts and solves a problem, with each engine that is ready here."""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from asyncgen.calls.options import Options
from asyncgen.jobs.labelling import outcome_of, scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.mathematics.engines.catalogue import ENGINES
from asyncgen.problems.files import problem_of
from asyncgen.problems.records import Outcome
from asyncgen.scheduler import Scheduler

_TEST = problem_of("x*exp(x)")
_PATIENCE = 30.0  # CPU seconds for the first answer


@dataclass(frozen=True, slots=True)
class EngineTrial:
    """What one engine made of the test problem, and the resident bytes of its own process, if it has one."""

    outcome: Outcome
    resident: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a worker made of the test problem. Seconds since the scheduler was asked to start."""

    outcome: Outcome
    seconds: float
    engines: Mapping[str, EngineTrial]


async def try_worker() -> Trial:
    """Start one worker and have it solve a problem. Raises SchedulerError or OSError if it cannot start."""
    started = time.perf_counter()
    engines: dict[str, EngineTrial] = {}
    async with Scheduler(scheduler_settings(Limits(), Workforce(workers=1))) as scheduler:
        outcome = await _solved(scheduler, "sympy")
        seconds = time.perf_counter() - started
        for name, entry in ENGINES.items():
            if entry.is_installed and not entry.asks_model:
                answer = await _solved(scheduler, name)
                others = sum(known.resident for known in engines.values())
                engines[name] = EngineTrial(answer, max(0, _resident(scheduler) - others))
    return Trial(outcome, seconds, engines)


def _resident(scheduler: Scheduler) -> int:
    return sum(map(_resident_below, scheduler.pids))


async def _solved(scheduler: Scheduler, engines: str) -> Outcome:
    function, options = solver(Limits(engines=engines)), Options(cpu_limit=_PATIENCE)
    return outcome_of(await scheduler.call(_TEST, function, (_TEST,), options))


def _resident_below(pid: int) -> int:
    """Resident bytes of all descendants of a process; 0 if it has none, or is gone."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                total += child.memory_info().rss
    return total
