"""Rules of `slopes`: the derivative alone is that of the whole function, and asks for fewer values."""

import pytest

from asyncgen.mathematics.balls import SLOPES
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix

POINTS = (0.3, -0.7, 1.7, 0.4 + 0.3j, -2 - 1.5j)
SLOW = set(SLOPES)

TERMS = (
    "polylog(2, x/3)",
    "polylog(3, -exp(x)) + polylog(2, -exp(x))*2",
    "expint(1/2, 1 + x**2)",
    "elliptic_f(x/2, 1/3)",
    "elliptic_e(x/2, 1/3)",
    "elliptic_pi(1/5, x/2, 1/3)",
    "hyp1f2(1/6, 1/2, 7/6, -x**6/4)",
    "hyp2f1(1/7, 2/7, 3/7, x/9)",
)
AROUND = (
    "{}",
    "x**2 - {}",
    "sqrt(2)*{}/7 + 1",
    "log(3)*(x - {}*pi)",
    "sin(3)/3*x*{} + {}",
    "exp({}) - {}/pi",
    "RootSum(z**3 - z - 1, Lambda(z, z*(x - {})))",
)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("term", TERMS)
def test_derivative_is_that_of_the_whole_function(term: str, around: str) -> None:
    """Whatever stands around a special function, the balls of both derivatives overlap and are as small."""
    tokens = read_infix(around.replace("{}", f"({term})"))
    whole, alone = compile_tokens(tokens), compile_tokens(tokens, slope_only=True)
    usable = [point for point in POINTS if whole.at(point).finite()]
    assert len(usable) >= 2
    for point in usable:
        expected, found = whole.at(point).derivative, alone.at(point).derivative
        assert found.overlaps(expected), point
        assert found.rad() <= 2 * expected.rad() + 1e-15, point


@pytest.mark.parametrize("around", AROUND[:4])
@pytest.mark.parametrize("term", TERMS)
def test_no_value_with_a_constant_factor_is_asked_for(term: str, around: str) -> None:
    """In a sum with constant factors no special function's own value is computed."""
    tokens = read_infix(around.replace("{}", f"({term})"))
    whole, alone = compile_tokens(tokens), compile_tokens(tokens, slope_only=True)
    assert SLOW.intersection(operation for operation, _ in whole.steps)
    assert not SLOW.intersection(operation for operation, _ in alone.steps)


@pytest.mark.parametrize(
    "text", ["x*polylog(2, x)", "sin(polylog(2, x))", "polylog(2, x)**2", "2/polylog(2, x)"]
)
def test_values_that_the_derivative_holds_are_asked_for(text: str) -> None:
    """With a factor that moves, or inside another function, the value stands in the derivative."""
    program = compile_tokens(read_infix(text.replace("{}", "polylog(2, x)")), slope_only=True)
    assert SLOW.intersection(operation for operation, _ in program.steps)


def test_constants_are_left_as_they_are() -> None:
    """The function of a number keeps its value, which may be a factor."""
    tokens = read_infix("polylog(2, 1/3)*x + hyp1f1(1/2, 1/3, 2)")
    assert (
        compile_tokens(tokens, slope_only=True)
        .at(0.5)
        .derivative.overlaps(compile_tokens(tokens).at(0.5).derivative)
    )


def test_nothing_that_is_not_needed_is_computed() -> None:
    """A chain of polylogarithms needs each order below the highest, but not the highest."""
    tokens = read_infix("polylog(4, x) + polylog(3, x)")
    whole, alone = compile_tokens(tokens), compile_tokens(tokens, slope_only=True)
    assert len(alone.steps) < len(whole.steps)
