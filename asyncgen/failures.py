"""The errors of calls in other processes: what the caller of the scheduler may have to handle."""

import signal


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
