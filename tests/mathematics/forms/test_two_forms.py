"""Rules of the structural and the expanded form of functions."""

from families import draws

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.forms.writing import Writer


def test_where_no_sum_stood_inside_a_term_the_forms_are_equal() -> None:
    """Who looks for the shorter form may then build one alone; where sums are kept, the field says so."""
    equal = 0
    for drawn in draws(1, 12, 200):
        expanded, structural = Field(48), Field(48, structural=True)
        try:
            written = [
                Writer(field)(Derivation(field)(read(field, drawn.tokens)))
                for field in (expanded, structural)
            ]
        except (Undecided, Degenerate):
            continue
        assert expanded.forms_differ is structural.forms_differ
        assert structural.forms_differ is bool(structural.kept)
        if not expanded.forms_differ:
            assert written[0] == written[1]
            equal += 1
    assert equal >= 50


def test_a_polynomial_times_another_to_the_power_zero() -> None:
    """The exponent 0 leaves it as it is."""
    field = Field(8)
    x, y = field.generators[:2]
    assert field.multiplied(x, x + y, 0) == x
    assert field.multiplied(x, x + y, 2) == x * (x + y) ** 2
