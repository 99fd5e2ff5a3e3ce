"""Rules of incomplete gamma functions beyond their branch cuts."""

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.fricas.continuation import continued
from asyncgen.problems.infix import read_infix


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("exp(x^3)", "uppergamma(1/3,-x^3)*((-1)^(1/3))^2/3"),
        ("exp(-x^5)", "-uppergamma(1/5,x^5)/5"),
        ("x*exp(-8*x^3)", "-uppergamma(2/3,(x+x)^3)/12"),
    ],
)
def test_incomplete_gammas_are_continued(function: str, answer: str) -> None:
    """An answer that is right for x > 0 only becomes one that is right everywhere."""
    integrand, found = read_infix(function), read_infix(answer)
    assert check(integrand, found, 1).verdict is not Verdict.CONFIRMED
    assert check(integrand, continued(found), 1).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "answer",
    [
        *("uppergamma(1/3,x^2)", "uppergamma(1/2,log(x))", "uppergamma(0,x)", "uppergamma(x,x)", "erf(x)"),
        *("uppergamma(1/2,x^2+x)", "uppergamma(1/2,2^x)", "uppergamma(-1/2,x^2)", "uppergamma(1/2,x^(-2))"),
    ],
)
def test_other_answers_are_left_alone(answer: str) -> None:
    """Without a monomial whose power comes out whole there is nothing to continue."""
    assert continued(read_infix(answer)) == read_infix(answer)
