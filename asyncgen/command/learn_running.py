"""What the commands of learning share: trainings in a thread, which signals stop, and lines of progress."""

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from asyncgen.command import session
from asyncgen.command.display import Display, Output, display, duration
from asyncgen.command.exits import EXIT_FAILURE, EXIT_STOPPED
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.printing import Progress as Sayings
from asyncgen.jobs.lines import Lines, Read, opened
from asyncgen.jobs.run import Control, Problems
from asyncgen.learn.progress import Epoch, Hooks, Progress
from asyncgen.problems.errors import ParseError

T = TypeVar("T")
Texts = AsyncGenerator[str, None]


def shown_for(machine: MachineOptions) -> Display:
    """Where progress and messages go: plain lines on standard error."""
    return display(Output(stderr=True), machine.quiet, show=False)


async def stoppable(train: Callable[[Hooks], T], control: Control, tell: "Teller") -> T:
    """Have this work in a thread, and stop it where the command is to stop."""
    stopped = threading.Event()
    working = asyncio.ensure_future(asyncio.to_thread(train, Hooks(tell, stopped.is_set, tell.ended)))
    stopping = asyncio.ensure_future(control.stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopped.set()
    stopping.cancel()
    return await working


def answer_lines(
    name: str, options: MachineOptions, read: Read, answered: Callable[[Problems], Texts]
) -> int:
    """Print what is answered to the problems of a file, or of "-", as it comes; the exit status."""
    shown = shown_for(options)

    def complain(line: int, error: ParseError) -> None:
        shown.say(f"line {line}, column {error.column}: {error}")

    async def job(control: Control) -> Lines:
        with opened(name) as file:
            lines = Lines(file.fileno(), "standard input" if name == "-" else name, complain, read)
            async with aclosing(answered(lines.problems(control.stop))) as texts:
                async for text in texts:
                    await asyncio.to_thread(_write, text)  # a reader may take its time
        return lines

    lines = session.run(job, shown, None)
    if not lines.ended:
        return EXIT_STOPPED
    return EXIT_FAILURE if lines.bad else 0


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Teller:
    """Shows how a training stands: a line every few seconds, and one for each epoch."""

    def __init__(self, shown: Display, machine: MachineOptions, name: str = "") -> None:
        """`name`: begins each line."""
        self._shown = shown
        self._name = name
        self._silent = machine.no_progress
        self._lines = Sayings(shown, silent=machine.no_progress)
        self._epochs = 0  # that were told of
        self._of = 0

    def __call__(self, progress: Progress) -> None:
        """Tell of a step, and of the epoch before it."""
        self._of = progress.epochs
        if progress.validation is not None:
            self._tell(progress.epoch - 1, progress.validation)
        self._lines.say(lambda: self._name + step_line(progress))

    def ended(self, epochs: Sequence[Epoch]) -> None:
        """Tell of the last of these epochs."""
        self._tell(len(epochs), epochs[-1])

    def _tell(self, number: int, epoch: Epoch) -> None:
        if number > self._epochs and not self._silent:
            self._shown.say(self._name + epoch_line(number, self._of, epoch))
        self._epochs = max(self._epochs, number)


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
