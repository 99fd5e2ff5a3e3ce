"""What several readers have read of one stream, in turn with other numbers of readers."""

import json
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.datasets.streaming import positions
from asyncgen.datasets.streaming.positions import Positions, Shard

GROUPS = st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=5), min_size=1, max_size=5)


def read(state: Positions, shard: Shard, rows: int) -> list[int]:
    """The indices that a reader reads next."""
    state.share(shard)
    indices = list(islice(state.indices(None), rows))
    for index in indices:
        state.read(index)
    return indices


@given(GROUPS, st.integers(0, 3))
def test_every_index_is_read_once(groups: list[list[int]], start: int):
    """Each group of readers goes on with what all before it have read, however far each of them came."""
    written, seen = Positions(start).written(), list[int]()
    for rows in groups:
        states = []
        for number, more in enumerate(rows):
            state = positions.read(json.loads(json.dumps(written)))
            seen += read(state, Shard(number, len(rows)), more)
            states.append(state.written())
        written = positions.merged(states)
    rest = read(positions.read(written), Shard(), 20)
    assert len(set(seen)) == len(seen)
    assert rest == list(islice((index for index in count(start) if index not in set(seen)), 20))


@given(st.integers(1, 5), st.integers(0, 20), st.integers(0, 20))
def test_a_reader_alone_goes_on(of: int, first: int, second: int):
    """One of several readers needs no other's state to go on as the same one."""
    state = Positions()
    before = read(state, Shard(of - 1, of), first)
    after = read(positions.read(state.written()), Shard(of - 1, of), second)
    assert before + after == list(range(of - 1, of * (first + second), of))


def test_the_indices_end():
    """Below the stop, and not at it."""
    state = Positions(3)
    state.share(Shard(1, 2))
    assert list(state.indices(9)) == [3, 5, 7]
    assert list(Positions(3).indices(3)) == []


def test_a_long_way_is_not_walked():
    """A reader that has read a billion rows goes on at once, alone or with others that have."""
    state = Positions()
    state.share(Shard(0, 3))
    state.read(3_000_000_000)
    alone = positions.read(state.written())
    alone.share(Shard(0, 3))
    assert next(alone.indices(None)) == 3_000_000_003
    together = positions.read({"start": 0, "next": [[3_000_000_003, 3_000_000_001, 3_000_000_002]]})
    together.share(Shard(1, 2))
    assert next(together.indices(None)) == 3_000_000_001


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"start": 0, "next": [[]]},
        {"start": 5, "next": [[4]]},
        {"start": "x", "next": []},
        {"start": 0, "next": [3]},
        {"start": -1, "next": [[-1]]},
    ],
)
def test_nonsense_is_refused(written: dict[str, object]):
    """In words, whatever it is."""
    with pytest.raises(ValueError, match="no positions"):
        positions.read(written)


def test_readers_of_different_streams_are_not_merged():
    """What began at different indices is not one stream."""
    with pytest.raises(ValueError, match="share one stream"):
        positions.merged([Positions(0).written(), Positions(1).written()])
