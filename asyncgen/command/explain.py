"""Prints how functions are decided."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from asyncgen.derivations.latex import latex
from asyncgen.derivations.record import record
from asyncgen.derivations.text import text
from asyncgen.jobs.explain import explanations
from asyncgen.jobs.lines import repeatable
from asyncgen.problems.derivations import Derivation
from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.files import Complain, problem_of
from asyncgen.problems.function_file import FunctionFile
from asyncgen.problems.records import Problem

Format = Literal["text", "latex", "json"]

_WRITERS: dict[str, Callable[[Derivation], str]] = {
    "text": text,
    "latex": latex,
    "json": lambda derivation: json.dumps(record(derivation)),
}
_BETWEEN = {"text": "\n\n", "latex": "\n\n", "json": "\n"}


def problems_of(functions: Sequence[str], complain: Complain) -> tuple[list[Problem], int]:
    """What is typed, or the lines of standard input for "-", and how many of these lines are no function.

    Raises UsageError where what is typed is none.
    """
    if list(functions) == ["-"]:
        with repeatable(sys.stdin.buffer, "-") as source:
            lines = FunctionFile(source, "standard input", complain)
            while not lines.ended:
                lines.read_on()
            return list(lines.stream([range(lines.known)])), lines.bad
    return list(_typed(functions)), 0


def _typed(functions: Sequence[str]) -> Iterator[Problem]:
    for number, function in enumerate(functions):
        try:
            yield problem_of(function, number)
        except ParseError as error:
            raise UsageError(f"{function[:60]!r}: column {error.column}: {error}") from None


def show(problems: Sequence[Problem], notation: Format, timeout: float) -> None:
    """Write each explanation to standard output as soon as it is there."""
    asyncio.run(_show(problems, notation, timeout))


async def _show(problems: Sequence[Problem], notation: Format, timeout: float) -> None:
    between = ""
    async for derivation in explanations(problems, timeout):
        sys.stdout.write(between + _WRITERS[notation](derivation))
        sys.stdout.flush()
        between = _BETWEEN[notation]
    if problems:
        sys.stdout.write("\n")
