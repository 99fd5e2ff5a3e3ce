"""Runs a job for the command line: event loop, signals, log file, display, exit status.

first SIGINT, SIGTERM, SIGHUP ──▶ stop sampling, finish what runs, store it, exit 3
second ──▶ exit 3 at once; the template sees its socket end and kills every worker
"""

import asyncio
import contextlib
import logging
import os
import resource
import shlex
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from asyncgen.calls.settings import LEAST_OPEN_FILES
from asyncgen.command.display import Display
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.jobs.progress import Progress
from asyncgen.jobs.run import Control
from asyncgen.problems.errors import UsageError

_LOGS = {"asyncgen": logging.INFO, "temporalio": logging.WARNING}  # what a log file is of
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Result = TypeVar("Result")
Job = Callable[[Control], Awaitable[Progress]]


def run(job: Callable[[Control], Awaitable[Result]], display: Display, loop: str | None) -> Result:
    """Run the job to its end under the named event loop, with the display following it."""
    _check_open_files()
    with asyncio.Runner(loop_factory=_loop_factory(loop)) as runner:
        try:
            return runner.run(_follow(job, display))
        finally:
            display.close()


async def _follow(job: Callable[[Control], Awaitable[Result]], display: Display) -> Result:
    control = Control(on_progress=display.update, say=display.say)
    with _signals_to(_Stopper(control, display)), _warnings_on(display):
        return await job(control)


@contextlib.contextmanager
def _signals_to(stopper: "_Stopper") -> Iterator[None]:
    """Have signals stop the job; afterwards they do what they did before, which uvloop does not see to."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = [number for number in _SIGNALS if before[number] is not signal.SIG_IGN]  # as nohup asks for
    for number in heard:
        loop.add_signal_handler(number, stopper.signalled, number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])


def _check_open_files() -> None:
    """Refuse what would fail anywhere and at any time, an event loop's own socket included."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed != resource.RLIM_INFINITY and allowed < LEAST_OPEN_FILES:
        raise UsageError(f"only {allowed} files may be open at a time, too few for a run: ulimit -n 1024")


@contextlib.contextmanager
def _warnings_on(display: Display) -> Iterator[None]:
    """Show warnings of the log, such as of workers that cannot be started for the time being."""
    handler = _Shown(display)
    log = logging.getLogger("asyncgen")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Shown(logging.Handler):
    """Passes warnings on to a display."""

    def __init__(self, display: Display) -> None:
        super().__init__(logging.WARNING)
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:  # errors end the command, which says them itself
            self._display.say(record.getMessage())


class _Stopper:
    """What a signal does: the first asks, the second insists."""

    def __init__(self, control: Control, display: Display) -> None:
        self._control = control
        self._display = display

    def signalled(self, number: int) -> None:
        if self._control.stop.is_set():
            self._display.close()
            os._exit(EXIT_STOPPED)
        self._control.stop.set()
        name = signal.Signals(number).name
        self._display.say(f"{name}: finishing what runs, then stopping; once more to exit at once")


def _loop_factory(name: str | None) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The factory of the named loop; None stands for uvloop where there is one."""
    if name == "asyncio":
        return None
    try:
        import uvloop
    except ImportError:
        if name is not None:
            raise UsageError("--loop uvloop: uvloop is not installed; pip install uvloop adds it") from None
        return None
    factory: Any = uvloop.new_event_loop
    return factory  # type: ignore[no-any-return]


class _LogFile(logging.FileHandler):
    """A log on a full disk misses lines, and says nothing of it between those of the display."""

    def handleError(self, record: logging.LogRecord) -> None: ...  # noqa: N802 - logging's own name


def command_line() -> str:
    """The command as it was given, for repeating it."""
    path = sys.argv[0]
    name = Path(path).name
    if name == "__main__.py":
        return shlex.join([sys.orig_argv[0], "-m", "asyncgen", *sys.argv[1:]])
    return shlex.join([name if shutil.which(name) == path else path, *sys.argv[1:]])


def log_to(path: Path) -> None:
    """Append asyncgen's log to a file. Raises UsageError if that cannot be opened."""
    try:
        handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"--log-file {path}: {error.strerror or error}") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name, level in _LOGS.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.addHandler(handler)
