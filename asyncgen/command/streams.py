"""The standard streams of a command: closed by its caller, full, or with nobody at the other end any more."""

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

_closed: set[str] = set()  # the streams that the caller had closed
_NOBODY = (errno.EPIPE, errno.EIO)  # a pipe without a reader, a terminal that was closed


def prepare() -> None:
    """Give the null device to streams that the caller closed, and let stdout print any file's name.

    Without the first, the next files and sockets would get their numbers, and uvloop aborts on that.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            _closed.add(name)
            setattr(sys, name, open(number, "w" if number else "r"))  # noqa: PTH123, SIM115 - no path
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr has it


def stdin_was_closed() -> bool:
    """Whether there is no standard input at all, which is not the same as an empty one."""
    return "stdin" in _closed


def nobody_is_there(error: OSError) -> bool:
    """Whether writing failed because whoever looked has gone, which is no failure of ours."""
    return error.errno in _NOBODY


def forget(stream: TextIO) -> None:
    """Let what is still buffered for this stream go nowhere: the interpreter's end would complain."""
    with suppress(OSError, ValueError):  # ValueError: no descriptor below it
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def complain(text: str) -> None:
    """Write one line to stderr, if anybody is there; what a terminal would obey is written out."""
    with suppress(OSError):
        sys.stderr.write(f"{printable(text)}\n")


def printable(text: str) -> str:
    """The text as one line, with what a terminal would obey written out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def settle() -> None:
    """Flush what can be flushed: a failure at the interpreter's end would change the exit status."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            forget(stream)
