"""The end of a command on standard output, where whoever reads it may be gone."""

import sys
from collections.abc import Callable

from asyncgen.command import streams
from asyncgen.command.display import Output


def printed(write: Callable[[Output], object]) -> None:
    """Have this written to standard output; nobody's reading it is no failure."""
    try:
        write(Output())
        sys.stdout.flush()
    except OSError as error:
        if not streams.nobody_is_there(error):
            raise
        streams.forget(sys.stdout)
