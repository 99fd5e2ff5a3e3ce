"""Functions from lines as they come, to one JSON object a line, in the same order.

    input ──bytes──▶ lines ──Problem──▶ job (workers, in order) ──Outcome──▶ JSON lines on stdout
                       └──────────────▶ complaints

Guarantees: a result is written and flushed as soon as it and all before it are there. Input is drawn only as
    far ahead as workers can begin, so that an endless input needs no more memory than a short one. Waiting
    for input ends at once on a stop. The input's own settings, such as non-blocking, are left as they are:
    a terminal shares them with other programs.
Assumes: nobody else reads from the same pipe or terminal.
"""

import asyncio
import json
import os
import shutil
import stat
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, aclosing, contextmanager, nullcontext
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any, BinaryIO, TextIO

from asyncgen.jobs.progress import Progress, Tally
from asyncgen.jobs.run import Control, Job, Problems, RunSettings
from asyncgen.problems.errors import ParseError
from asyncgen.problems.files import LONGEST, Complain, check_text, problem_in, readable, without_mark
from asyncgen.problems.records import Outcome, Problem

_CHUNK = 1 << 16  # bytes

Read = Callable[[bytes, int], Problem | None]


class Lines:
    """The functions of an input, each as a problem whose index is the number of its line, from 1."""

    def __init__(self, descriptor: int, name: str, complain: Complain, read: Read = problem_in) -> None:
        """`read` makes a problem of a line and its number, or None of a line without one."""
        self._descriptor = descriptor
        self._read = read
        self._name = name
        self._complain = complain
        self.read = 0  # lines so far
        self.bad = 0
        self.ended = False  # all was read

    async def problems(self, stop: asyncio.Event) -> Problems:
        """Each function as it comes, until the end or `stop`. Raises UsageError for what is no text."""
        cutter = Cutter(LONGEST)
        with readable(self._name):
            async with aclosing(chunks(self._descriptor, stop)) as pieces:
                async for piece in pieces:
                    if self.read == 0:
                        check_text(piece, self._name)
                    for problem in self._problems(cutter.feed(piece)):
                        yield problem
        if not stop.is_set():
            for problem in self._problems(cutter.end()):
                yield problem
            self.ended = True

    def _problems(self, lines: Sequence[bytes]) -> Iterator[Problem]:
        for line in lines:
            self.read += 1
            try:
                problem = self._read(without_mark(line) if self.read == 1 else line, self.read)
            except ParseError as error:
                self.bad += 1
                self._complain(self.read, error)
            else:
                if problem is not None:
                    yield problem


async def label_lines(lines: Lines, output: TextIO, settings: RunSettings, control: Control) -> Progress:
    """Write what becomes of each function, until the input ends or a stop; what was begun is finished.

    Raises BrokenPipeError when nobody reads on. Rows do not wait for each other: batches do not apply.
    """

    async def write(outcomes: Sequence[Outcome]) -> None:
        await asyncio.to_thread(_write, output, outcomes)  # a reader may take its time

    job = Job(replace(settings, batch=1), Tally(0, {}), control)
    progress = await job.label(lines.problems(control.stop), write, ordered=True)
    return progress if lines.ended else replace(progress, state="stopped")


def _write(output: TextIO, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        output.write(json.dumps(_values(outcome)) + "\n")
    output.flush()


def _values(outcome: Outcome) -> dict[str, object]:
    """What is said of one function. CPU seconds of its worker, to the microsecond."""
    outcome = outcome.shown
    return {
        "line": outcome.index,
        "integrand": outcome.integrand,
        "status": outcome.status,
        "success": outcome.success,
        "integral": outcome.integral,
        "engine": outcome.engine,
        "cpu_seconds": round(outcome.cpu_seconds, 6),
        "reason": outcome.reason,
        "proof": outcome.proof,
        "continuous": outcome.continuous,
        "real": outcome.real,
        "given": outcome.given,
    }


# -- input, without holding up the event loop ----------------------------------------------------------


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """The file of this name, or for "-" standard input, which stays open. Raises UsageError."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    with readable(name):
        return open(name, "rb")  # noqa: PTH123 - the name as it was typed


@contextmanager
def repeatable(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """The same content in a file that can be read again and from anywhere: itself, or a copy of what flows.

    Raises UsageError.
    """
    with readable(name), ExitStack() as opened:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or file.tell():
            flowing, file = file, opened.enter_context(TemporaryFile())
            shutil.copyfileobj(flowing, file)
            file.flush()
        kept = opened.pop_all()
    with kept:
        yield file


class Cutter:
    """Pieces of input into lines, each at most `longest` bytes and without its end."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that this piece completes."""
        *whole, rest = data.split(b"\n")
        if whole:
            whole[0] = self._rest + whole[0]
            self._rest = b""
        self._rest = (self._rest + rest)[: self._longest]
        return [line[: self._longest] for line in whole]

    def end(self) -> list[bytes]:
        """The last line, if it has no end of its own."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


async def chunks(descriptor: int, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """What can be read, piece by piece, until the end of the input or until `stop` is set. Raises OSError."""
    waits = _waits(descriptor)
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            if waits:
                await _readable(descriptor, stopped)
                data = b"" if stop.is_set() else os.read(descriptor, _CHUNK)
            else:
                data = await asyncio.to_thread(os.read, descriptor, _CHUNK)
            if not data:
                return
            yield data
    finally:
        stopped.cancel()


def _waits(descriptor: int) -> bool:
    """Whether reading may wait for somebody; files never make wait, and event loops do not watch them."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


async def _readable(descriptor: int, stopped: asyncio.Task[Any]) -> None:
    """Return when there is something to read, or `stopped` is done."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    waiting = loop.create_task(ready.wait())
    loop.add_reader(descriptor, ready.set)
    try:
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(descriptor)
        waiting.cancel()
