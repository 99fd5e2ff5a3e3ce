"""Examples as bytes, end to end: for each the ids of its problem and its answer, and the slots of both.

ids      problem, answer, end mark, and so on with the next example
slots    of each of these: of the problem's as they are known when a token is, of the answer's, before
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.slots import slots_before, slots_of
from asyncgen.learn.data.vocabulary import END, ids_of

Bytes = npt.NDArray[np.uint8]
ROW = np.dtype(
    [
        ("start", "<u8"),  # of an example, among the ids
        ("problem", "<u4"),  # tokens
        ("answer", "<u4"),  # tokens, without the end mark
        ("label", "u1"),
        ("operators", "<u2"),
        ("kind", "u1"),
    ]
)


@dataclass(slots=True)
class Flat:
    """Examples by number. index: of each a ROW; `kind` is a place in `kinds`."""

    index: npt.NDArray[Any]
    ids: Bytes
    slots: Bytes
    kinds: list[str]

    def __len__(self) -> int:
        return len(self.index)

    def problem(self, number: int) -> Bytes:
        """The ids of a problem."""
        row = self.index[number]
        start = int(row["start"])
        return self.ids[start : start + int(row["problem"])]

    def answer(self, number: int) -> Bytes:
        """The ids of its answer, without marks."""
        row = self.index[number]
        start = int(row["start"]) + int(row["problem"])
        return self.ids[start : start + int(row["answer"])]

    def kind(self, number: int) -> str:
        """The kind of the problem."""
        return self.kinds[int(self.index[number]["kind"])]


def flat(examples: Iterable[Example], kinds: list[str]) -> Flat:
    """These examples; their kinds are added to `kinds`. Raises UsageError for an unknown token."""
    rows: list[tuple[int, ...]] = []
    ids, slots = bytearray(), bytearray()
    for example in examples:
        problem, answer = ids_of(example.problem), [*ids_of(example.answer), END]
        kind = _place(kinds, example.kind)
        rows.append((len(ids), len(problem), len(answer) - 1, example.label, example.operators, kind))
        ids += bytes((*problem, *answer))
        slots += bytes((*slots_of(problem), *slots_before(answer)))
    return Flat(np.array(rows, ROW), np.frombuffer(ids, np.uint8), np.frombuffer(slots, np.uint8), kinds)


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
