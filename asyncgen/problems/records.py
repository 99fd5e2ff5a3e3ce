"""What travels between the packages: a problem to solve, the CPU seconds it may use, what became of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.kinds import EQUATIONS


class Status(StrEnum):
    """What became of one problem. Exactly one holds; the order is the order of precedence."""

    ELEMENTARY = "elementary"  # an elementary antiderivative, confirmed
    SPECIAL = "special"  # a closed form with special functions, confirmed
    NONELEMENTARY = "nonelementary"  # a decision procedure says: no elementary antiderivative
    UNVERIFIED = "unverified"  # an answer that the check could not confirm everywhere
    TIMEOUT = "timeout"  # an engine was cut, by its CPU limit or by the wall limit
    MEMORY = "memory"  # the worker went over its memory limit
    CRASHED = "crashed"  # the worker died
    ERROR = "error"  # every engine that did not simply fail raised an exception
    UNSOLVED = "unsolved"  # every engine finished, none found an answer
    DEGENERATE = "degenerate"  # constant, undefined or infinite: not a function worth integrating

    @property
    def success(self) -> bool:
        """Whether the row carries an antiderivative that passed the check."""
        return self in (Status.ELEMENTARY, Status.SPECIAL)


class Known(StrEnum):
    """Whether an answer has a property, as far as is known."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Form(NamedTuple):
    """Whether an antiderivative is continuous and real where its function is, and one in tokens that is."""

    continuous: Known
    real: Known
    real_answer: Sequence[str] | None = None


def dropped_text(counts: Mapping[str, int]) -> str | None:
    """How many attempts at a row were dropped for which reason, as a row keeps it: "constant=2,long=1"."""
    return ",".join(f"{reason}={counts[reason]}" for reason in sorted(counts)) or None


def dropped_counts(text: str | None) -> Counter[str]:
    """The same, read back. Raises ValueError for another text."""
    parts = (part.rpartition("=") for part in text.split(",")) if text else ()
    return Counter({reason: int(count) for reason, _, count in parts})


class Drops(NamedTuple):
    """Of problems that are built: how many indices stayed empty, and what was dropped, by reason."""

    empty: int = 0
    reasons: Mapping[str, int] = MappingProxyType({})


EMPTY = "empty:"  # begins the reason of an index for which no attempt gave a row
UNCHECKED = "unchecked"  # of a given answer: the worker ended before it had looked at it


class Problem(NamedTuple):
    """Problem number `index` of a stream: what a worker is given."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    prefix: str  # tokens in prefix notation, separated by single spaces; of a constructed kind none
    operators: int  # internal nodes of the sampled tree
    kind: str = "forward"
    given: str | None = None  # an answer that came with the function, in prefix notation, to be checked

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return Problem, tuple(self)  # pickles faster than by the way of tuples with names

    @property
    def _integrand(self) -> str:
        """The problem for people; "" where none could be built."""
        if not self.prefix:
            return ""
        return to_infix(self.prefix) + (" = 0" if self.kind in EQUATIONS else "")

    def outcome(
        self,
        status: Status,
        *,
        answer: Sequence[str] | None = None,
        engine: str | None = None,
        reason: str | None = None,
        proof: str | None = None,
    ) -> "Outcome":
        """The row that this end makes of the problem, without its seconds.

        `answer` in tokens is kept whatever the status; it is written out only where it succeeded, and where
        the function is a constant c, for c x. A given answer is unchecked until somebody says more of it.
        """
        is_written = status.success or status is Status.DEGENERATE
        return Outcome(
            index=self.index,
            kind=self.kind,
            status=status,
            problem_prefix=self.prefix,
            integrand=self._integrand,
            operators=self.operators,
            answer_prefix=" ".join(answer) if answer else None,
            integral=to_infix(answer) if answer and is_written else None,
            engine=engine,
            reason=reason,
            proof=proof,
            given=UNCHECKED if self.given else None,
        )


class Outcome(NamedTuple):
    """What became of a problem: one stored row.

    `answer_prefix` holds whatever answer there was, confirmed or not; `integral` is its text in Python
    notation only where it succeeded, and c*x for a constant c. `proof` names the engine that showed that no
    elementary antiderivative exists; it may stand next to a special one. `continuous` and `real` say of the
    integral whether it is so wherever the integrand is ("yes", "no", "unknown"), and `real_answer` is another
    one that is, where `integral` is not and one is known. `dropped` says of a problem that is built together
    with its answer why attempts before it gave none ("constant=2,long=1"). Seconds are of the whole call.
    `given` is the verdict on an answer that came with the function, in the words of a row's reason, or
    "confirmed"; it is not stored.
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
    proof: str | None = None
    continuous: str | None = None
    real: str | None = None
    real_answer: str | None = None
    dropped: str | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    given: str | None = None

    @property
    def success(self) -> bool:
        return self.status.success

    @property
    def is_empty(self) -> bool:
        """Whether no attempt at this index gave a problem."""
        return self.status is Status.DEGENERATE and (self.reason or "").startswith(EMPTY)

    def formed(self, form: Form) -> "Outcome":
        """The same outcome with what is said of its answer's form."""
        return self._replace(
            continuous=form.continuous.value,
            real=form.real.value,
            real_answer=None if form.real_answer is None else to_infix(form.real_answer),
        )

    @property
    def shown(self) -> "Outcome":
        """The same for people: with the real answer in the place of the integral, where there is one."""
        if self.real_answer is None:
            return self
        continuous = Known.YES.value if self.continuous == Known.NO else self.continuous
        return self._replace(integral=self.real_answer, continuous=continuous, real=Known.YES.value)

    def timed(self, cpu_seconds: float, wall_seconds: float) -> "Outcome":
        """The same outcome with these seconds."""
        return tuple.__new__(Outcome, (*self[:-3], cpu_seconds, wall_seconds, self.given))

    def __reduce__(self) -> tuple[Callable[..., "Outcome"], tuple[Any, ...]]:
        # The status as text: a member of an enum is unpickled by a call of Python code.
        return outcome_from, (*self[:2], self.status.value, *self[3:])


_STATUSES = {status.value: status for status in Status}


def outcome_from(index: int, kind: str, status: str, *others: Any) -> Outcome:
    """An outcome from its fields, the status as text. Raises ValueError for one that does not exist."""
    return Outcome(index, kind, _STATUSES.get(status) or Status(status), *others)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model that is asked: its folder here, the SHA-256 of its weights, how many answers are tried."""

    folder: str
    weights: str
    beam: int


@dataclass(frozen=True, slots=True)
class CpuLimits:
    """CPU seconds that each stage of solving one problem may use; a run setting, no part of the spec.

    `model` is asked by the engine that needs one.
    """

    engines: tuple[tuple[str, float], ...]
    parse: float = 0.25
    check: float = 0.25
    model: TrainedModel | None = None
