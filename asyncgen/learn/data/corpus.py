"""Examples as ids in a few flat files: a million of them without a million in memory.

    train/ids.u8        problem and answer of each example, one byte a token, end to end
    train/index.npy     of each: where it begins, tokens of its problem and answer, class, operators, kind

The files are mapped, not read, and nothing in them is pickled.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.vocabulary import DIGEST, ids_of
from asyncgen.learn.errors import DamagedError
from asyncgen.problems.errors import UsageError

_IDS, _INDEX, _ABOUT = "ids.u8", "index.npy", "about.json"
_ROW = np.dtype(
    [
        ("start", "<u8"),
        ("problem", "<u4"),
        ("answer", "<u4"),
        ("label", "u1"),
        ("operators", "<u2"),
        ("kind", "u1"),
    ]
)
_AT_A_TIME = 10_000  # examples that are held before they are written


class Corpus:
    """The examples of one part, by number."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` has left in this folder. Raises DamagedError, UsageError."""
        try:
            about = json.loads((folder / _ABOUT).read_text())
            self.index = np.load(folder / _INDEX, mmap_mode="r")
            self._ids = np.memmap(folder / _IDS, np.uint8, "r") if len(self.index) else np.zeros(0, np.uint8)
            self.kinds: list[str] = about["kinds"]
            vocabulary = about["vocabulary"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{folder} is no prepared data, or damaged: {error}") from None
        if vocabulary != DIGEST:
            raise UsageError(f"{folder} was prepared with another vocabulary: prepare the data again")

    def __len__(self) -> int:
        return len(self.index)

    def problem(self, number: int) -> npt.NDArray[np.uint8]:
        """The ids of a problem."""
        row = self.index[number]
        start = int(row["start"])
        return self._ids[start : start + int(row["problem"])]

    def answer(self, number: int) -> npt.NDArray[np.uint8]:
        """The ids of its answer, without marks."""
        row = self.index[number]
        start = int(row["start"]) + int(row["problem"])
        return self._ids[start : start + int(row["answer"])]

    def kind(self, number: int) -> str:
        """The kind of the problem."""
        return self.kinds[int(self.index[number]["kind"])]


def write(folder: Path, examples: Iterable[Example]) -> int:
    """Write examples into a folder, which is made; how many there are. Raises UsageError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ABOUT).unlink(missing_ok=True)  # written last: what is not whole has none
    kinds: list[str] = []
    parts = [np.zeros(0, _ROW)]
    with (folder / _IDS).open("wb") as file:
        for rows, ids in _blocks(examples, kinds):
            file.write(ids)
            parts.append(rows)
    index = np.concatenate(parts)
    np.save(folder / _INDEX, index)
    (folder / _ABOUT).write_text(json.dumps({"kinds": kinds, "vocabulary": DIGEST}))
    return len(index)


def _blocks(examples: Iterable[Example], kinds: list[str]) -> Iterator[tuple[npt.NDArray[np.void], bytes]]:
    """Some examples at a time: their rows of the index, and their ids; kinds are added as they come."""
    rows: list[tuple[int, ...]] = []
    ids = bytearray()
    start = 0
    for example in examples:
        problem, answer = ids_of(example.problem), ids_of(example.answer)
        rows.append(
            (start, len(problem), len(answer), example.label, example.operators, _place(kinds, example.kind))
        )
        ids += bytes(problem) + bytes(answer)
        start += len(problem) + len(answer)
        if len(rows) == _AT_A_TIME:
            yield np.array(rows, _ROW), bytes(ids)
            rows, ids = [], bytearray()
    yield np.array(rows, _ROW), bytes(ids)


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
