"""The file that is imported: its digest, whether it is still the same, and its lines."""

import hashlib
import os
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from asyncgen.datasets.importing.records import LONGEST_LINE
from asyncgen.problems.errors import UsageError
from asyncgen.problems.files import readable, without_mark

_BLOCK = 1 << 16  # bytes


class GivenFile:
    """A file of the file system, open as long as this is used; `name` as it was typed."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Raises UsageError if it cannot be read."""
        self.name = name
        self._file = file
        self._stamp = self._stamp_now()
        self.size = self._stamp[0]

    def head(self, size: int = _BLOCK) -> bytes:
        """The first bytes."""
        with readable(self.name):
            self._file.seek(0)
            return self._file.read(size)

    def digest(self) -> str:
        """SHA-256 of all bytes, in hex."""
        with readable(self.name):
            self._file.seek(0)
            found = hashlib.file_digest(self._file, "sha256").hexdigest()  # type: ignore[arg-type]  # readinto
        self.check()
        return found

    def lines(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """The lines behind so many, each with its number from 1 and its end; of a long one the beginning.

        No other lines are to be read meanwhile.
        """
        with readable(self.name):
            self._file.seek(0)
            for number in count(1):
                line = self._file.readline(LONGEST_LINE)
                if not line:
                    break
                self._pass_rest(line)
                if number > after:
                    yield number, without_mark(line) if number == 1 else line

    @property
    def share(self) -> float:
        """Which part of the bytes was read."""
        return self._file.tell() / self.size if self.size else 1.0

    def check(self) -> None:
        """Raise UsageError if the file has changed since it was opened."""
        if self._stamp_now() != self._stamp:
            raise UsageError(
                f"{self.name} was changed while it was read: put it back as it was, and give the same "
                "command again"
            )

    def _pass_rest(self, line: bytes) -> None:
        """Read on to the end of a line of which more has come than anybody looks at."""
        while len(line) >= LONGEST_LINE and not line.endswith(b"\n"):
            rest = self._file.readline(_BLOCK)
            if not rest or rest.endswith(b"\n"):
                return

    def _stamp_now(self) -> tuple[int, int]:
        with readable(self.name):
            found = os.fstat(self._file.fileno())
        return found.st_size, found.st_mtime_ns
