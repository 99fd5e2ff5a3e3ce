"""What a training reads: prepared examples, pass after pass."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from asyncgen.learn.data.batches import Batch, Numbers, batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus

MOST_VALIDATED = 4096  # rows


class CorpusData:
    """Examples of two corpora, to be learned from and to be validated by. See `training.Data`."""

    def __init__(self, train: Corpus, validation: Corpus, batch: int, seed: int) -> None:
        self._train = train
        self._validation = validation
        self._numbers: Numbers = np.arange(len(train))
        self._validated = np.random.default_rng(seed).permutation(len(validation))[:MOST_VALIDATED]
        self._batch = batch
        self._seed = seed

    def batches(self, epoch: int, first: int) -> Iterator[Batch]:
        order = batches_of(self._train, self._numbers, self._batch, (self._seed, epoch))
        for numbers in islice(order, first, None):
            yield batch_of(self._train, numbers)

    def validation(self) -> Iterator[Batch]:
        for numbers in batches_of(self._validation, self._validated, self._batch):
            yield batch_of(self._validation, numbers)

    def batches_in_epoch(self) -> int:
        return -(-len(self._numbers) // self._batch)

    def state(self) -> dict[str, Any]:
        return {"rows": len(self._numbers)}

    def restore(self, state: dict[str, Any]) -> None:
        if state != self.state():
            raise ValueError(f"there were {state.get('rows')} rows, and are {len(self._numbers)}")
