"""What one problem may use, and how the work is spread: run settings, decided once and recorded with the run.

All limits of time are CPU seconds, so that a label depends on the function, and never on how much else the
machine does. An engine's are a fixed part of those of the whole call: a larger `--timeout` gives each more.
"""

from dataclasses import dataclass, field
from pathlib import Path

from asyncgen.calls.cores import usable_cores
from asyncgen.mathematics.engines import catalogue
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import CpuLimits, TrainedModel

Order = tuple[tuple[str, float], ...]  # engines in order, each with its CPU seconds

GIB = 1 << 30
DEFAULT_TIMEOUT = 5.0  # CPU seconds
MOST_SECONDS = 1e9  # of any limit: more, and the system's clock overflows
CALLS_PER_WORKER = 500  # a fresh one costs a part of a CPU-second: spread over so many it is nothing

# A part of the limit of a call, for parsing and for checking each. All parts together are a fifth: what no
# part covers, as building a problem and what cannot be interrupted at once, has room enough.
_STAGE = 1 / 20
_MOST = 3 / 4  # for CPU seconds that somebody names, all engines together


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one problem may use: the run settings that can change a label.

    timeout: CPU seconds of a whole call, counted for its worker with all descendants, after which they are
    killed. The limits of the stages inside the call are parts of it, and end first. A call that waits without
    using CPU is ended by the wall clock, far behind: see calls/clocks.py.
    memory: resident bytes of a worker with its descendants; None for no limit.
    engines: which engines, in which order, with how many CPU seconds; see `choose`. None for no engine.
    model: the trained model that is asked, where an engine asks one.
    cpu: the CPU limits that follow.

    Raises UsageError for engines that do not exist or do not fit, and for a model that nobody asks.
    """

    timeout: float = DEFAULT_TIMEOUT
    memory: int | None = GIB
    engines: str | None = "auto"
    model: TrainedModel | None = None
    cpu: CpuLimits = field(init=False)

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= MOST_SECONDS:
            raise UsageError(f"a timeout is a number of seconds above 0, not {self.timeout}")
        stage = self.timeout * _STAGE
        engines = () if self.engines is None else choose(self.engines, self.timeout)
        check_model(self.engines or "", engines, self.model is not None)
        cpu = CpuLimits(engines=engines, parse=stage, check=stage, model=self.model)
        object.__setattr__(self, "cpu", cpu)

    def as_dict(self) -> dict[str, object]:
        """As recorded with a run: what `auto` stood for, not the word.

        Each name ends in its unit, so that limits of two clocks are never taken for equal.
        """
        found: dict[str, object] = {
            "timeout_cpu_seconds": self.timeout,
            "memory_limit_bytes": self.memory,
            "engines_cpu_seconds": dict(self.cpu.engines),
        }
        if self.model is not None:
            found |= {"model_weights_sha256": self.model.weights, "model_beam": self.model.beam}
        return found


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


def choose(text: str, timeout: float) -> Order:
    """Read a choice such as "auto", "sympy", "fricas,sympy-risch" or "fricas=0.5,integrate=2" (CPU seconds).

    `timeout` is the limit of a call, of which the CPU seconds that are not named are parts. Raises
    UsageError for an unknown engine, for one named twice, and for more CPU seconds than the limit can hold.
    """
    words = catalogue.named_orders()
    names = [name for part in text.split(",") for name in words.get(part.strip(), (part.strip(),))]
    order: Order = ()
    thorough = any(_is_thorough(name) for name in names)
    for name in names:
        order += (_engine(name, timeout, thorough),)
    if len(dict(order)) < len(order):
        raise UsageError(f"--engines {text}: an engine is named twice")
    total = sum(seconds for _, seconds in order)
    if total > _MOST * timeout + 1e-9:
        raise UsageError(
            f"--engines {text}: {total:g} CPU seconds of engines do not fit into a timeout of {timeout:g} s; "
            f"give --timeout {total / _MOST:.3g} or more"
        )
    return order


def check_model(text: str, engines: Order, has_model: bool) -> None:
    """Raise UsageError where an engine asks a model and there is none, or the other way round."""
    asking = [name for name, _ in engines if catalogue.entry(name).asks_model]
    if asking and not has_model:
        raise UsageError(
            f"--engines {text}: {asking[0]} asks a trained model: give its folder, --model FOLDER"
        )
    if has_model and not asking:
        names = ", ".join(name for name, entry in catalogue.ENGINES.items() if entry.asks_model)
        raise UsageError(f"--model: no engine of --engines {text} asks a model: name {names} among them")


def _is_thorough(choice: str) -> bool:
    known = catalogue.ENGINES.get(choice.partition("=")[0].strip())
    return known is not None and known.thorough


def _engine(choice: str, timeout: float, with_thorough: bool) -> tuple[str, float]:
    """The name of an engine that is there, and its CPU seconds."""
    name, equals, text = (part.strip() for part in choice.partition("="))
    try:
        entry = catalogue.entry(name)
    except UsageError as error:
        raise UsageError(f"--engines: {error}") from None
    if entry.program is not None and not entry.is_installed:
        raise UsageError(f"--engines {choice}: {advice(entry.program)}")
    if not equals:
        return name, timeout * (entry.share_with_thorough if with_thorough else entry.share)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--engines {choice}: '{text}' is no number of CPU seconds above 0")
    return name, seconds


def advice(program: catalogue.Program) -> str:
    """That a program is not installed, what it is good for, and how to add it."""
    return f"{program.title} is not installed: {program.good_for}. To add it: {program.add}"
