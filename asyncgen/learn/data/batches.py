"""Batches of examples of about the same length, in an order that follows from the seed and the epoch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.slots import Placed, placed_answers, placed_problems
from asyncgen.learn.data.vocabulary import END, PAD, START

_POOL = 64  # batches whose examples are sorted by length together

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
    corpus: Corpus, numbers: Numbers, size: int, shuffled: tuple[int, int] | None = None
) -> Iterator[Numbers]:
    """Numbers of examples, at most `size` together, by length; shuffled by (seed, epoch) if given."""
    draw = None if shuffled is None else np.random.default_rng(shuffled)
    if draw is not None:
        numbers = draw.permutation(numbers)
    for start in range(0, len(numbers), _POOL * size):
        pool = numbers[start : start + _POOL * size]
        rows = corpus.index[pool]
        pool = pool[np.lexsort((rows["answer"], rows["problem"]))]
        parts = [pool[first : first + size] for first in range(0, len(pool), size)]
        order = range(len(parts)) if draw is None else draw.permutation(len(parts))
        for place in order:
            yield parts[place]


def batch_of(corpus: Corpus, numbers: Sequence[int] | Numbers) -> Batch:
    """The examples with these numbers."""
    problems = [corpus.problem(number) for number in numbers]
    answers = [corpus.answer(number) for number in numbers]
    return padded(problems, answers, corpus.index[numbers]["label"].astype(np.int64))


def padded(
    problems: Sequence[npt.NDArray[np.uint8] | Sequence[int]],
    answers: Sequence[npt.NDArray[np.uint8] | Sequence[int]],
    labels: npt.NDArray[np.int64],
) -> Batch:
    """Ids as a batch."""
    given = np.full((len(answers), 1 + max(map(len, answers), default=0)), PAD, np.int64)
    wanted = given.copy()
    given[:, 0] = START
    for row, answer in enumerate(answers):
        given[row, 1 : 1 + len(answer)] = answer
        wanted[row, : len(answer)] = answer
        wanted[row, len(answer)] = END
    answered = placed_answers(torch.from_numpy(given))
    return Batch(problems_of(problems), answered, torch.from_numpy(wanted), torch.from_numpy(labels))


def problems_of(problems: Sequence[npt.NDArray[np.uint8] | Sequence[int]]) -> Placed:
    """Ids of problems, padded: (batch, places)."""
    found = np.full((len(problems), max(map(len, problems))), PAD, np.int64)
    for row, problem in enumerate(problems):
        found[row, : len(problem)] = problem
    return placed_problems(torch.from_numpy(found))
