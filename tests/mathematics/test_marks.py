"""Rules of marks: the same problems have the same, others have others."""

import pytest
from drawn import drawn

from asyncgen.mathematics.fingerprints import fingerprint
from asyncgen.mathematics.marks import marks_of
from asyncgen.problems.infix import read_infix


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x*exp(x)", "3*exp(x)*x"),
        ("(x + 1)**2*sin(x)", "(x**2 + 2*x + 1)*sin(x)/7"),
        ("abs(x)*x", "-2*x*abs(-x)"),
        ("erf(x)*2", "erf(x)*2"),
    ],
)
def test_the_same_problem(first: str, second: str):
    """Up to a constant factor, and whatever the order of terms."""
    assert marks_of(read_infix(first)) == marks_of(read_infix(second))


def test_the_same_equation():
    """Equations are compared as functions of Y and its derivatives."""
    first = marks_of(["sub", "Y'", "mul", "INT+", "2", "Y"])
    assert first == marks_of(["mul", "INT+", "3", "sub", "mul", "Y", "INT+", "2", "Y'"])
    assert first != marks_of(["sub", "Y'", "mul", "INT+", "3", "Y"])
    assert fingerprint(["sub", "Y''", "Y"]) not in (None, fingerprint(["sub", "Y'", "Y"]))


@pytest.mark.parametrize(
    ("equation", "integrand"),
    [
        ("add Y' mul INT- 1 cos x", "cos(x)"),
        ("sub mul INT+ 7 Y' mul pi mul x exp x", "x*exp(x)"),
        ("sub add mul x Y' cos x Y'", "cos(x)/(x - 1)"),
        ("sub Y' erf x", "erf(x)"),
        ("add Y' INT+ 5", "1"),
    ],
)
def test_an_equation_that_asks_for_an_integral_has_the_marks_of_the_function(equation: str, integrand: str):
    """Y' = f(x) is the same question as the integral of f, up to a constant factor."""
    assert marks_of(equation.split()) == marks_of(read_infix(integrand))


def test_a_form_that_is_not_seen_to_be_the_same_has_the_same_values():
    """What the text misses is not parted by its values."""
    first, second = marks_of(read_infix("sin(2*x)")), marks_of(read_infix("sin(x)*cos(x)"))
    assert first.form != second.form
    assert first.values == second.values


def test_different_functions_have_different_marks():
    """Of functions that are drawn, those with different values have different forms."""
    found = [marks_of(tokens) for tokens in drawn(500, seed=31)]
    assert len({marks.form for marks in found}) >= len({marks.values for marks in found}) > 300
