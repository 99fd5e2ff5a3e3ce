"""How far a stream was read, by one reader or by several that share its indices.

Reader k of n has the indices k, k + n, k + 2n, ..., in their order. What was read by n readers can be gone on
with by any other number: the positions of before stay as a layer beneath those of now.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple


class Shard(NamedTuple):
    """Which reader this is: number `number` of `of`."""

    number: int = 0
    of: int = 1


class Layer(NamedTuple):
    """Of each of several readers, the first of its indices that it has not read."""

    next: tuple[int, ...]

    def has(self, index: int) -> bool:
        """Whether an index was read."""
        return index < self.next[index % len(self.next)]

    @property
    def whole(self) -> int:
        """Every index below was read."""
        return min(self.next)


class Positions:
    """What was read of a stream, and what is left for one reader of it."""

    def __init__(self, start: int = 0, layers: Sequence[Layer] = ()) -> None:
        self._start = start
        self._layers = list(layers)
        self._shard = Shard()
        self._next = start  # the first index that this reader has not read

    @property
    def next(self) -> int:
        """The first index that this reader has not read, unless others have."""
        return self._next

    def share(self, shard: Shard) -> None:
        """Read on as this one of several readers."""
        if shard != self._shard:
            self._layers = self._all_layers()
            self._shard, self._next = shard, self._start

    def indices(self, stop: int | None) -> Iterator[int]:
        """The indices that are left for this reader, in order, without end or below `stop`."""
        number, of = self._shard
        own = (layer.next[number] for layer in self._layers if len(layer.next) == of)
        index = max([self._next, *own, *(layer.whole for layer in self._layers)])
        index += (number - index) % of
        while stop is None or index < stop:
            if not any(layer.has(index) for layer in self._layers):
                yield index
            index += of

    def read(self, index: int) -> None:
        """Note that this reader has read its indices up to this one."""
        self._next = index + 1

    def written(self) -> dict[str, Any]:
        """As JSON values."""
        return {"start": self._start, "next": [list(layer.next) for layer in self._all_layers()]}

    def _all_layers(self) -> list[Layer]:
        """Those of before, and what this reader knows to be read: of others it knows nothing."""
        number, of = self._shard
        own = (self._next if other == number else self._start for other in range(of))
        return _united([*self._layers, Layer(tuple(own))])


def read(written: dict[str, Any]) -> Positions:
    """The positions that were written so. Raises ValueError."""
    try:
        start = int(written["start"])
        layers = [Layer(tuple(map(int, layer))) for layer in written["next"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"these are no positions of a stream: {error!r}") from None
    if not all(layer.next and min(layer.next) >= start >= 0 for layer in layers):
        raise ValueError("these are no positions of a stream: they begin before its start")
    return Positions(start, _united(layers))


def merged(written: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What several readers have read together. Raises ValueError unless they began at the same index."""
    starts = {one["start"] for one in written}
    if len(starts) != 1:
        raise ValueError("these are not the states of readers that share one stream")
    layers = _united(Layer(tuple(layer)) for one in written for layer in one["next"])
    return {"start": starts.pop(), "next": [list(layer.next) for layer in layers]}


def _united(layers: Iterable[Layer]) -> list[Layer]:
    """The same with one layer for each number of readers."""
    found: dict[int, Layer] = {}
    for layer in layers:
        of = len(layer.next)
        found[of] = Layer(tuple(map(max, found.get(of, layer).next, layer.next)))
    return list(found.values())
