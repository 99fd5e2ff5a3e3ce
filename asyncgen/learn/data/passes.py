"""What a training reads: prepared examples, pass after pass."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

import numpy as np

from asyncgen.learn.data.batches import Batch, Numbers, batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus

MOST_VALIDATED = 4096  # rows


class Data(Protocol):
    """What a training reads."""

    def batches(self, epoch: int, first: int) -> Iterator[Batch]:
        """The batches of an epoch, counted from 0, from number `first`; the same each time.

        Where there is no end, those that come next; they end where the training is to stop.
        """
        ...

    def validation(self) -> Iterator[Batch]:
        """Batches that are not learned from."""
        ...

    def batches_in_epoch(self) -> int | None:
        """How many there are; None where there is no end."""
        ...

    def state(self) -> dict[str, Any]:
        """What `restore` needs besides the numbers of the epoch and the batch."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there. Raises KeyError, TypeError, ValueError for the state of other data."""
        ...

    def close(self) -> None:
        """End whatever runs in the background."""
        ...


class CorpusData:
    """Examples of two corpora, to be learned from and to be validated by. See `Data`."""

    def __init__(self, train: Corpus, validation: Corpus, batch: int, seed: int) -> None:
        self._train = train
        self._validation = validation
        self._numbers: Numbers = np.arange(len(train))
        self._batch = batch
        self._seed = seed

    def batches(self, epoch: int, first: int) -> Iterator[Batch]:
        order = batches_of(self._train, self._numbers, self._batch, (self._seed, epoch))
        for numbers in islice(order, first, None):
            yield batch_of(self._train, numbers)

    def validation(self) -> Iterator[Batch]:
        return validation_of(self._validation, self._batch, self._seed)

    def batches_in_epoch(self) -> int:
        return -(-len(self._numbers) // self._batch)

    def state(self) -> dict[str, Any]:
        return {"rows": len(self._numbers)}

    def restore(self, state: dict[str, Any]) -> None:
        if state != self.state():
            raise ValueError(f"there were {state.get('rows')} rows, and are {len(self._numbers)}")

    def close(self) -> None: ...


def validation_of(corpus: Corpus, batch: int, seed: int) -> Iterator[Batch]:
    """Batches of a corpus to validate by: MOST_VALIDATED of its examples, the same each time."""
    numbers = np.random.default_rng(seed).permutation(len(corpus))[:MOST_VALIDATED]
    for some in batches_of(corpus, numbers, batch):
        yield batch_of(corpus, some)
