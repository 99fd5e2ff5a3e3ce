"""Rules of what the kinds that draw no function have in common: random choices, and how sums are written."""

from collections import Counter
from itertools import repeat

import pytest
from constructed import SeededDraw

from asyncgen.mathematics.forms.additive_constants import without_hidden_constant
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.random_elements import argument, chosen, drawn, integer, polynomial
from asyncgen.mathematics.kinds.shortest import shortest_sum
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix


def test_choices_follow_their_weights() -> None:
    """Over one period of words each value comes as often as its weight says."""
    weighted = (("a", 3), ("b", 1), ("c", 2))
    assert Counter(chosen(iter((word,)), weighted) for word in range(6)) == dict(weighted)


def test_integers_have_either_sign_and_are_not_zero() -> None:
    """All of -3..3 but 0 occur."""
    words = SeededDraw(0).words("integers")
    assert {integer(words, 3) for _ in range(200)} == {-3, -2, -1, 1, 2, 3}


def test_a_polynomial_is_never_zero() -> None:
    """Where its terms cancel, one of them is left."""
    words = SeededDraw(0).words("polynomials")
    x = leaf(Field(8), "x")
    assert all(polynomial(words, (x,), 2, 1) for _ in range(300))


def test_draws_that_never_fit_end_in_a_reason() -> None:
    """An attempt is given up rather than repeated for ever."""
    with pytest.raises(Dropped, match="constant"):
        drawn(repeat(0).__next__, bool, "constant")


def test_roots_are_of_no_square_and_logarithms_of_nothing_negative() -> None:
    """No sqrt(4*x**2), and neither log(-x**2) nor sqrt(-x**2 - 1); other signs occur."""
    words = SeededDraw(0).words("arguments")
    x = leaf(Field(8), "x")
    write = Writer(x.field)
    drawn_texts = {
        name: {to_infix(write(argument(words, (x,), name))) for _ in range(400)}
        for name in ("ln", "sqrt", "exp")
    }
    assert {"4*x**2", "-4*x**2"} <= drawn_texts["exp"]
    assert "4*x**2" in drawn_texts["ln"]
    assert drawn_texts["ln"].isdisjoint({"-4*x**2", "-x**2 - 1", "-2*x**2 - 1"})
    assert drawn_texts["sqrt"].isdisjoint({"x**2", "4*x**2", "-4*x**2", "-x**2 - 1", "1/x**2"})
    assert "-x" in drawn_texts["sqrt"]


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("x + 3", "x"),
        ("(x + 3)/(2*x + 1)", "5/(2*(2*x + 1))"),
        ("(x**2 + 1)/x**2", "1/x**2"),
        ("(2*exp(x) + x - 2)/(exp(x) - 1)", "x/(exp(x) - 1)"),
        ("x/(x**2 + 1)", "x/(x**2 + 1)"),
        ("x**2", "x**2"),
    ],
)
def test_a_constant_that_makes_a_fraction_longer_is_taken_away(text: str, shorter: str) -> None:
    """An antiderivative is written without it."""
    field = Field(8)
    f = read(field, read_infix(text))
    g = without_hidden_constant(f)
    assert to_infix(Writer(field)(g)) == shorter
    assert (f - g).is_number


def test_a_sum_is_written_in_its_shortest_form() -> None:
    """Fractions apart where one with a common denominator is longer, equal logarithms put together."""
    field = Field(8)
    fractions = [read(field, read_infix(text)) for text in ("1/(x + 1)", "1/(x**2 + 3)")]
    logarithms = [read(field, read_infix(text)) for text in ("log(x + 1)", "-2*log(x + 1)")]
    written = shortest_sum(Writer(field), fractions, logarithms)
    assert to_infix(written) == "1/(x + 1) + 1/(x**2 + 3) - log(x + 1)"
