"""What a training reads of a stream: examples that are made meanwhile, pool after pool, without end.

    worker processes ──rows──▶ queue, bounded ──▶ a pool ──by length──▶ batches
    (beginning of the stream, made before)    ──▶

Guarantees: which batches there are follows from the stream and the seed. The state is that of the stream
    before the pool, and how many of the pool's batches were given. Memory holds one pool, and the queue.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from asyncgen.datasets.columns import Row
from asyncgen.datasets.streaming.stream import RowStream
from asyncgen.learn.data.batches import Batch, Numbers, batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.endless import parted
from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.flat import Flat, flat
from asyncgen.learn.data.passes import validation_of
from asyncgen.learn.data.prepare import Wanted
from asyncgen.learn.settings import TrainingSettings

_BATCHES = 32  # of a pool: more have less padding, and are waited for longer


class _Pool(NamedTuple):
    """Examples whose batches are by length."""

    examples: Flat
    numbers: Numbers


class StreamedData:
    """The examples of a beginning, then those of the stream behind it. See `passes.Data`."""

    def __init__(
        self,
        parts: tuple[Corpus, Corpus],
        rows: RowStream,
        wanted: Wanted,
        settings: TrainingSettings,
        is_stopped: Callable[[], bool],
    ) -> None:
        """`parts`: the beginning of the part train, and the part validation."""
        self._head, self._validation = parts
        self._stream = rows
        self._rows: Generator[Row, None, None] | None = None  # those of the stream, once they are asked for
        self._wanted = wanted
        self._batch = settings.batch
        self._seed = settings.seed
        self._is_stopped = is_stopped
        self._size = _BATCHES * settings.batch  # of a pool
        self._pool: _Pool | None = None
        self._before = rows.state_dict()
        self._number = 0  # of the pool
        self._given = 0  # of its batches

    def batches(self, epoch: int, first: int) -> Iterator[Batch]:
        while (pool := self._pool or self._next_pool()) is not None:
            self._pool = pool
            order = batches_of(*pool, self._batch, (self._seed, self._number))
            for numbers in islice(order, self._given, None):
                self._given += 1
                yield batch_of(pool.examples, numbers)
            self._pool, self._number, self._given = None, self._number + 1, 0

    def validation(self) -> Iterator[Batch]:
        return validation_of(self._validation, self._batch, self._seed)

    def batches_in_epoch(self) -> None:
        return None

    def state(self) -> dict[str, Any]:
        return {"pool": self._number, "given": self._given, "stream": self._before}

    def restore(self, state: dict[str, Any]) -> None:
        self._stream.load_state_dict(state["stream"])
        self._number, self._given = int(state["pool"]), int(state["given"])
        self._before = self._stream.state_dict()
        self._pool = None

    def close(self) -> None:
        if self._rows is not None:
            self._rows.close()

    def _next_pool(self) -> _Pool | None:
        """The pool that comes next; None where the training is to stop."""
        start = self._number * self._size
        if start < len(self._head):
            return _Pool(self._head, np.arange(start, min(start + self._size, len(self._head))))
        self._before = self._stream.state_dict()
        examples: list[Example] = []
        self._rows = self._rows or iter(self._stream)
        for row in self._rows:
            if self._is_stopped():
                return None
            one = parted(row, self._wanted)
            if one is not None and one.part == "train":
                examples.append(one.example)
            if len(examples) == self._size:
                break
        return _Pool(flat(examples, []), np.arange(len(examples))) if examples else None
