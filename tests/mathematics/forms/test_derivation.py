"""Rules of derivatives in normal forms."""

import pytest
from drawn import agreeing, drawn, element

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix


class Slope:
    """The derivative of a compiled function, as a program has its value."""

    def __init__(self, tokens: list[str]) -> None:
        self.program = compile_tokens(tokens)

    def value_at(self, place: float, bits: int) -> object:
        return self.program.at(place, bits).derivative


def derivative(text: str) -> str:
    f = element(read_infix(text))
    return to_infix(Writer(f.field)(Derivation(f.field)(f)))


@pytest.mark.parametrize("structural", [False, True])
@pytest.mark.parametrize("preset", ["lample-charton", "intclass"])
def test_derivative_is_that_of_the_balls(preset: str, structural: bool) -> None:
    """The derivative of the written form, by power series over balls, is the derivative in the field."""
    compared = 0
    for tokens in drawn(300, preset=preset, seed=3):
        try:
            f = element(tokens, structural=structural)
            write = Writer(f.field)
            slope, own = write(Derivation(f.field)(f)), write(f)
        except (Degenerate, Undecided):
            continue
        compared += agreeing(Slope(own), compile_tokens(slope)) > 0
    assert compared > 150


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**x", "x**x*(log(x) + 1)"),
        ("2**x", "log(2)*2**x"),
        ("abs(x)", "sign(x)"),
        ("sign(x)", "0"),
        ("acosh(x)", "1/(sqrt(x - 1)*sqrt(x + 1))"),
        ("x**(1/3)", "1/(3*x**(2/3))"),
        ("tan(x)", "tan(x)**2 + 1"),
        ("exp(x)*(x - 1)", "x*exp(x)"),
    ],
)
def test_known_derivatives(text: str, expected: str) -> None:
    """Derivatives as tables have them."""
    assert derivative(text) == expected


def test_unknown_function() -> None:
    """The derivative of Y is Y', and that of Y' is Y''."""
    f = element(("mul", "x", "Y"))
    derive = Derivation(f.field)
    assert to_infix(Writer(f.field)(derive(f))) == "x*Y' + Y"
    assert to_infix(Writer(f.field)(derive(derive(f)))) == "x*Y'' + 2*Y'"
