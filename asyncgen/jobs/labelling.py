"""Problems through worker processes: how the scheduler is set up for them, and what each call's end means.

This is the seam between the scheduler, which knows no mathematics, and the outcomes that are stored. It never
imports SymPy: all of that happens in the workers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from asyncgen.calls.cores import usable_cores
from asyncgen.calls.errors import CallTimeout, CpuLimitExceeded, LoadTimeout, MemoryLimitExceeded, WorkerDied
from asyncgen.calls.pickled import PickledOnce
from asyncgen.calls.settings import Settings, in_processes
from asyncgen.calls.stream import CallResult
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.mathematics.engines import catalogue
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import is_constructed, is_searched, needs_table
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.worker import load, load_constructions, load_known_pairs, prepare, solve, warm

PATIENCE = 86400.0  # seconds for which a job waits for a machine that can start no process
_START = 60.0  # seconds for a process to start, or to take up a problem, with a core to itself


def scheduler_settings(limits: Limits, workforce: Workforce, spec: Spec | None = None) -> Settings:
    """Settings of a scheduler whose workers solve problems, those of a specification or any functions.

    No limit that ends a call counts seconds of wall clock, of which a busy machine has fewer to give.
    """
    engines = [name for name, _ in limits.cpu.engines]
    start = _START * max(1.0, workforce.workers / usable_cores())
    return Settings(
        workers=in_processes(workforce.workers),
        cpu_limit=limits.timeout,
        load_timeout=start,
        memory_limit=limits.memory,
        calls_per_worker=workforce.calls_per_worker,
        preload=(
            *(f"{load.__module__}:{load.__name__}" for load in _preloads(engines, spec)),
            *filter(None, (catalogue.entry(name).preload for name in engines)),
        ),
        initializer=prepare,
        initargs=(engines, limits.model),
        environment={"PYTHONHASHSEED": "0"},  # SymPy iterates over sets: its answers depend on their order
        output=workforce.output,
        start_timeout=start,
        start_patience=PATIENCE,
    )


def _preloads(engines: Sequence[str], spec: Spec | None) -> Iterator[Callable[[], None]]:
    """What workers inherit from the process that forks them."""
    if spec is not None and is_constructed(spec):
        yield load_constructions
        if needs_table(spec):
            yield load_known_pairs
        if not is_searched(spec):
            return
    thorough = any(catalogue.entry(name).thorough for name in engines)
    by_sympy = any(name in catalogue.SYMPY for name in engines)
    yield warm if by_sympy and not thorough else load  # else SymPy has too little to do


def limits_of(limits: Limits, spec: Spec) -> Limits:
    """The limits without engines, where no problem of a specification asks for one: they decide no label."""
    return limits if is_searched(spec) else replace(limits, engines=None, model=None)


def solver(limits: Limits, spec: Spec | None = None) -> Callable[[Problem], Outcome]:
    """The function that workers call with each problem; it has the specification that rows are built from."""
    if spec is None or not is_constructed(spec):
        return PickledOnce(solve, limits=limits.cpu)
    return PickledOnce(solve, limits=limits.cpu, spec=spec)


def outcome_of(result: CallResult[Problem, Outcome]) -> Outcome:
    """The outcome of a call: what the worker found, or what became of the worker.

    CPU seconds are those of the whole process group, whether it answered or was killed. Raises the UsageError
    of a worker that was asked for what does not exist, which would be the same for every problem.
    """
    if result.value is not None:
        outcome = result.value
    elif isinstance(result.error, UsageError):
        raise result.error
    else:
        status, reason = fate_of(result.error)
        outcome = result.item.outcome(status, reason=reason)
    return outcome.timed(result.cpu_seconds, result.wall_seconds)


def fate_of(error: Exception | None) -> tuple[Status, str]:
    """What became of a worker that gave no answer, and how."""
    if isinstance(error, CpuLimitExceeded):
        return Status.TIMEOUT, "cpu:call"
    if isinstance(error, LoadTimeout):
        return Status.CRASHED, "load"
    if isinstance(error, CallTimeout):
        return Status.TIMEOUT, "wall"
    if isinstance(error, MemoryLimitExceeded):
        return Status.MEMORY, "resident"
    if isinstance(error, WorkerDied):
        return Status.CRASHED, f"exit:{error.exitcode}" if error.exitcode is not None else "lost"
    return Status.ERROR, f"{type(error).__name__}: {error}"[:200]
