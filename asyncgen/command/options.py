"""The flags of the commands, with their units and defaults, and the settings that they stand for.

Whatever does not fit is a UsageError with one line that says what was typed and what is allowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter, Token

from asyncgen.calls.cores import usable_cores
from asyncgen.jobs.limits import (
    CALLS_PER_WORKER,
    DEFAULT_TIMEOUT,
    GIB,
    MOST_SECONDS,
    Limits,
    Workforce,
    check_model,
    choose,
)
from asyncgen.jobs.run import BATCH, FLUSH_SECONDS, RunSettings
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.distributions import DEFAULT_PRESET, PRESETS
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import FORWARD, KINDS, WITH_FORMS, WITHOUT_TREES, is_searched
from asyncgen.problems.records import Status, TrainedModel
from asyncgen.problems.spec import Spec
from asyncgen.problems.typed import size_in

_WHAT = Group("What is sampled", sort_key=1)
_HOW = Group("How it runs", sort_key=2)
_SAY = Group("What is shown", sort_key=3)

StorePath = Annotated[Path, Parameter(help="SQLite file with the rows.")]

BEAM = 10  # answers of a model that are tried
MOST_WORKERS_PER_CORE = 64  # far more than is of use; starting them would take the time of the first calls


def whole(_type: Any, tokens: Sequence[Token]) -> int:
    """Read a whole number, which cyclopts would make of 1.5 as well: another seed than was asked for."""
    token = tokens[0]
    try:
        return int(token.value)
    except ValueError:
        raise UsageError(f"{token.keyword} {token.value}: it must be a whole number") from None


def named_path(_type: Any, tokens: Sequence[Token]) -> Path:
    """Read a path; no name, such as that of a variable that is not set, would be the current folder."""
    token = tokens[0]
    if not token.value:
        raise UsageError(f"{token.keyword}: name it, or leave the flag out")
    return Path(token.value)


def flag(group: Group, text: str, *names: str) -> Parameter:
    """A flag of a group, with its help."""
    return Parameter(name=names or None, group=group, help=text, negative=())


def count(group: Group, text: str) -> Parameter:
    """A flag that takes a whole number."""
    return Parameter(group=group, help=text, negative=(), converter=whole)


Count = Annotated[int, Parameter(help="How many functions.", converter=whole)]
First = Annotated[int, Parameter(help="Index of the first function.", converter=whole)]
NewLimits = Annotated[
    bool,
    flag(_HOW, "Go on though the store's rows were made under another timeout, memory limit or engines."),
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """Which problems are made."""

    kind: Annotated[
        str | None,
        flag(
            _WHAT,
            f"Kind of problem (default: {FORWARD}): {', '.join(KINDS)}. All but {FORWARD} are built together "
            "with their answers. Several at once: a table [kinds] with weights in --config.",
        ),
    ] = None
    published: Annotated[
        bool,
        flag(
            _WHAT,
            "With the filters and the notation of the published files; for kinds that are built with their "
            "answers. Other rows, not the same ones in another notation.",
        ),
    ] = False
    structural: Annotated[
        bool,
        flag(
            _WHAT,
            "Integrands in the form in which they are found first, not in the shorter of two: less time, "
            f"longer rows; for {', '.join(WITH_FORMS)}.",
        ),
    ] = False
    seed: Annotated[int, count(_WHAT, "Another seed, other functions.")] = 0
    preset: Annotated[
        str | None, flag(_WHAT, f"Distribution: {' or '.join(PRESETS)} (default: {DEFAULT_PRESET}).")
    ] = None
    config: Annotated[
        Path | None,
        flag(
            _WHAT,
            "TOML file with operators, weights, leaves, operator counts and kinds; it may name the preset.",
        ),
    ] = None
    min_ops: Annotated[
        int | None,
        count(
            _WHAT,
            "Fewest operators of a function that is drawn, in every kind but "
            f"{' and '.join(WITHOUT_TREES)} (default: the preset's for the kind).",
        ),
    ] = None
    max_ops: Annotated[
        int | None,
        count(_WHAT, "Most operators of such a function (default: the preset's for the kind)."),
    ] = None

    def spec(self) -> Spec:
        """The specification that these flags give."""
        found = load_configuration(self.config, self.preset, self.kind)
        laws = found.within(self.min_ops, self.max_ops)
        return specification(found, laws, self.seed, published=self.published, structural=self.structural)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LimitOptions:
    """What one problem may use: the flags that can change a label."""

    timeout: Annotated[float, flag(_HOW, "CPU seconds for one function.")] = DEFAULT_TIMEOUT
    engines: Annotated[
        str,
        flag(
            _HOW,
            "Engines in order, such as fricas,sympy-risch or fricas=0.5,integrate=2 (CPU seconds each); "
            "auto is risch, and then FriCAS where it is installed; sympy is SymPy's.",
        ),
    ] = "auto"
    model: Annotated[
        Path | None,
        Parameter(
            group=_HOW,
            help="Folder of a trained integrator, for the engine model: --engines risch,model.",
            converter=named_path,
        ),
    ] = None
    beam: Annotated[
        int | None, count(_HOW, f"Answers of the model that are tried, at most (default: {BEAM}).")
    ] = None
    memory_limit: Annotated[
        str, flag(_HOW, "Resident memory of one worker, such as 800M or 1Gi (bytes), or none.")
    ] = "1Gi"

    def limits(self) -> Limits:
        """The limits that these flags give."""
        timeout, memory = seconds("--timeout", self.timeout), size(self.memory_limit)
        return Limits(
            timeout=timeout, memory=memory, engines=self.engines, model=self._trained_model(timeout)
        )

    def _trained_model(self, timeout: float) -> TrainedModel | None:
        """The model that is asked, once it is known to be one. Raises UsageError."""
        if self.model is None:
            if self.beam is not None:
                raise UsageError("--beam: it is the model's that --model names")
            return None
        check_model(self.engines, choose(self.engines, timeout), has_model=True)
        from asyncgen.learn.engine import trained_model

        return trained_model(self.model, BEAM if self.beam is None else beam_width(self.beam))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class RunOptions(LimitOptions):
    """How problems are worked on."""

    workers: Annotated[int | None, count(_HOW, "Worker processes (default: one for each usable core).")] = (
        None
    )
    inflight: Annotated[
        int | None,
        count(
            _HOW,
            "Functions drawn and not yet on their way to the store, at most (default: four for each worker).",
        ),
    ] = None
    calls_per_worker: Annotated[
        int, count(_HOW, "Functions after which a worker process is replaced by a fresh one.")
    ] = CALLS_PER_WORKER
    # None where nobody named them: where there is no store, naming them is an error.
    batch: Annotated[
        int | None, count(_HOW, f"Rows written in one transaction, at most (default: {BATCH}).")
    ] = None
    flush_seconds: Annotated[
        float | None,
        flag(_HOW, f"Seconds that a row may wait for its transaction (default: {FLUSH_SECONDS:g})."),
    ] = None
    max_time: Annotated[
        float | None, flag(_HOW, "Stop, resumably, after so many seconds (default: never).")
    ] = None
    loop: Annotated[
        Literal["uvloop", "asyncio"] | None,
        flag(_HOW, "Event loop (default: uvloop where it is installed)."),
    ] = None

    def settings(self, log_file: Path | None) -> RunSettings:
        """The settings that these flags give."""
        limits = self.limits()
        workers = usable_cores() if self.workers is None else number_of_workers(self.workers)
        if self.inflight is not None:
            at_least_one("--inflight", self.inflight)
        return RunSettings(
            limits=limits,
            workforce=Workforce(
                workers=workers,
                calls_per_worker=at_least_one("--calls-per-worker", self.calls_per_worker),
                inflight=self.inflight,
                output=log_file,
            ),
            batch=BATCH if self.batch is None else at_least_one("--batch", self.batch),
            flush_seconds=(
                FLUSH_SECONDS
                if self.flush_seconds is None
                else seconds("--flush-seconds", self.flush_seconds)
            ),
            max_time=None if self.max_time is None else seconds("--max-time", self.max_time),
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FillOptions(RunOptions):
    """How problems are worked on that go into a store with others."""

    new_limits: NewLimits = False

    def settings(self, log_file: Path | None) -> RunSettings:
        """The settings that these flags give."""
        return replace(super().settings(log_file), new_limits=self.new_limits)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ShowOptions:
    """What is shown, and where."""

    json: Annotated[bool, flag(_SAY, "Print the summary as JSON.")] = False
    quiet: Annotated[bool, flag(_SAY, "Print nothing but errors, and the summary if --json is given.")] = (
        False
    )
    no_progress: Annotated[bool, flag(_SAY, "Show no progress.")] = False
    log_file: Annotated[
        Path | None, flag(_SAY, "Append a log, and what the workers print, to this file.")
    ] = None


def indices_of(start: int, n: int) -> range:
    """Return the indices that --start and --n name, or raise UsageError."""
    at_least_one("--n", n)
    if start < 0:
        raise UsageError(f"--start {start}: it must be 0 or more")
    if start + n > 1 << 62:
        raise UsageError(f"--start {start} --n {n}: the last index must be below 2**62")
    return range(start, start + n)


def at_least_one(flag: str, value: int) -> int:
    """Return the value, or raise UsageError."""
    if value < 1:
        raise UsageError(f"{flag} {value}: it must be 1 or more")
    return value


def port_number(flag: str, value: int) -> int:
    """Return the value, or raise UsageError for what is no port of TCP."""
    if not 1 <= value <= 65_535:
        raise UsageError(f"{flag} {value}: a port is between 1 and 65535")
    return value


def beam_width(value: int) -> int:
    """Return the value, or raise UsageError for a width that no search has."""
    if not 1 <= value <= 1000:
        raise UsageError(f"--beam {value}: it must be between 1 and 1000")
    return value


def number_of_workers(value: int) -> int:
    """Return the value, or raise UsageError where so many processes could only wait for each other."""
    most = MOST_WORKERS_PER_CORE * usable_cores()
    if at_least_one("--workers", value) > most:
        raise UsageError(f"--workers {value}: with {usable_cores()} usable cores at most {most}")
    return value


def seconds(flag: str, value: float) -> float:
    """Return the value, or raise UsageError if it is no positive number that a clock can count to."""
    if not 0 < value <= MOST_SECONDS:
        raise UsageError(
            f"{flag} {value}: it must be a number of seconds above 0 (at most {MOST_SECONDS:.0e})"
        )
    return value


def size(text: str) -> int | None:
    """Read a number of bytes such as 1073741824, 800M, 1.5GB or 1Gi; "none" gives None."""
    found = size_in("--memory-limit", text)
    if found is not None and found < GIB // 8:
        raise UsageError(f"--memory-limit {text}: a worker needs at least 128Mi")
    return found


def check_engines(spec: Spec, engines: str) -> None:
    """Raise UsageError where engines are named for rows that need none."""
    if engines != "auto" and not is_searched(spec):
        raise UsageError(
            f"--engines {engines}: no engine is asked for rows of kind {spec.kind}, leave it out"
        )


def statuses(text: str) -> Sequence[Status]:
    """Read a list such as "timeout,crashed"."""
    found = []
    for name in text.split(","):
        try:
            found.append(Status(name.strip()))
        except ValueError:
            known = ", ".join(Status)
            raise UsageError(f"--status: there is no status '{name.strip()}'; they are {known}") from None
    return found
