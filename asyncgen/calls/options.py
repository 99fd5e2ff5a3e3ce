"""What may be said of single calls, and of all calls of one user: limits, waiting, and new tries."""

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, TypedDict, Unpack

from asyncgen.calls.clocks import Limits
from asyncgen.calls.errors import MemoryLimitExceeded, WorkerDied
from asyncgen.calls.settings import Settings
from asyncgen.calls.turns import Patience


class CallOptions(TypedDict, total=False):
    """Options by name; seconds.

    timeout, cpu_limit: override the settings' ones; None for theirs, infinity for no limit.
    priority: calls with a higher one go before the others of the same user.
    queue_timeout: how long a call may wait for a worker before it raises Saturated; None for any time.
    max_pending: how many calls of this user may wait; see `reject`.
    reject: raise Saturated at once where as many calls wait as may, instead of waiting with them.
    retries: how often a call whose worker died is made again, after a pause that doubles each time.
    retry_on: the errors for which it is; those of limits only where they are named, as CallTimeout.
    """

    timeout: float | None
    cpu_limit: float | None
    priority: int
    queue_timeout: float | None
    max_pending: int | None
    reject: bool
    retries: int
    retry_on: tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The same as an object, which is checked when it is made."""

    timeout: float | None = None
    cpu_limit: float | None = None
    priority: int = 0
    queue_timeout: float | None = None
    max_pending: int | None = None
    reject: bool = False
    retries: int = 0
    retry_on: tuple[type[Exception], ...] = (WorkerDied,)

    def __post_init__(self) -> None:
        for name in ("timeout", "cpu_limit", "queue_timeout"):
            if getattr(self, name) is not None:
                check_seconds(name, getattr(self, name))
        for name in ("priority", "retries", "max_pending"):
            value = getattr(self, name)
            if type(value) is not int and not (value is None and name == "max_pending"):
                raise TypeError(f"{name} must be a whole number, not {value!r}")
        for name in ("retries", "max_pending"):
            if (getattr(self, name) or 0) < 0:
                raise ValueError(f"{name} must be at least 0, not {getattr(self, name)}")
        if not isinstance(self.reject, bool):
            raise TypeError(f"reject must be True or False, not {self.reject!r}")
        if not isinstance(self.retry_on, tuple) or not all(map(_is_error, self.retry_on)):
            raise TypeError(f"retry_on must be a tuple of classes of exceptions, not {self.retry_on!r}")

    def changed(self, **options: Unpack[CallOptions]) -> "Options":
        """With these in place of its own."""
        if not options:
            return self
        if unknown := sorted(options.keys() - CallOptions.__annotations__.keys()):
            raise TypeError(
                f"a call has no option {unknown[0]!r}; it has {', '.join(CallOptions.__annotations__)}"
            )
        return replace(self, **options)

    @property
    def patience(self) -> Patience:
        """How a call waits for its turn."""
        return Patience(self.priority, self.queue_timeout, self.max_pending, self.reject)

    def limits(self, settings: Settings) -> Limits:
        """Those of a call, in which the settings stand for what is not said here."""
        wall = settings.timeout if self.timeout is None else self.timeout
        cpu = settings.cpu_limit if self.cpu_limit is None else self.cpu_limit
        return Limits(_finite(wall), _finite(cpu), _finite(settings.load_timeout))

    def retries_on(self, error: Exception | None) -> bool:
        """Whether a call that ended with this is made again, if any tries are left."""
        if isinstance(error, MemoryLimitExceeded) and MemoryLimitExceeded not in self.retry_on:
            return False
        return isinstance(error, self.retry_on)


def check_seconds(name: str, value: Any) -> None:
    """Raise TypeError or ValueError for what is no number of seconds above 0."""
    if not _is_number(value):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    if not value > 0:  # NaN too, which would upset the loop's order of timers
        raise ValueError(f"{name} must be more than 0 seconds, not {value}")


def check_count(name: str, value: Any) -> None:
    """Raise TypeError or ValueError for what is no whole number above 0."""
    if type(value) is not int:
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def _finite(seconds: float | None) -> float | None:
    return None if seconds == float("inf") else seconds
