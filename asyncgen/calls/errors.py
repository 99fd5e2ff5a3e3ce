"""The errors of calls in other processes: what the caller of the scheduler may have to handle."""

import signal
from concurrent.futures import BrokenExecutor

from asyncgen.calls import frames
from asyncgen.calls.foreign import deliverable, set_cause


class SchedulerError(RuntimeError):
    """The scheduler cannot do what was asked; the message says why and what to do."""


class SchedulerClosed(SchedulerError):
    """The scheduler was closed before the call could finish."""


class SchedulerBroken(SchedulerError, BrokenExecutor):
    """No worker process can be started any more, for the reason that is its cause, if there is one."""


class Saturated(SchedulerError):
    """The call was not begun: too many wait already, or none of them had its turn in time."""


class FunctionKillsWorkers(SchedulerError):
    """The function was not called: of late each of its calls has ended the process that made it.

    See the setting `most_deaths`.
    """


class CallTimeout(TimeoutError):
    """The call reached its time limit and its process group was killed.

    `cpu_seconds` is what the call burnt until then, descendants included. `attempts` are the errors of all
    tries, where a call was tried again.
    """

    attempts: tuple[Exception, ...] = ()

    def __init__(self, timeout: float, cpu_seconds: float = 0.0) -> None:
        super().__init__(f"the call was killed at its limit of {timeout:g} s")
        self.timeout = timeout
        self.cpu_seconds = cpu_seconds

    def __reduce__(self) -> tuple[type, tuple[float, float]]:
        return type(self), (self.timeout, self.cpu_seconds)


class CpuLimitExceeded(CallTimeout):
    """The call used up its CPU limit, and its process group was killed; `timeout` is that limit."""

    def __init__(self, timeout: float, cpu_seconds: float = 0.0) -> None:
        super().__init__(timeout, cpu_seconds)
        self.args = (f"the call was killed at its limit of {timeout:g} s of CPU",)


class CallStalled(CallTimeout):
    """A call with a CPU limit used next to no CPU for too long, and its process group was killed.

    `timeout` is the limit. Either it waits for what does not come, or its machine has no time for it.
    """

    def __init__(self, timeout: float, cpu_seconds: float = 0.0, wall_seconds: float = 0.0) -> None:
        super().__init__(timeout, cpu_seconds)
        self.wall_seconds = wall_seconds
        self.args = (
            f"the call was killed after {wall_seconds:.1f} s, in which it used {cpu_seconds:.2f} s of the "
            f"{timeout:g} s of CPU that it may use",
        )

    def __reduce__(self) -> tuple[type, tuple[float, float, float]]:  # type: ignore[override]
        return type(self), (self.timeout, self.cpu_seconds, self.wall_seconds)


class LoadTimeout(CallTimeout):
    """The worker could not unpickle the call within `load_timeout`, and was killed.

    `imported` is what it was importing for that, or "". The remedy is to have it imported beforehand.
    """

    def __init__(self, timeout: float, cpu_seconds: float = 0.0, imported: str = "") -> None:
        super().__init__(timeout, cpu_seconds)
        self.imported = imported
        self.args = (f"the worker had not unpickled the call after {timeout:g} s{_remedy(imported)}",)

    def __reduce__(self) -> tuple[type, tuple[float, float, str]]:  # type: ignore[override]
        return type(self), (self.timeout, self.cpu_seconds, self.imported)


def _remedy(imported: str) -> str:
    if not imported:
        return ": raise load_timeout"
    name = imported.partition(" ")[0]
    if imported.startswith("the main script"):
        return (
            ", as it was running the main script to find the function there: put the function into a "
            "module, or the script's work under `if __name__ == '__main__':`, or raise load_timeout"
        )
    return f", as it was importing {imported}: set preload=({name!r},), or raise load_timeout"


class WorkerDied(Exception):
    """The process that ran the call ended before it answered; other calls are not affected.

    `exitcode` is as in multiprocessing: -N for signal N, otherwise the exit status; None if unknown.
    `started` is False where it is certain that the process never began with the call. `pid` is that of the
    process, or None. `attempts` are the errors of all tries, where a call was tried again.
    """

    def __init__(
        self,
        exitcode: int | None,
        detail: str = "",
        cpu_seconds: float = 0.0,
        started: bool = True,
        pid: int | None = None,
    ) -> None:
        super().__init__(detail or describe_exit(exitcode))
        self.exitcode = exitcode
        self.detail = detail
        self.cpu_seconds = cpu_seconds
        self.started = started
        self.pid = pid
        self.attempts: tuple[Exception, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.exitcode, self.detail, self.cpu_seconds, self.started, self.pid)


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
    set_cause(error, RemoteTraceback(text))
    return error  # type: ignore[no-any-return]
