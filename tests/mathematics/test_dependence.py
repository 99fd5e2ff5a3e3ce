"""Roots that depend on each other, which make a decision procedure's verdict worth nothing."""

import pytest

from asyncgen.mathematics.engines.fricas.dependence import radicands, roots_may_depend
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import to_infix


@pytest.mark.parametrize(
    "text",
    [
        "3*x**2*log(acosh(x)) + x**3/sqrt(x + 1)/sqrt(x - 1)/acosh(x)",
        "sqrt(2)*exp(sqrt(6)*x*sqrt(x))",
        "sqrt(x + 1) + exp(sqrt(1/(x + 1)))",
        "asin(x)*exp(sqrt(1 + x) + sqrt(1 - x))",
        "sqrt(x*sin(x))*exp(sqrt(sin(x)))",
        "x**(1/3)*exp(x**(1/2)*sqrt(x*log(x)))",
    ],
)
def test_roots_with_a_common_factor_may_depend(text: str):
    """Their product may be a root that is there as well."""
    assert roots_may_depend(read_infix(text))


@pytest.mark.parametrize(
    "text",
    [
        "acosh(exp(x/2))*x/sqrt(exp(x/2) + 1)/sqrt(exp(x/2) - 1)",
        "exp(x)*sqrt(log(x))*sqrt(log(x**2))",
        "exp(x)*sqrt(1 + cos(x))*sqrt(sin(x/2) + 1)",
    ],
)
def test_roots_of_related_functions_may_depend(text: str):
    """A common factor of exp(x) - 1 and exp(x/2) - 1 hides in the two exponentials."""
    assert roots_may_depend(read_infix(text))


@pytest.mark.parametrize(
    "text",
    [
        "asin(x)**3/(sqrt(x + 1) + x)",
        "sqrt(x + 1)*exp(sqrt(x**2 - 1))",
        "sqrt(x)*exp(sqrt(x**3 + x))",
        "atan(asinh(x)) + acosh(x**2)*exp(sqrt(x))",
    ],
)
def test_square_roots_of_rational_functions_depend_only_if_they_multiply_to_a_square(text: str):
    """A common factor alone makes none of them a product of the others."""
    assert not roots_may_depend(read_infix(text))


@pytest.mark.parametrize(
    "text",
    [
        "exp(x)*acosh(sqrt(x**2 + 1))/sqrt(sqrt(x**2 + 1) + 1)/sqrt(sqrt(x**2 + 1) - 1)",
        "exp(x)*sqrt(1 + sqrt(x**2 + 1))*sqrt(sqrt(x**2 + 1) - 1)",
        "exp(sqrt(x - sqrt(2))*sqrt(x + sqrt(2)) + sqrt(x**2 - 2))",
    ],
)
def test_roots_inside_roots_may_depend_where_there_are_others(text: str):
    """With u = sqrt(x**2 + 1) the product of sqrt(u + 1) and sqrt(u - 1) is x."""
    assert roots_may_depend(read_infix(text))


@pytest.mark.parametrize(
    "text",
    [
        "exp(x)*sqrt(1 + sqrt(x**2 + x))",
        "exp(x)/x",
        "sqrt(x)*exp(x)",
        "sqrt(x)*exp(1/sqrt(x))",
        "sqrt(x + 1)*exp(sqrt(x + 2))",
        "asin(x)*acos(x)*exp(x)",
        "exp(acosh(x))*sqrt(x**2 + 3)",
        "sqrt(x)*sqrt(exp(x) + 1)",
    ],
)
def test_other_roots_do_not(text: str):
    """One root however often, or roots without a common factor."""
    assert not roots_may_depend(read_infix(text))


def test_radicands_are_found_inside_inverse_functions_too():
    """Each different one once."""
    found = radicands(read_infix("sqrt(x)*asin(exp(x)) + sqrt(x) + x**2 + x**(1/3)"))
    assert [to_infix(radicand) for radicand in found] == ["x", "1 - exp(x)**2"]
