"""The errors of calls in other processes: what the caller of the scheduler may have to handle."""

import concurrent.futures
import signal

from asyncgen.calls import frames

# Exceptions that would be taken for something else when raised out of a future.
_UNDELIVERABLE = (StopIteration, concurrent.futures.CancelledError)


class SchedulerError(RuntimeError):
    """The scheduler cannot do what was asked; the message says why and what to do."""


class SchedulerClosed(SchedulerError):
    """The scheduler was closed before the call could finish."""


class CallTimeout(TimeoutError):
    """The call reached its time limit and its process group was killed.

    `cpu_seconds` is what the call burnt until then, descendants included.
    """

    def __init__(self, timeout: float, cpu_seconds: float = 0.0) -> None:
        super().__init__(f"the call was killed at its limit of {timeout:g} s")
        self.timeout = timeout
        self.cpu_seconds = cpu_seconds

    def __reduce__(self) -> tuple[type, tuple[float, float]]:
        return type(self), (self.timeout, self.cpu_seconds)


class WorkerDied(Exception):
    """The process that ran the call ended before it answered; other calls are not affected.

    `exitcode` is as in multiprocessing: -N for signal N, otherwise the exit status; None if unknown.
    `started` is False where it is certain that the process never began with the call.
    """

    def __init__(
        self, exitcode: int | None, detail: str = "", cpu_seconds: float = 0.0, started: bool = True
    ) -> None:
        super().__init__(detail or describe_exit(exitcode))
        self.exitcode = exitcode
        self.detail = detail
        self.cpu_seconds = cpu_seconds
        self.started = started

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.exitcode, self.detail, self.cpu_seconds, self.started)


class MemoryLimitExceeded(WorkerDied):
    """The process and its descendants held more resident memory than allowed, and were killed."""


class RemoteError(Exception):
    """The call raised something that cannot travel as itself; the text holds the remote traceback."""


class RemoteTraceback(Exception):
    """Stands as the `__cause__` of an exception from another process, to show where it was raised."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def describe_exit(exitcode: int | None) -> str:
    """Say in words how a process ended, as in multiprocessing: negative for signals."""
    if exitcode is None:
        return "the worker process was lost"
    if exitcode >= 0:
        return f"the worker process ended by itself with exit code {exitcode}"
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        name = f"signal {-exitcode}"
    return f"the worker process was killed by {name}"


def load_error(parts: list[frames.Buffer]) -> Exception:
    """Rebuild the exception that a worker packed into an ERROR frame, or a RemoteError with its text."""
    text = bytes(parts[1]).decode(errors="replace")
    if not len(parts[0]):
        return RemoteError(text)
    try:
        error = frames.loads([parts[0]])
    except KeyboardInterrupt:
        raise
    except BaseException:  # SystemExit too: what rebuilding it raises must not end the parent
        return RemoteError(text)
    if not deliverable(error):
        return RemoteError(text)
    error.__cause__ = RemoteTraceback(text)
    return error  # type: ignore[no-any-return]


def deliverable(error: object) -> bool:
    """Whether a future can raise this as the exception that it is."""
    return isinstance(error, Exception) and not isinstance(error, _UNDELIVERABLE)
