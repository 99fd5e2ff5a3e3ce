"""Rules of `remembered`: each item is worked out once, however often one walks through."""

from collections.abc import Iterator
from itertools import islice

from asyncgen.mathematics.fields.remembered import Remembered


def test_items_are_worked_out_once_and_only_as_far_as_looked_at() -> None:
    """Two walks at a time see the same items, and nothing beyond the farthest of them is worked out."""
    worked_out = []

    def source() -> Iterator[int]:
        for number in range(10):
            worked_out.append(number)
            yield number * number

    squares = Remembered(source())
    assert list(islice(squares, 3)) == [0, 1, 4]
    first, second = iter(squares), iter(squares)
    assert [next(first), next(second), next(first)] == [0, 0, 1]
    assert worked_out == [0, 1, 2]
    assert list(squares) == list(squares) == [n * n for n in range(10)]
    assert worked_out == list(range(10))
