"""Rows as they travel."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.cluster.rows import Origin, batches, pack, pieces, unpack
from asyncgen.problems.records import Outcome, Status

ORIGIN = Origin("abc", {"workers": 2}, {"sympy": "1.14"}, {"node": "n1"})

outcomes = st.builds(
    Outcome,
    index=st.integers(0, 2**63 - 2),
    kind=st.just("forward"),
    status=st.sampled_from(Status),
    problem_prefix=st.text(),
    integrand=st.text(),
    operators=st.integers(0, 100),
    answer_prefix=st.none() | st.text(),
    integral=st.none() | st.text(),
    reason=st.none() | st.text(),
    cpu_seconds=st.floats(0, 1e9),
    wall_seconds=st.floats(0, 1e9),
)


def row(index: int, length: int = 10) -> Outcome:
    return Outcome(index, "forward", Status.UNSOLVED, "x", "x" * (length - 1), 0)


@given(st.lists(outcomes))
def test_what_arrives_is_what_was_sent(rows: list[Outcome]):
    """Every field of every row, and who made it; whatever text is in it, half of a pair too."""
    assert unpack(pack(ORIGIN, rows)) == (ORIGIN, rows)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no rows",
        zlib.compress(b"[1]"),
        zlib.compress(b"{}"),
        zlib.compress(json.dumps([{"session": 1}, []]).encode()),
        pack(ORIGIN, [row(1)])[:-5],
    ],
)
def test_what_is_no_row_is_refused(data: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own among them
        unpack(data)


def test_what_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Before it takes all memory."""
    monkeypatch.setattr("asyncgen.cluster.rows._MOST", 1000)
    with pytest.raises(ValueError, match="not whole"):
        unpack(zlib.compress(bytes(100_000)))


def test_rows_travel_together_that_are_not_too_long():
    """One that is too long itself travels alone; none is lost, and their order stays."""
    rows = [row(0), row(1), row(2, 500), row(3), row(4), row(5), row(6, 60), row(7, 60)]
    together = [[one.index for one in batch] for batch in batches(rows, 100)]
    assert [index for batch in together for index in batch] == list(range(8))
    assert [2] in together
    assert together[:2] == [[0, 1], [2]]
    assert list(batches([])) == []


@given(st.binary(max_size=100), st.integers(1, 40))
def test_pieces_are_the_whole(data: bytes, size: int):
    """None is longer than allowed, and there is always one."""
    cut = pieces(data, size)
    assert b"".join(cut) == data
    assert cut
    assert max(map(len, cut)) <= size
