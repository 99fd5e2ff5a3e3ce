"""Functions from lines as they come, to one JSON object a line, in the same order.

    input ──bytes──▶ lines ──Problem──▶ job (workers, in order) ──Outcome──▶ JSON lines on stdout
                       └──────────────▶ complaints

Guarantees: a result is written and flushed as soon as it and all before it are there. Input is drawn only as
    far ahead as workers can begin, so that an endless input needs no more memory than a short one.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TextIO

from asyncgen.given import LONGEST, Complain, check_text, problem_in, without_mark
from asyncgen.incoming import Cutter, chunks, readable
from asyncgen.job import Control, Job, Problems, RunSettings
from asyncgen.progress import Progress, Tally
from asyncgen.records import Outcome, ParseError, Problem


class Lines:
    """The functions of an input, each as a problem whose index is the number of its line, from 1."""

    def __init__(self, descriptor: int, name: str, complain: Complain) -> None:
        self._descriptor = descriptor
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
                problem = problem_in(without_mark(line) if self.read == 1 else line, self.read)
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
    return {
        "line": outcome.index,
        "integrand": outcome.integrand,
        "status": outcome.status,
        "success": outcome.success,
        "integral": outcome.integral,
        "engine": outcome.engine,
        "cpu_seconds": round(outcome.cpu_seconds, 6),
        "reason": outcome.reason,
    }
