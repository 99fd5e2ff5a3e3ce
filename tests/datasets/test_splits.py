"""Shares are exact, and the part of a problem depends on the mark of its values alone."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from asyncgen.datasets.splits import Split, read_split
from asyncgen.problems.errors import UsageError


def test_every_problem_has_a_part():
    """At both ends, too; a part without a share gets nothing."""
    split = read_split("0.5,0,0.5")
    assert split.parts == ("train", "test")
    assert split.part(bytes(8)) == split.part((2**63 - 1).to_bytes(8, "big")) == "train"
    assert split.part((2**63).to_bytes(8, "big")) == split.part(b"\xff" * 8) == "test"


def test_the_shares_are_those_that_were_asked_for():
    """Among marks that are drawn."""
    chance = Random(1)
    counts = Counter(read_split("0.8,0.1,0.1").part(chance.randbytes(8)) for _ in range(20_000))
    assert abs(counts["train"] / 20_000 - 0.8) < 0.02
    assert abs(counts["validation"] / 20_000 - 0.1) < 0.02


def test_shares_are_read_exactly():
    """0.1 is a tenth; a part is held out where nobody says anything."""
    assert read_split(" 0.8, 1/10,0.1 ").shares == (Fraction(4, 5), Fraction(1, 10), Fraction(1, 10))
    assert Split() == read_split("0.9,0.05,0.05")


@pytest.mark.parametrize(
    "text", ["", "0.8", "0.8,0.2", "0.8,0.1,0.05", "1.1,-0.1,0", "a,b,c", "1/0,0,0", "nan,0,1"]
)
def test_other_shares_are_refused(text: str):
    """In one line, with an example."""
    with pytest.raises(UsageError, match=r"^--split .*which sum to 1: 0.8,0.1,0.1$"):
        read_split(text)
