"""Which equations ask for an integral, and of what function."""

import pytest

from asyncgen.problems.integral_equations import asked, integrand_of


@pytest.mark.parametrize(
    ("equation", "integrand"),
    [
        ("sub Y' cos x", "cos x"),
        ("add Y' mul INT- 1 cos x", "cos x"),
        ("sub cos x Y'", "cos x"),
        ("add Y' mul INT- 1 0 x", "mul INT- 1 0 x"),
        ("mul INT- 1 sub Y' cos x", "cos x"),
        ("sub mul INT+ 3 Y' cos x", "cos x"),
        ("div sub Y' erf x INT+ 2", "div erf x INT+ 2"),
        ("sub mul x Y' cos x", "div cos x x"),
        ("sub add mul x cos x sub sin x Y' INT+ 1", "sub add mul x cos x sin x INT+ 1"),
        ("add add exp x Y' mul x sub Y' ln x", "div sub exp x mul x ln x add INT+ 1 x"),
        ("mul pi Y'", "INT+ 0"),
        ("add Y' INT- 1 2", "INT- 1 2"),
    ],
)
def test_an_equation_for_an_integral(equation: str, integrand: str):
    """However its terms are arranged, up to a constant factor."""
    found = integrand_of(equation.split())
    assert found is not None
    assert " ".join(found) == integrand


@pytest.mark.parametrize(
    "problem",
    ["cos x", "sub Y' Y", "sub Y'' cos x", "add Y'' Y'", "sub pow2 Y' x", "mul Y' sub Y' x", "exp Y'"],
)
def test_other_problems_are_as_they_are(problem: str):
    """Functions, equations in which Y stands, equations of the second order, and such as are not linear."""
    assert integrand_of(problem.split()) is None
    assert asked(problem.split()) == tuple(problem.split())
