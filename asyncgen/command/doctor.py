"""Whether the main job can run on this machine, what it would gain from more, and how to add that.

It looks around (`machine_checks`), and it does what the job does: a worker starts and solves a problem with
each engine that is installed (`jobs.trial`).
"""

import asyncio
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from asyncgen.calls.errors import SchedulerError
from asyncgen.command.display import Output, plain, show_json
from asyncgen.command.machine_checks import MIB, Check, State, checks
from asyncgen.jobs.trial import Trial, try_worker
from asyncgen.mathematics.engines.catalogue import ENGINES

EXIT_CANNOT_RUN = 1

_NAME = 12  # columns
_REINSTALL = "pip install --force-reinstall sympy python-flint"


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
        trial = await try_worker()
        worker = _worker(trial)
    except (SchedulerError, OSError) as error:
        lines = str(error).strip().splitlines() or [repr(error)]
        worker = Check("worker", State.MISSING, f"cannot start: {lines[-1]}", _REINSTALL, needed=True)
    return [worker, *(_engine(name, trial) for name in ENGINES)]


def _worker(trial: Trial) -> Check:
    outcome = trial.outcome
    if outcome.success:
        found = f"starts, and integrates {outcome.integrand} {trial.seconds:.2f} s later"
        return Check("worker", State.OK, found, needed=True)
    found = f"starts, but makes {outcome.status} ({outcome.reason}) of {outcome.integrand}"
    return Check("worker", State.MISSING, found, _REINSTALL, True)


def _engine(name: str, trial: Trial | None) -> Check:
    """An engine by what it made of the test problem; those without a program of their own are SymPy's."""
    program = ENGINES[name].program
    title = program.title if program else name
    if program and not program.is_installed():
        return Check(title, State.MISSING, f"not installed; {program.good_for}", program.add)
    found = (program.version() or "of unknown version") if program else "SymPy's"
    if ENGINES[name].asks_model:
        return Check(title, State.OK, f"{found}; a model is asked where its folder is given")
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
