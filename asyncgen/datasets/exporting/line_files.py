"""Exports of a line a row: one file for each part that has rows."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol, TextIO

from asyncgen.datasets.columns import Row
from asyncgen.datasets.exporting.folder import Parts


class Writer(Protocol):
    """Writes the rows of an export, in their order."""

    def add(self, part: str, row: Row) -> None:
        """Write a row of this part."""

    def finish(self) -> dict[str, int]:
        """Write what is left; the rows of each file, by its name."""
        ...

    def close(self) -> None:
        """Let go of the files, finished or not; may be called more than once."""


class LineFiles:
    """A writer of lines, made by a function of a row; `names` has the file of each part."""

    def __init__(self, parts: Parts, names: dict[str, str], line: Callable[[Row], str]) -> None:
        self._parts = parts
        self._names = names
        self._line = line
        self._rows: Counter[str] = Counter()
        self._files: dict[str, TextIO] = {}
        self._stack = ExitStack()

    def add(self, part: str, row: Row) -> None:
        if part not in self._files:
            path = self._parts.path(self._names[part])
            self._files[part] = self._stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        self._files[part].write(self._line(row))
        self._rows[part] += 1

    def finish(self) -> dict[str, int]:
        for file in self._files.values():
            file.flush()
        self.close()
        return {name: self._rows[part] for part, name in self._names.items() if self._rows[part]}

    def close(self) -> None:
        self._stack.close()


def named(parts: Sequence[str], suffix: str, **others: str) -> dict[str, str]:
    """The file of each part: its name and the suffix; some parts have other names."""
    return {part: f"{others.get(part, part)}.{suffix}" for part in parts}
