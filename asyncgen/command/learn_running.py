"""What the commands of learning share: trainings in a thread, which signals stop, and lines of progress."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from asyncgen.command.display import Display, Output, display, duration
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.printing import Progress as Lines
from asyncgen.jobs.run import Control
from asyncgen.learn.training import Epoch, Hooks, Progress

T = TypeVar("T")


def shown_for(machine: MachineOptions) -> Display:
    """Where progress and messages go: plain lines on standard error."""
    return display(Output(stderr=True), machine.quiet, show=False)


async def stoppable(train: Callable[[Hooks], T], control: Control, tell: "Teller") -> T:
    """Have this work in a thread, and stop it where the command is to stop."""
    stopped = threading.Event()
    working = asyncio.ensure_future(asyncio.to_thread(train, Hooks(tell, stopped.is_set)))
    stopping = asyncio.ensure_future(control.stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopped.set()
    stopping.cancel()
    return await working


class Teller:
    """Shows how a training stands: a line every few seconds, and one for each epoch."""

    def __init__(self, shown: Display, machine: MachineOptions) -> None:
        self._shown = shown
        self._silent = machine.no_progress
        self._lines = Lines(shown, silent=machine.no_progress)
        self._epochs = 0

    def __call__(self, progress: Progress) -> None:
        done = progress.epoch - 1
        if progress.validation is not None and done > self._epochs and not self._silent:
            self._shown.say(epoch_line(done, progress.epochs, progress.validation))
        self._epochs = max(self._epochs, done)
        self._lines.say(lambda: step_line(progress))


def step_line(progress: Progress) -> str:
    """A training in a line."""
    left = progress.seconds_left
    parts = [
        f"epoch {progress.epoch}/{progress.epochs}",
        f"step {progress.step}",
        f"loss {progress.loss:.3f}",
        f"{progress.tokens_per_second:,.0f} tokens/s",
        f"{duration(left)} left" if left is not None else "",
    ]
    return " | ".join(part for part in parts if part)


def epoch_line(number: int, of: int, epoch: Epoch) -> str:
    """An epoch in a line."""
    return (
        f"epoch {number}/{of}: loss {epoch.loss:.3f}, {epoch.accuracy:.1%} right; "
        f"validation {epoch.validation_loss:.3f}, {epoch.validation_accuracy:.1%}; {duration(epoch.seconds)}"
    )
