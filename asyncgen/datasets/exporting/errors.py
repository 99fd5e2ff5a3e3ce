"""What goes wrong on the way of an export, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asyncgen.problems.errors import AsyncgenError


class ExportError(AsyncgenError):
    """An export could not go on; the message says what is kept, and what to do."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the system refuses while files are written into ExportError."""
    try:
        yield
    except OSError as error:
        words = " ".join((error.strerror or str(error)).split())
        raise ExportError(
            f"{folder} cannot be written to ({words}): free some space and repeat the command, which goes on "
            "from the rows that were read"
        ) from error
