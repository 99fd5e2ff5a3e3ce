"""Functions from a file, one a line, as problems.

A line holds one function in ordinary notation, in prefix notation, or as it is published with an answer.
Blank lines and lines that begin with # are skipped. The text is UTF-8, with or without a byte order mark.
Lines end with LF or CRLF.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator

from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.reading import read_line
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import READING_VERSION, Spec
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
    if not line.strip() or line.lstrip().startswith(b"#"):
        return None
    if len(line) == LONGEST:
        raise ParseError(f"more than {MAX_LENGTH} bytes: too long for a function")
    return problem_of(_decoded(line), index)


def without_mark(start: bytes) -> bytes:
    """The beginning of a text without its byte order mark."""
    return start.removeprefix(_BOM)


def check_text(start: bytes, name: str) -> None:
    """Raise UsageError if the beginning of a file shows that it is no text in UTF-8."""
    text = start[:FIRST_BLOCK].decode(errors="replace")
    strange = text.count("\0") + text.count("\ufffd")
    if strange > max(16, len(text) // 20):  # a few may be slips, each in a line of its own
        raise UsageError(f"{name} is no text in UTF-8: a function a line is expected")


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode()) + 1
        raise ParseError(f"byte {line[error.start]:#04x} is not UTF-8", column) from None


class FunctionFile:
    """The functions of a whole file, by number: what the main job needs to fill a store with them.

    Number i is the i-th line that holds a function, from 0; duplicates stay. The content itself is their
    specification, so that another file is another stream. Reading other lines than before as functions needs
    a higher READING_VERSION, which is a part of it. Answers that come with functions are left out.
    """

    def __init__(self, content: bytes, name: str, complain: Complain) -> None:
        """Read every line; `complain` hears of the bad ones. Raises UsageError if this is no text."""
        check_text(content, name)
        digest = hashlib.sha256(content).hexdigest()
        self.spec = Spec(distribution=None, source=digest, reading=READING_VERSION)
        self.bad = 0
        self._content = without_mark(content)
        self._starts = array("Q")  # where the line of function i begins
        for number, start in enumerate(self._lines(), start=1):
            try:
                if problem_in(self._line(start), 0) is not None:
                    self._starts.append(start)
            except ParseError as error:
                self.bad += 1
                complain(number, error)

    def __len__(self) -> int:
        return len(self._starts)

    def problem(self, index: int) -> Problem:
        """Function number `index`."""
        problem = problem_in(self._line(self._starts[index]), index)
        assert problem is not None
        return problem._replace(given=None)

    def stream(self, ranges: Iterable[range]) -> Iterator[Problem]:
        """The problems of these ranges of numbers, one by one, in their order."""
        for indices in ranges:
            for index in indices:
                yield self.problem(index)

    def _lines(self) -> Iterator[int]:
        """Where each line begins."""
        start = 0
        while start < len(self._content):
            yield start
            end = self._content.find(b"\n", start)
            start = end + 1 if end >= 0 else len(self._content)

    def _line(self, start: int) -> bytes:
        end = self._content.find(b"\n", start, start + LONGEST)
        return self._content[start : end if end >= 0 else start + LONGEST]
