"""The law of the number of operators at each index."""

import json

import pytest

from asyncgen.datasets.streaming.curriculum import Curriculum, law_of
from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import OperatorCount

ONE, TWO = (OperatorCount(1, 3),), (OperatorCount(2, 9, 0.5), OperatorCount(1, 1))


def test_without_a_function_there_is_no_law():
    """That of the specification holds."""
    assert Curriculum().law(7) is None


def test_a_change_holds_from_its_index_on():
    """Whatever the function says there, until the next change."""
    found = Curriculum(lambda index: (1, 2 + index))
    found.change(10, (1, 3))
    found.change(20, TWO)
    laws = [found.law(index) for index in (9, 10, 19, 20, 1000)]
    assert laws == [(OperatorCount(1, 11),), ONE, ONE, TWO, TWO]


def test_an_earlier_change_undoes_later_ones():
    """What is said last holds from there to the end."""
    found = Curriculum()
    found.change(20, TWO)
    found.change(10, ONE)
    assert found.law(30) == ONE


def test_changes_are_written_and_read():
    """As JSON, with their weights."""
    found, again = Curriculum(), Curriculum()
    found.change(10, (1, 3))
    found.change(20, TWO)
    again.changes = json.loads(json.dumps(found.changes))
    assert [again.law(index) for index in (5, 15, 25)] == [None, ONE, TWO]


@pytest.mark.parametrize(
    "operators", [(3, 1), (1, 1000), (1,), (), (1, 2, 3), ("1", "2"), (OperatorCount(1, 3), 4)]
)
def test_what_is_no_law_is_refused(operators: tuple[object, ...]):
    """With a line that says what one is."""
    with pytest.raises(UsageError, match="operators"):
        law_of(operators)  # type: ignore[arg-type]
