"""Rules of steps: what atan(tan(x)) is beside x, on every interval."""

import pytest
from towers import reading

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.mathematics.engines.risch.reading import Setting, read
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.primes import LARGE
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("atan(tan(x))", 1),
        ("atan(sin(x)/cos(x)) + atan(tan(x))", 1),
        ("log(exp(I*x))", 1),
        ("log(exp(x))", 0),
        ("atanh(tanh(x))", 0),
        ("atan(x) + tan(x)", 0),
        ("log(x**2) + log(x)", 1),
        ("log(4*x) + log(x)", 0),
        ("tan(atan(x))", 0),
    ],
)
def test_the_number_of_steps(text: str, steps: int) -> None:
    """A step stands where an inverse function differs from its argument somewhere, once for equal ones."""
    tower = reading(text).tower
    assert tower.steps is not None
    assert len(tower.steps.steps) == steps


@pytest.mark.parametrize(
    "text",
    [
        *(
            "atan(tan(x))",
            "x*atan(tan(2*x))",
            "atan(sin(x)/cos(x))",
            "log(exp(I*x))",
            "acot(tan(x))",
            "atan(cot(x))",
        ),
        *(
            "exp(atan(tan(x)))",
            "1/atan(tan(x))",
            "log(atan(tan(x)))",
            "x*atan(tan(x**2))",
            "tan(atan(tan(x)))",
        ),
        *("asin(sin(x))", "acos(cos(x))", "x*asin(cos(x))", "acos(cos(x))**2", "asin(sin(exp(x)))*exp(x)"),
        *("cos(x + atan(tan(x)))", "atan((1 + tan(x))/(1 - tan(x)))", "acosh(cosh(x))", "atan(tan(log(x)))"),
    ],
)
def test_an_answer_holds_on_every_interval(text: str) -> None:
    """The answer to a function with steps is confirmed, not only right around 0."""
    tokens = read_infix(text)
    found = decide(parsed(tokens))
    assert Verdict.CONFIRMED in {check(tokens, tokens_of(answer)).verdict for answer in found.candidates}


def test_the_answer_is_written_with_the_function() -> None:
    """The integral of atan(tan(x)) is x atan(tan(x)) - x^2/2."""
    (answer,) = decide(parsed(read_infix("atan(tan(x))"))).candidates
    assert to_infix(tokens_of(answer)) == "x*atan(tan(x)) - x**2/2"


@pytest.mark.parametrize(
    ("text", "zero"),
    [("atan(tan(x)) - x", 0.28125), ("atan(tan(x)) - x + pi", 1.9375), ("atan(tan(x)) - x + pi", 2.84375)],
)
def test_at_a_place_a_step_has_its_value(text: str, zero: float) -> None:
    """atan(tan(x)) is x - k pi exactly, with the k of the place."""
    assert not read(parsed(read_infix(text)), Setting(LARGE[0], place=zero)).element


@pytest.mark.parametrize(
    "text",
    [
        "exp(2*I*(atan(tan(x)) - x)) - 1",
        "tan(atan(tan(x))) - tan(x)",
        "cos(2*atan(tan(x))) - cos(2*x)",
        "exp(atan(tan(x)) - x)*exp(x - atan(tan(x))) - 1",
        "atan(tan(x)) - atan(sin(x)/cos(x))",
    ],
)
def test_what_is_zero_on_every_interval_is_zero(text: str) -> None:
    """A multiple of 2 pi i has the exponential 1, whatever the multiple."""
    assert not reading(text).element


@pytest.mark.parametrize("text", ["atan(tan(x))/log(x)", "exp(x**2) + atan(tan(x))", "exp(x*atan(tan(x)))"])
def test_what_has_no_integral_on_any_interval_is_ruled_out(text: str) -> None:
    """A proof holds with the value of the step at each place."""
    assert decide(parsed(read_infix(text))).is_proof


@pytest.mark.parametrize(
    "text",
    [
        "(atan(tan(x)) - x)*exp(x**2)",
        "(atan(tan(x)) - x + pi)*exp(x**2)",
        "atan(tan(x))*exp(x**2)",
        "exp((atan(tan(x)) - x)/pi*log(x) + x)",
    ],
)
def test_what_has_one_on_some_interval_is_not_ruled_out(text: str) -> None:
    """Around 0, or in the period beside, these are derivatives of elementary functions."""
    with pytest.raises(Undecided):
        decide(parsed(read_infix(text)))
