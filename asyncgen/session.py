"""Runs a job for the command line: event loop, signals, log file, display, exit status.

first SIGINT, SIGTERM, SIGHUP ──▶ stop sampling, finish what runs, store it, exit 3
second ──▶ exit 3 at once; the template sees its socket end and kills every worker
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from asyncgen.display import Display
from asyncgen.job import Control
from asyncgen.progress import Progress
from asyncgen.records import UsageError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_STOPPED = 3

Job = Callable[[Control], Awaitable[Progress]]


def run(job: Job, display: Display, loop: str | None) -> Progress:
    """Run the job to its end under the named event loop, with the display following it."""
    with asyncio.Runner(loop_factory=_loop_factory(loop)) as runner:
        try:
            return runner.run(_follow(job, display))
        finally:
            display.close()


async def _follow(job: Job, display: Display) -> Progress:
    control = Control(on_progress=display.update)
    stopper = _Stopper(control, display)
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and background shells ask for
            loop.add_signal_handler(number, stopper.signalled, number)
    return await job(control)


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


def log_to(path: Path) -> None:
    """Append asyncgen's log to a file. Raises UsageError if that cannot be opened."""
    try:
        handler = logging.FileHandler(path)
    except OSError as error:
        raise UsageError(f"--log-file {path}: {error.strerror or error}") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("asyncgen")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
