"""Whether the main job can run on this machine, what it would gain from more, and how to add that.

Beside looking around (`checks`), it does what the job does: starts a worker and has it solve a problem, with
each engine that is installed.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from asyncgen.checks import ADD_FRICAS, ADD_MAXIMA, MIB, Check, State, checks, resident_below
from asyncgen.display import Output, plain, show_json
from asyncgen.engines import fricas_is_installed
from asyncgen.failures import SchedulerError
from asyncgen.given import problem_of
from asyncgen.integrators.engine import ENGINES
from asyncgen.labelling import Limits, Workforce, outcome_of, scheduler_settings, solver
from asyncgen.machine import versions
from asyncgen.records import Outcome
from asyncgen.scheduler import Scheduler

EXIT_CANNOT_RUN = 1

_TEST = problem_of("x*exp(x)")
_PATIENCE = 30.0  # seconds for the first answer of a machine that has much else to do
_NAME = 12  # columns
_REINSTALL = "pip install --force-reinstall sympy python-flint"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one engine made of the test problem, and the resident bytes of its own process, if it has one."""

    outcome: Outcome
    resident: int


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a worker made of the test problem. Seconds since the scheduler was asked to start."""

    outcome: Outcome
    seconds: float
    engines: Mapping[str, _Answer]


@dataclass(frozen=True, slots=True)
class _Program:
    """An engine that is a program of its own."""

    name: str
    good_for: str
    add: str
    is_installed: Callable[[], bool]


_PROGRAMS = {
    "fricas": _Program(
        "FriCAS",
        "with it far more is labelled, at a fraction of the CPU",
        ADD_FRICAS,
        fricas_is_installed,
    ),
    "maxima": _Program(
        "Maxima",
        "with --engines auto,maxima it finds now and then what the others miss",
        ADD_MAXIMA,
        lambda: shutil.which("maxima") is not None,
    ),
}


async def doctor(workers: int, folder: Path, as_json: bool) -> int:
    """Print what this machine offers for so many workers; the exit status: 0 if the main job can run."""
    found = [*await asyncio.to_thread(lambda: list(checks(workers, folder))), *await _tried()]
    missing = [check.name for check in found if check.needed and check.state is State.MISSING]
    console = Output()
    if as_json:
        values = [asdict(check) for check in found]
        show_json(console, {"can_run": not missing, "workers": workers, "checks": values})
    else:
        for check in found:
            _show(console, check)
        verdict = f"cannot run here: see {', '.join(missing)}" if missing else "can run here"
        plain(console, f"the main job {verdict}")
    return EXIT_CANNOT_RUN if missing else 0


def _show(console: Console, check: Check) -> None:
    plain(console, f"{check.name:{_NAME}}  {check.state:7}  {check.found}")
    if check.remedy is not None and check.state is not State.OK:
        plain(console, f"{'':{_NAME}}           try: {check.remedy}")


async def _tried() -> list[Check]:
    """What only trying shows: a worker, and each engine in it."""
    trial = None
    try:
        trial = await _try()
        worker = _worker(trial)
    except (SchedulerError, OSError) as error:
        lines = str(error).strip().splitlines() or [repr(error)]
        worker = Check("worker", State.MISSING, f"cannot start: {lines[-1]}", _REINSTALL, needed=True)
    return [worker, *(_engine(name, trial) for name in ENGINES)]


async def _try() -> _Trial:
    started = time.perf_counter()
    engines: dict[str, _Answer] = {}
    async with Scheduler(scheduler_settings(Limits(), Workforce(workers=1))) as scheduler:
        outcome = await _solved(scheduler, "sympy")
        seconds = time.perf_counter() - started
        for name in ENGINES:
            if name not in _PROGRAMS or _PROGRAMS[name].is_installed():
                answer = await _solved(scheduler, name)
                others = sum(known.resident for known in engines.values())
                engines[name] = _Answer(answer, max(0, _resident(scheduler) - others))
    return _Trial(outcome, seconds, engines)


def _resident(scheduler: Scheduler) -> int:
    return sum(map(resident_below, scheduler.pids))


async def _solved(scheduler: Scheduler, engines: str) -> Outcome:
    return outcome_of(await scheduler.call(_TEST, solver(Limits(engines=engines)), (_TEST,), _PATIENCE))


def _worker(trial: _Trial) -> Check:
    outcome = trial.outcome
    if outcome.success:
        found = f"starts, and integrates {outcome.integrand} {trial.seconds:.2f} s later"
        return Check("worker", State.OK, found, needed=True)
    found = f"starts, but makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"
    return Check("worker", State.MISSING, found, _REINSTALL, True)


def _engine(name: str, trial: _Trial | None) -> Check:
    """An engine by what it made of the test problem; those without a program of their own are SymPy's."""
    program = _PROGRAMS.get(name)
    title = program.name if program else name
    if program and not program.is_installed():
        return Check(title, State.MISSING, f"not installed; {program.good_for}", program.add)
    found = versions().get(name, "of unknown version") if program else "SymPy's"
    if trial is None or name not in trial.engines:
        return Check(title, State.WARNING, f"{found}, not tried without a worker")
    answer = trial.engines[name]
    outcome = answer.outcome
    if not outcome.success:
        found += f", but it makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"
        remedy = f"another one ({program.add}), or --engines sympy" if program else _REINSTALL
        return Check(title, State.WARNING, found, remedy)
    found += f", integrates {outcome.integrand} in {outcome.cpu_seconds:.3f} CPU-s"
    held = f", {answer.resident / MIB:.0f} MiB resident" if program else ""
    return Check(title, State.OK, found + held)
