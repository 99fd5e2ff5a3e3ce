"""Rules of the constants that stand in place of leaves."""

import pytest
from families import Drawn, draws, family

from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.equations.constants import absorbed, drawn_family, leaves_of, with_constants
from asyncgen.problems.tokens import ARBITRARY
from asyncgen.problems.tree import flatten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("add x sin mul INT+ 3 a8", "add x a8"),  # what is made of it and of numbers only
        ("add add a8 x INT+ 3", "add a8 x"),  # a number beside it in a sum
        ("sub sub x a8 INT+ 3", "sub x a8"),
        ("mul INT+ 2 div a8 x", "div a8 x"),  # and in a product
        ("div mul sin x a8 pi", "mul sin x a8"),
        ("exp add mul a8 x INT+ 3", "exp add mul a8 x INT+ 3"),  # not where a product stands between
        ("sub INT+ 3 add a8 x", "sub INT+ 3 add a8 x"),  # not where it would change its sign
        ("add a8 a9", "add a8 a9"),  # not another constant
        ("add x INT+ 3", "add x INT+ 3"),  # nor where there is none
    ],
)
def test_a_constant_takes_up_the_numbers_beside_it(before: str, after: str) -> None:
    """Numbers go where another value of the constant does as well."""
    assert " ".join(flatten(absorbed(family(before), "a8"))) == after


def test_each_constant_takes_one_leaf() -> None:
    """The operators stay as drawn; each constant stands in the tree once, and x somewhere."""
    for drawn in draws(5, 15, 50):
        before = family(" ".join(drawn.tokens))
        if len(leaves_of(before)) < 3:
            continue
        after = with_constants(before, ARBITRARY, drawn.words("constants"))
        leaves = leaves_of(after)
        assert [leaves.count(name) for name in ARBITRARY] == [1, 1]
        assert "x" in leaves
        assert len(leaves) == len(leaves_of(before))
        assert len(flatten(after)) <= len(drawn.tokens)


def test_every_leaf_can_become_the_constant() -> None:
    """Which leaf it is follows from the words of the draw."""
    tree = family("add x mul x exp x")
    found = {str(with_constants(tree, ("a8",), Drawn((), number).words("constants"))) for number in range(40)}
    assert len(found) == 3


@pytest.mark.parametrize("text", ["x", "sin x", "exp mul INT+ 2 INT+ 3"])
def test_what_would_have_no_x_is_dropped(text: str) -> None:
    """A function of a constant alone, or without room for one, makes no equation."""
    with pytest.raises(Dropped, match=r"^constant$"):
        drawn_family(Drawn(text.split()), ("a8", "a9"))
