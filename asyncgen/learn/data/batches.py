"""Batches of examples of about the same length, in an order that follows from the seed and the epoch."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from asyncgen.learn.data.flat import Bytes, Flat
from asyncgen.learn.data.slots import Placed, slots_of
from asyncgen.learn.data.vocabulary import END, PAD, START

POOL = 64  # batches whose examples are sorted by length together

Numbers = npt.NDArray[np.int64]


class Batch(NamedTuple):
    """Examples, padded: problems (batch, places), answers behind the start mark and before the end mark."""

    problems: Placed
    answers: Placed  # (batch, tokens), what the decoder is given
    targets: Tensor  # (batch, tokens), what it is to say
    labels: Tensor  # (batch,)

    @property
    def tokens(self) -> int:
        """How many tokens it has to learn from: of problems and answers, without padding."""
        return int((self.problems.ids != PAD).sum() + (self.targets != PAD).sum())

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        targets, labels = self.targets.to(device), self.labels.to(device)
        return Batch(self.problems.to(device), self.answers.to(device), targets, labels)


def batches_of(
    examples: Flat, numbers: Numbers, size: int, shuffled: tuple[int, int] | None = None
) -> Iterator[Numbers]:
    """Numbers of examples, at most `size` together, by length; shuffled by (seed, epoch) if given."""
    draw = None if shuffled is None else np.random.default_rng(shuffled)
    if draw is not None:
        numbers = draw.permutation(numbers)
    for start in range(0, len(numbers), POOL * size):
        pool = numbers[start : start + POOL * size]
        rows = examples.index[pool]
        pool = pool[np.lexsort((rows["answer"], rows["problem"]))]
        parts = [pool[first : first + size] for first in range(0, len(pool), size)]
        order = range(len(parts)) if draw is None else draw.permutation(len(parts))
        for place in order:
            yield parts[place]


def batch_of(examples: Flat, numbers: Sequence[int] | Numbers) -> Batch:
    """The examples with these numbers."""
    rows = examples.index[np.asarray(numbers, np.int64)]
    starts, lengths = rows["start"].astype(np.int64), rows["problem"].astype(np.int64)
    sources = examples.ids, examples.slots
    problems = _padded(sources, starts, lengths)
    targets = _padded(sources, starts + lengths, rows["answer"].astype(np.int64) + 1)
    given = torch.full_like(targets.ids, START)
    given[:, 1:] = targets.ids[:, :-1].masked_fill(targets.ids[:, :-1] == END, PAD)
    labels = torch.from_numpy(rows["label"].astype(np.int64))
    return Batch(problems, Placed(given, targets.slots), targets.ids, labels)


def problems_of(problems: Sequence[Sequence[int]]) -> Placed:
    """Ids of problems, padded: (batch, places)."""
    lengths = np.array([len(problem) for problem in problems], np.int64)
    ids = np.fromiter(chain.from_iterable(problems), np.uint8)
    slots = np.fromiter(chain.from_iterable(map(slots_of, problems)), np.uint8)
    return _padded((ids, slots), lengths.cumsum() - lengths, lengths)


def _padded(sources: tuple[Bytes, Bytes], starts: Numbers, lengths: Numbers) -> Placed:
    """What lies from each start on, so many tokens of each, as rows: ids and slots (rows, tokens)."""
    columns = np.arange(lengths.max())
    inside = columns < lengths[:, None]
    places = np.where(inside, starts[:, None] + columns, 0)
    return Placed(*(torch.from_numpy(np.where(inside, source[places], PAD)).long() for source in sources))
