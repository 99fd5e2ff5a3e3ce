"""The flags of the commands that look at whole stores or files: import, check, stats, merge."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.command.options import at_least_one, count, flag, indices_of, number_of_workers
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import KINDS
from asyncgen.problems.typed import unknown

if TYPE_CHECKING:
    from asyncgen.datasets.checking.checks import Checking

_WHICH = Group("What is checked", sort_key=1)
_HOW = Group("How it runs", sort_key=2)

MOST_POINTS = 1_000_000  # more would take longer than anybody waits
MOST_SEED = 2**63 - 1  # SQLite's largest integer


@dataclass(frozen=True, kw_only=True)
class Says:
    """How much a command prints."""

    json: bool = False
    quiet: bool = False
    no_progress: bool = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WorkOptions:
    """How a store is worked through."""

    workers: Annotated[int | None, count(_HOW, "Worker processes (default: one for each usable core).")] = (
        None
    )
    json: Annotated[bool, flag(_HOW, "Print JSON.")] = False
    quiet: Annotated[bool, flag(_HOW, "Print nothing but errors, and JSON.")] = False
    no_progress: Annotated[bool, flag(_HOW, "Show no progress.")] = False

    @property
    def processes(self) -> int:
        """How many workers there are to be. Raises UsageError."""
        return usable_cores() if self.workers is None else number_of_workers(self.workers)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """Which rows are checked, and at which points."""

    points: Annotated[
        int, count(_WHICH, "Real points, or points of a family of solutions, looked at in any case.")
    ] = 400
    seed: Annotated[int, count(_WHICH, "Another seed, other points.")] = 1
    kind: Annotated[
        str | None, flag(_WHICH, f"Kinds of rows, separated by commas (default: all): {', '.join(KINDS)}.")
    ] = None
    start: Annotated[int, count(_WHICH, "Index of the first row.")] = 0
    n: Annotated[int | None, count(_WHICH, "How many indices (default: to the end of the store).")] = None

    def checking(self) -> "Checking":
        """What these flags ask for. Raises UsageError."""
        from asyncgen.datasets.checking.checks import Checking

        if at_least_one("--points", self.points) > MOST_POINTS:
            raise UsageError(f"--points {self.points}: it must be {MOST_POINTS} at most")
        if not 0 <= self.seed <= MOST_SEED:
            raise UsageError(f"--seed {self.seed}: it must be 0 or more, and below 2**63")
        span = indices_of(self.start, (1 << 62) - max(self.start, 0) if self.n is None else self.n)
        kinds = _kinds(self.kind) if self.kind is not None else ()
        return Checking(seed=self.seed, points=self.points, kinds=kinds, start=span.start, stop=span.stop)


def _kinds(text: str) -> tuple[str, ...]:
    """Read a list such as "forward,ode1"."""
    found = {name.strip() for name in text.split(",")}
    for name in sorted(found.difference(KINDS)):
        raise UsageError(f"--kind: there is no kind {unknown(name, KINDS)}")
    return tuple(kind for kind in KINDS if kind in found)
