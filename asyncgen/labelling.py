"""Problems through worker processes: how the scheduler is set up for them, and what each call's end means.

This is the seam between the scheduler, which knows no mathematics, and the outcomes that are stored. It never
imports SymPy: all of that happens in the workers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from asyncgen.engines import choose, slices
from asyncgen.failures import CallTimeout, MemoryLimitExceeded, WorkerDied
from asyncgen.records import Outcome, Problem, Slices, Status, UsageError
from asyncgen.settings import Settings, usable_cores
from asyncgen.stream import CallResult
from asyncgen.tokens import to_infix
from asyncgen.worker import PickledOnce, prepare, solve

GIB = 1 << 30
DEFAULT_TIMEOUT = 5.0  # seconds of wall clock
CALLS_PER_WORKER = 500  # a fresh one costs a quarter of a CPU-second: spread over so many it is nothing
PATIENCE = 86400.0  # seconds for which a job waits for a machine that can start no process


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one problem may use: the run settings that can change a label.

    timeout: wall-clock seconds of a whole call, after which its process is killed. The CPU slices of the
    stages inside the call are parts of it, so that they end first on a machine that is not overloaded.
    memory: resident bytes of a worker with its descendants; None for no limit.
    engines: which engines, in which order, with which slices; see engines.choose.
    """

    timeout: float = DEFAULT_TIMEOUT
    memory: int | None = GIB
    engines: str = "auto"

    def slices(self) -> Slices:
        """CPU seconds of each stage. Raises UsageError for engines that do not exist or fit."""
        return slices(choose(self.engines, self.timeout), self.timeout)

    def as_dict(self) -> dict[str, object]:
        """As recorded with a run: what `auto` stood for, not the word."""
        order = choose(self.engines, self.timeout)
        return {"timeout": self.timeout, "memory_limit": self.memory, "engines": dict(order)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """How the work is spread over processes: the run settings that change no label.

    workers: processes. calls_per_worker: problems after which a process is replaced.
    inflight: problems drawn and not yet on their way to the store; None for four a worker.
    output: where the workers' own output is appended; None discards it.
    """

    workers: int = field(default_factory=usable_cores)
    calls_per_worker: int = CALLS_PER_WORKER
    inflight: int | None = None
    output: Path | None = None

    def as_dict(self) -> dict[str, object]:
        """As recorded with a run."""
        return {
            "workers": self.workers,
            "calls_per_worker": self.calls_per_worker,
            "inflight": self.inflight,
        }


def scheduler_settings(limits: Limits, workforce: Workforce) -> Settings:
    """Settings of a scheduler whose workers solve problems."""
    engines = [name for name, _ in limits.slices().engines]
    preload = "asyncgen.worker:load" if "fricas" in engines else "asyncgen.worker:warm"
    return Settings(
        workers=workforce.workers,
        timeout=limits.timeout,
        memory_limit=limits.memory,
        calls_per_worker=workforce.calls_per_worker,
        preload=(preload,),  # beside FriCAS SymPy has too little to do to be warmed
        initializer=prepare,
        initargs=(engines,),
        environment={"PYTHONHASHSEED": "0"},  # SymPy iterates over sets: its answers depend on their order
        output=workforce.output,
        start_patience=PATIENCE,
    )


def solver(limits: Limits) -> Callable[[Problem], Outcome]:
    """The function that workers call with each problem."""
    return PickledOnce(solve, slices=limits.slices())


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
        status, reason = _fate(result.error)
        outcome = unsolved(result.item, status, reason)
    return outcome.timed(result.cpu_seconds, result.wall_seconds)


def unsolved(problem: Problem, status: Status, reason: str) -> Outcome:
    """The outcome of a problem that has no answer."""
    return Outcome(
        index=problem.index,
        kind=problem.kind,
        status=status,
        problem_prefix=problem.prefix,
        integrand=to_infix(problem.prefix),
        operators=problem.operators,
        reason=reason,
    )


def _fate(error: Exception | None) -> tuple[Status, str]:
    if isinstance(error, CallTimeout):
        return Status.TIMEOUT, "wall"
    if isinstance(error, MemoryLimitExceeded):
        return Status.MEMORY, "resident"
    if isinstance(error, WorkerDied):
        return Status.CRASHED, f"exit:{error.exitcode}" if error.exitcode is not None else "lost"
    return Status.ERROR, f"{type(error).__name__}: {error}"[:200]
