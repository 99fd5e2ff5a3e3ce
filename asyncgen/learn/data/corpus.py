"""Examples in a few flat files: a million of them without a million in memory.

    train/ids.u8        problem and answer of each example, one byte a token, end to end
    train/slots.u8      where each of these tokens stands in its tree, one byte for each
    train/index.npy     of each example: where it begins, tokens of problem and answer, class, operators, kind

The files are mapped, not read, and nothing in them is pickled.
"""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.flat import ROW, Bytes, Flat, flat
from asyncgen.learn.data.vocabulary import DIGEST
from asyncgen.learn.errors import DamagedError
from asyncgen.problems.errors import UsageError

FORMAT = 2  # raised whenever the same examples would be other files
_IDS, _SLOTS, _INDEX, _ABOUT = "ids.u8", "slots.u8", "index.npy", "about.json"
_AT_A_TIME = 10_000  # examples that are held before they are written


class Corpus(Flat):
    """The examples of one part, by number."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` has left in this folder. Raises DamagedError, UsageError."""
        try:
            about = json.loads((folder / _ABOUT).read_text())
            vocabulary, form, kinds = about["vocabulary"], about.get("format"), about["kinds"]
            if vocabulary != DIGEST or form != FORMAT:
                what = "with another vocabulary" if vocabulary != DIGEST else "by another version of asyncgen"
                raise UsageError(f"{folder} was prepared {what}: prepare the data again")
            index = np.load(folder / _INDEX, mmap_mode="r")
            super().__init__(index, _mapped(folder / _IDS), _mapped(folder / _SLOTS), kinds)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{folder} is no prepared data, or damaged: {error}") from None


class Writer:
    """Writes the examples of one part into a folder, which is made. What is not closed is no corpus."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _ABOUT).unlink(missing_ok=True)  # written last: what is not whole has none
        self._folder = folder
        self._files = ExitStack()
        self._ids, self._slots = (
            self._files.enter_context((folder / name).open("wb")) for name in (_IDS, _SLOTS)
        )
        self._waiting: list[Example] = []
        self._index = [np.zeros(0, ROW)]
        self._kinds: list[str] = []
        self._size = 0  # ids that are written
        self.rows = 0

    def add(self, example: Example) -> None:
        """Add an example. Raises UsageError for an unknown token."""
        self.rows += 1
        self._waiting.append(example)
        if len(self._waiting) == _AT_A_TIME:
            self._write()

    def _write(self) -> None:
        some = flat(self._waiting, self._kinds)
        some.index["start"] += self._size
        self._size += len(some.ids)
        self._index.append(some.index)
        self._ids.write(some.ids.data)
        self._slots.write(some.slots.data)
        self._waiting = []

    def close(self) -> None:
        """Write the rest."""
        with self._files:
            self._write()
        np.save(self._folder / _INDEX, np.concatenate(self._index))
        about = {"format": FORMAT, "kinds": self._kinds, "vocabulary": DIGEST}
        (self._folder / _ABOUT).write_text(json.dumps(about))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self._files.close()


def write(folder: Path, examples: Iterable[Example]) -> int:
    """Write examples into a folder, which is made; how many there are. Raises UsageError."""
    with Writer(folder) as writer:
        for example in examples:
            writer.add(example)
    return writer.rows


def _mapped(path: Path) -> Bytes:
    """The bytes of a file; an empty one cannot be mapped."""
    if not path.stat().st_size:
        return np.zeros(0, np.uint8)
    return np.asarray(np.memmap(path, np.uint8, "r"))
