"""The functions of a whole file, by number, read while they are already being worked on.

    bytes ──once, at the start──▶ digest, number of lines
    lines ──read_on──▶ marks: which function begins where ──stream──▶ problems
               └─────▶ complaints

Guarantees: the content itself is the specification, and what is read later is what the digest was taken of,
    or an error. Memory does not grow with the file, but for a mark for each thousand lines.
Assumes: whoever changes the file in mid-run changes its size or its time.
"""

import hashlib
import os
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from asyncgen.problems.errors import ParseError, UsageError
from asyncgen.problems.files import (
    LONGEST,
    Complain,
    check_text,
    holds_something,
    problem_in,
    readable,
    without_mark,
)
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import READING_VERSION, Spec

_BLOCK = 1 << 16  # bytes
_APART = 1024  # lines from one mark to the next
_STEP = 32  # lines read at a time, a part of those: a millisecond or two
_MOMENT = 1.0  # seconds that pass without a word


class Mark(NamedTuple):
    """What is known of the place where a line begins, or of the end of the file."""

    line: int  # the number of the line, from 1
    start: int  # its first byte
    functions: int  # in the lines before it
    bad: int  # of these lines, how many are no function


class FunctionFile:
    """What the main job needs of a file to fill a store with its functions.

    Number i is the i-th line that holds a function, from 0; duplicates stay. Reading other lines than before
    as functions needs a higher READING_VERSION, which is part of the specification. Answers that come with
    functions are left out.
    """

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        complain: Complain,
        notice: Callable[[str], object] = lambda text: None,
    ) -> None:
        """Look at every byte, not yet at the lines. Raises UsageError if this is no text.

        `file`: of the file system, and open as long as this is used. `complain` hears of bad lines, `notice`
        of what takes longer than a moment.
        """
        self.name = name
        self._descriptor = file.fileno()
        self._complain = complain
        self._stamp = self._stamp_now()
        digest, self._size, self._lines = self._summed(notice)
        self.spec = Spec(distribution=None, source=digest, reading=READING_VERSION)
        self._here = Mark(1, len(self._head) - len(without_mark(self._head)), 0, 0)
        self._passed = 0  # the last mark that was read up to
        self._text: Iterator[tuple[bytes, int]] | None = None
        self.marks = [self._here]

    # -- how far it is known ---------------------------------------------------------------------------

    @property
    def _frontier(self) -> Mark:
        return self.marks[-1] if self._passed + 1 < len(self.marks) else self._here

    @property
    def known(self) -> int:
        """How many functions are known by now: 0..known-1 can be streamed."""
        return self._frontier.functions

    @property
    def most(self) -> int:
        """How many functions there are at most: every line that was not read may be one."""
        return self.known + self._lines - (self._frontier.line - 1)

    @property
    def bad(self) -> int:
        """How many of the known lines are no function."""
        return self._frontier.bad

    @property
    def settled(self) -> bool:
        """Whether every line is known."""
        return self._frontier.start >= self._size

    @property
    def ended(self) -> bool:
        """Whether every line is known and every bad one was complained of."""
        return self._here.start >= self._size

    # -- reading ---------------------------------------------------------------------------------------

    def recall(self, marks: Iterable[Mark]) -> None:
        """Take over what an earlier reading of the same content has found."""
        found = list(marks)
        if len(found) > len(self.marks):
            self.marks = found

    def read_on(self) -> None:
        """Read some lines more, or pass by many that are known to be sound."""
        if self._here == self.marks[self._passed] and self._is_sound(self._passed):
            self._pass()
            return
        if self._text is None:
            self._text = self._lines_from(self._here.start)
        for line, length in islice(self._text, _STEP):
            self._here = self._behind(self._here, line, length)
        if self.ended or self._here.line % _APART == 1:
            if self._passed + 1 == len(self.marks):
                self.marks.append(self._here)
            self._pass()

    def stream(self, ranges: Iterable[range]) -> Iterator[Problem]:
        """The problems of these ranges of known numbers, one by one, in their order."""
        for indices in ranges:
            yield from islice(self._problems_from(indices.start), len(indices))

    def _pass(self) -> None:
        self._passed += 1
        if self._here != self.marks[self._passed]:
            self._here, self._text = self.marks[self._passed], None

    def _is_sound(self, place: int) -> bool:
        """Whether the lines behind a mark are known up to the next, and none of them is bad."""
        return place + 1 < len(self.marks) and self.marks[place].bad == self.marks[place + 1].bad

    def _behind(self, here: Mark, line: bytes, length: int) -> Mark:
        functions, bad = here.functions, here.bad
        try:
            functions += problem_in(line, functions) is not None
        except ParseError as error:
            bad += 1
            self._complain(here.line, error)
        return Mark(here.line + 1, here.start + length, functions, bad)

    def _problems_from(self, first: int) -> Iterator[Problem]:
        place = bisect_right(self.marks, first, key=attrgetter("functions")) - 1
        index, sound = self.marks[place].functions, self._is_sound(place)
        for line, _ in self._lines_from(self.marks[place].start):
            if sound and index < first:
                index += holds_something(line)
                continue
            try:
                problem = problem_in(line, index)
            except ParseError:  # complained of where it is read for the first time
                continue
            if problem is not None:
                index += 1
                if index > first:
                    yield problem._replace(given=None)

    # -- bytes -----------------------------------------------------------------------------------------

    def _summed(self, notice: Callable[[str], object]) -> tuple[str, int, int]:
        """SHA-256, bytes and lines of all of it."""
        digest, size, ends, last = hashlib.sha256(), 0, 0, b"\n"
        self._head, late = b"", time.monotonic() + _MOMENT
        for block in self._blocks(0):
            if not size:
                check_text(block, self.name)
                self._head = block[:LONGEST]
            digest.update(block)
            size, ends, last = size + len(block), ends + block.count(b"\n"), block[-1:]
            if time.monotonic() > late:
                late = float("inf")
                notice(f"reading {self.name}")
        return digest.hexdigest(), size, ends + (last != b"\n")

    def _lines_from(self, start: int) -> Iterator[tuple[bytes, int]]:
        """Each line, of a long one the beginning, and how many bytes it takes with its end."""
        line, length = b"", 0  # of the one whose end has not come
        for block in self._blocks(start):
            *whole, last = block.split(b"\n")
            for part in whole:
                yield (line + part)[:LONGEST], length + len(part) + 1
                line, length = b"", 0
            line, length = (line + last)[:LONGEST], length + len(last)
        if length:
            yield line, length

    def _blocks(self, start: int) -> Iterator[bytes]:
        while True:
            with readable(self.name):
                block = os.pread(self._descriptor, _BLOCK, start)
            if self._stamp_now() != self._stamp:
                raise UsageError(
                    f"{self.name} was changed while it was read: put it back as it was, and give the same "
                    "command again"
                )
            if not block:
                return
            yield block
            start += len(block)

    def _stamp_now(self) -> tuple[int, int]:
        with readable(self.name):
            found = os.fstat(self._descriptor)
        return found.st_size, found.st_mtime_ns
