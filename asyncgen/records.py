"""What travels between the rooms: problems, outcomes, the specification of a data set, and the errors."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Status(StrEnum):
    """What became of one problem. Exactly one holds; the order is the order of precedence."""

    ELEMENTARY = "elementary"  # an elementary antiderivative, confirmed
    SPECIAL = "special"  # a closed form with special functions, confirmed
    NONELEMENTARY = "nonelementary"  # a decision procedure says: no elementary antiderivative
    UNVERIFIED = "unverified"  # an answer that the check could not confirm everywhere
    TIMEOUT = "timeout"  # an engine was cut, by its CPU slice or by the wall limit
    MEMORY = "memory"  # the worker went over its memory limit
    CRASHED = "crashed"  # the worker died
    ERROR = "error"  # every engine that did not simply fail raised an exception
    UNSOLVED = "unsolved"  # every engine finished, none found an answer
    DEGENERATE = "degenerate"  # constant, undefined or infinite: not a function worth integrating

    @property
    def success(self) -> bool:
        """Whether the row carries an antiderivative that passed the check."""
        return self in (Status.ELEMENTARY, Status.SPECIAL)


class Problem(NamedTuple):
    """Problem number `index` of a stream: what a worker is given."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    prefix: str  # tokens in prefix notation, separated by single spaces
    operators: int  # internal nodes of the sampled tree
    seed: int = 0  # 64 bits of the problem's own randomness: the check draws its points from it
    kind: str = "forward"

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return Problem, tuple(self)  # pickles faster than by the way of tuples with names


class Outcome(NamedTuple):
    """What became of a problem: one stored row.

    `answer_prefix` holds whatever answer there was, confirmed or not; `integral` is its text in Python
    notation only where it succeeded. Seconds are of the whole call.
    """

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    kind: str
    status: Status
    problem_prefix: str
    integrand: str
    operators: int
    answer_prefix: str | None = None
    integral: str | None = None
    engine: str | None = None
    reason: str | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    @property
    def success(self) -> bool:
        return self.status.success

    def timed(self, cpu_seconds: float, wall_seconds: float) -> "Outcome":
        """The same outcome with these seconds."""
        return tuple.__new__(Outcome, (*self[:-2], cpu_seconds, wall_seconds))

    def __reduce__(self) -> tuple[Callable[..., "Outcome"], tuple[Any, ...]]:
        # The status as text: a member of an enum is unpickled by a call of Python code.
        return outcome_from, (*self[:2], self.status.value, *self[3:])


_STATUSES = {status.value: status for status in Status}


def outcome_from(index: int, kind: str, status: str, *others: Any) -> Outcome:
    """An outcome from its fields, the status as text. Raises ValueError for one that does not exist."""
    return Outcome(index, kind, _STATUSES.get(status) or Status(status), *others)


@dataclass(frozen=True, slots=True)
class UniformIntegers:
    """Integer leaves drawn uniformly from low..high, zero left out if `nonzero`."""

    low: int = 1
    high: int = 5
    nonzero: bool = True
    law: str = "uniform"


@dataclass(frozen=True, slots=True)
class GeometricIntegers:
    """Integer leaves 1, 2, 3, ... with P(k) proportional to ratio**k."""

    ratio: float
    law: str = "geometric"


@dataclass(frozen=True, slots=True)
class OperatorCount:
    """One part of the law of the number of operators: uniform in low..high, chosen with this weight."""

    low: int
    high: int
    weight: float = 1.0


Weights = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How functions are drawn. Weights need not sum to one; the order of the names is part of the content.

    `leaves` names among "x", "integer", "pi", "E". `shape` is (L, p1, p2) of the tree counts D(e, n).
    """

    binary: Weights
    unary: Weights
    leaves: Weights
    integers: UniformIntegers | GeometricIntegers
    operators: tuple[OperatorCount, ...]
    shape: tuple[int, int, int] = (1, 1, 1)


SAMPLING_VERSION = 1  # raised whenever the same specification would give other problems


@dataclass(frozen=True, slots=True)
class Spec:
    """All that decides the content of a stream of problems: problem i is a function of (spec, i).

    Functions are drawn from a distribution, or they were given: then there is none, and `source` says where.
    """

    distribution: Distribution | None
    kind: str = "forward"
    seed: int = 0
    source: str | None = None  # SHA-256 (hex) of the file or store that this stream reads, if it reads one
    sampling: int = field(default=SAMPLING_VERSION)

    @property
    def given(self) -> bool:
        """Whether the functions come from a file of somebody's."""
        return self.distribution is None

    def as_dict(self) -> dict[str, Any]:
        """The specification as plain JSON values."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    def canonical(self) -> str:
        """The one JSON text of this specification: sorted keys, no spaces."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    def digest(self) -> bytes:
        """SHA-256 of the canonical text (32 bytes)."""
        return hashlib.sha256(self.canonical().encode()).digest()


@dataclass(frozen=True, slots=True)
class Slices:
    """CPU seconds that each stage of solving one problem may use; a run setting, no part of the spec."""

    parse: float = 0.25
    engines: tuple[tuple[str, float], ...] = (("risch", 0.25), ("integrate", 0.5))
    check: float = 0.25


class AsyncgenError(Exception):
    """Base of the errors that asyncgen raises on purpose; each message says what to do."""


class UsageError(AsyncgenError):
    """The caller asked for something that cannot be done as said. Shown as one line, exit status 2."""


class ParseError(UsageError):
    """Text is not a function that asyncgen reads. `column` counts from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class StoreError(UsageError):
    """A file cannot serve as the store; it was left untouched."""
