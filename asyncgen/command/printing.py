"""What commands over whole files print: how far they are, and what they found in the end."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence

from rich.table import Table

from asyncgen.command import streams
from asyncgen.command.display import Display, Output

_SECONDS = 5.0  # between two lines of progress


class Progress:
    """Says how far a command is, every few seconds."""

    def __init__(self, shown: Display, silent: bool = False, seconds: float = _SECONDS) -> None:
        self._shown = shown
        self._seconds = seconds
        self._next = float("inf") if silent else time.monotonic() + seconds

    def say(self, line: Callable[[], str]) -> None:
        """Print the line, if it is time."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._seconds
            self._shown.say(line())


def teller(shown: Display, silent: bool) -> Callable[[str], object]:
    """What a job tells now and then of how far it is, shown unless it is to be silent."""
    return (lambda line: None) if silent else shown.say


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table: the first column to the left, the others, which are numbers, to the right."""
    found = Table(box=None, pad_edge=False)
    for place, name in enumerate(names):
        found.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        found.add_row(*row)
    return found


def aligned(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The same as lines that nothing breaks, however narrow the terminal: the last column is text, too."""
    lines = [names, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(_placed(line, widths)).rstrip() for line in lines]


def _placed(cells: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    last = len(cells) - 1
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        yield cell.ljust(width) if place in (0, last) else cell.rjust(width)


def printed(write: Callable[[Output], object]) -> None:
    """Have this written to standard output. Nobody's reading it is no failure: the work is done."""
    try:
        write(Output())
        sys.stdout.flush()
    except OSError as error:
        if not streams.nobody_is_there(error):
            raise
        streams.forget(sys.stdout)
