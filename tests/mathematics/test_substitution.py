"""Rules of the change of variable: the derivative of what comes back is the function again."""

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.fricas.substitution import LONGEST, Changed, without_inverse, without_root
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix

POINTS = (0.125, 0.21875, 0.375)  # where all of the roots and inverse functions below are real


def value(tokens: tuple[str, ...], point: complex) -> complex:
    return complex(compile_tokens(tokens).at(point, 128).value)


def slope(tokens: tuple[str, ...], point: complex) -> complex:
    return complex(compile_tokens(tokens).at(point, 128).derivative)


def agrees(function: tuple[str, ...], changed: Changed) -> bool:
    """Whether g(t(x)) * t'(x) is f(x): the rule of substitution, in values."""
    return all(
        abs(
            value(changed.integrand, value(changed.variable, x)) * slope(changed.variable, x)
            - value(function, x)
        )
        < 1e-12
        for x in POINTS
    )


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x)",
        "exp(sqrt(2*x+3))*x",
        "sqrt(sqrt(x+x))*sin(x)",
        "sqrt(1-x)/x",
        "sqrt(x)*sqrt(x*5)+sqrt(x*x*x)",
        "cos(sqrt(x/3+1/2))**2*log(x)",
        "sqrt(2**3-x)+asin(x)",
        "sqrt(x)*x**(-3/2)",
    ],
)
def test_a_root_is_removed(text: str) -> None:
    """The integral in sqrt(a*x + b) has the same integrand, times the derivative."""
    function = read_infix(text)
    changed = without_root(function)
    assert changed is not None
    assert agrees(function, changed)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "sqrt(x**2+1)",
        "sqrt(sin(x))",
        "sqrt(5)*x",
        "sqrt(x*x)",
        "sqrt(x)*x**(1/4)",
        "sqrt(x)+sin(x**(2/3))",
    ],
)
def test_functions_without_such_a_root_stay(text: str) -> None:
    """Roots of anything but a*x + b, and of numbers, are none to be removed, nor those with higher ones."""
    assert without_root(read_infix(text)) is None


@pytest.mark.parametrize("name", ["log", "asin", "acos", "atan", "asinh", "atanh"])
def test_an_inverse_function_becomes_the_variable(name: str) -> None:
    """The integral in u(a*x + b) has the same integrand, times the derivative."""
    function = read_infix(f"sqrt({name}(2*x+1/8))*x+cos(x)")
    (changed,) = without_inverse(function)
    assert changed.variable == read_infix(f"{name}(2*x+1/8)")
    assert agrees(function, changed)


def test_acosh_becomes_the_variable() -> None:
    """The same for acosh, which is real from 1 on."""
    function = read_infix("x*acosh(x+1)")
    (changed,) = without_inverse(function)
    assert agrees(function, changed)


def test_each_inverse_function_is_offered_once() -> None:
    """Two functions of lines make two changes; one that appears twice makes one."""
    function = read_infix("log(x)+log(x)**2+atan(3*x)+log(sin(x))")
    assert sorted(changed.variable[0] for changed in without_inverse(function)) == ["atan", "ln"]


def test_an_answer_comes_back() -> None:
    """An antiderivative in the new variable, written in the old one, is one of the function."""
    function = read_infix("sqrt(log(x))/x")
    (changed,) = without_inverse(function)
    answer = changed.undone(read_infix("2/3*x**(3/2)"))
    assert check(function, answer, 1).verdict is Verdict.CONFIRMED


def test_very_long_functions_are_left_alone() -> None:
    """A function of more tokens than LONGEST is not worth the work."""
    long = ("add", "sqrt", "x") * LONGEST + ("x",)
    assert without_root(long) is None
