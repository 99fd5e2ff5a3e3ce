"""Functions from a file, one a line, as problems.

A line holds one function in ordinary notation, in prefix notation, or as it is published with an answer.
Blank lines and lines that begin with # are skipped. The text is UTF-8, with or without a byte order mark.
Lines end with LF or CRLF.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.reading import read_line
from asyncgen.problems.records import Problem
from asyncgen.problems.tokens import ARITY, MAX_LENGTH, SUMS

LONGEST = MAX_LENGTH + 1  # bytes of a line that are ever looked at: enough to see that it is too long
FIRST_BLOCK = 8192  # bytes by which text is told from other files

_BOM = b"\xef\xbb\xbf"

Complain = Callable[[int, ParseError], object]


def problem_of(text: str, index: int = 0) -> Problem:
    """The problem that a text describes. Raises ParseError."""
    function, answer = read_line(text)
    operators = sum(token in ARITY or token in SUMS for token in function)
    given = " ".join(answer) if answer else None
    return Problem(index, " ".join(function), operators=operators, given=given)


def problem_in(line: bytes, index: int) -> Problem | None:
    """The problem in a line; None where there is nothing to read. Raises ParseError."""
    line = line[:LONGEST].rstrip(b"\r\n")
    if not holds_something(line):
        return None
    if len(line) == LONGEST:
        raise ParseError(f"more than {MAX_LENGTH} bytes: too long for a function")
    return problem_of(_decoded(line), index)


def holds_something(line: bytes) -> bool:
    """Whether a line is neither blank nor a comment."""
    text = line.strip()
    return bool(text) and not text.startswith(b"#")


def without_mark(start: bytes) -> bytes:
    """The beginning of a text without its byte order mark."""
    return start.removeprefix(_BOM)


def check_text(start: bytes, name: str) -> None:
    """Raise UsageError if the beginning of a file shows that it is no text in UTF-8."""
    if not is_text(start):
        raise UsageError(f"{name} is no text in UTF-8: a function a line is expected")


def is_text(start: bytes) -> bool:
    """Whether the beginning of a file may be that of a text in UTF-8."""
    text = start[:FIRST_BLOCK].decode(errors="replace")
    strange = text.count("\0") + text.count("\ufffd")
    return strange <= max(16, len(text) // 20)  # a few may be slips, each in a line of its own


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn the system's refusals to open or read this file into UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode()) + 1
        raise ParseError(f"byte {line[error.start]:#04x} is not UTF-8", column) from None
