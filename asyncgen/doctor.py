"""Whether the main job can run on this machine, what it would gain from more, and how to add that.

Beside looking around (`checks`), it does what the job does: starts a worker and has it solve a problem, with
FriCAS too where that is installed.
"""

import asyncio
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from asyncgen.checks import ADD_FRICAS, MIB, Check, State, checks, resident_below
from asyncgen.display import plain, show_json
from asyncgen.engines import fricas_is_installed
from asyncgen.failures import SchedulerError
from asyncgen.given import problem_of
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
class _Trial:
    """What a worker made of the test problem. Seconds since the scheduler was asked to start; bytes."""

    outcome: Outcome
    seconds: float
    fricas: Outcome | None
    fricas_resident: int


async def doctor(workers: int, folder: Path, as_json: bool) -> int:
    """Print what this machine offers for so many workers; the exit status: 0 if the main job can run."""
    found = [*await asyncio.to_thread(lambda: list(checks(workers, folder))), *await _tried()]
    missing = [check.name for check in found if check.needed and check.state is State.MISSING]
    console = Console()
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
    """What only trying shows: a worker, and FriCAS in it."""
    try:
        trial = await _try()
    except (SchedulerError, OSError) as error:
        lines = str(error).strip().splitlines() or [repr(error)]
        worker = Check("worker", State.MISSING, f"cannot start: {lines[-1]}", _REINSTALL, needed=True)
        return [worker, _fricas(None)]
    return [_worker(trial), _fricas(trial)]


async def _try() -> _Trial:
    started, resident, fricas = time.perf_counter(), 0, None
    async with Scheduler(scheduler_settings(Limits(), Workforce(workers=1))) as scheduler:
        outcome = await _solved(scheduler, "sympy")
        seconds = time.perf_counter() - started
        if fricas_is_installed():
            fricas = await _solved(scheduler, "fricas")
            resident = sum(map(resident_below, scheduler.pids))
    return _Trial(outcome, seconds, fricas, resident)


async def _solved(scheduler: Scheduler, engines: str) -> Outcome:
    return outcome_of(await scheduler.call(_TEST, solver(Limits(engines=engines)), (_TEST,), _PATIENCE))


def _worker(trial: _Trial) -> Check:
    outcome = trial.outcome
    if outcome.success:
        found = f"starts, and integrates {outcome.integrand} {trial.seconds:.2f} s later"
        return Check("worker", State.OK, found, needed=True)
    found = f"starts, but makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"
    return Check("worker", State.MISSING, found, _REINSTALL, True)


def _fricas(trial: _Trial | None) -> Check:
    if not fricas_is_installed():
        found = "not installed; with it far more is labelled, at a fraction of the CPU"
        return Check("FriCAS", State.MISSING, found, ADD_FRICAS)
    found = versions().get("fricas", "of unknown version")
    if trial is None or trial.fricas is None:
        return Check("FriCAS", State.WARNING, f"{found}, not tried without a worker")
    outcome, resident = trial.fricas, trial.fricas_resident
    if not outcome.success:
        found += f", but it makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"
        return Check("FriCAS", State.WARNING, found, f"another one ({ADD_FRICAS}), or --engines sympy")
    said = f"integrates {outcome.integrand} in {outcome.cpu_seconds:.3f} CPU-s"
    return Check("FriCAS", State.OK, f"{found}, {said}, {resident / MIB:.0f} MiB resident")
