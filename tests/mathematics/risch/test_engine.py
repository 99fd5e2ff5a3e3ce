"""Rules of our own integrator as an engine, beyond what it decides."""

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.mathematics.engines.risch.engine import Risch
from asyncgen.problems.infix import read_infix


@pytest.mark.parametrize(
    "text",
    ["abs(x)", "sign(cos(x))*x", "x*sign(x)", "exp(-abs(x))", "abs(x**2 - 1)", "log(abs(x))", "abs(sin(x))"],
)
def test_functions_with_an_abs_or_a_sign_are_integrated(text: str) -> None:
    """As a root of a square, and right on both sides of the zeros."""
    integrand = read_infix(text)
    answer = Risch().integrate(Integrand(integrand), 5.0)
    assert any(check(integrand, found).verdict is Verdict.CONFIRMED for found in answer.candidates)


@pytest.mark.parametrize("text", ["exp(x**2)*abs(x)**2/x**2", "abs(x)**x", "x/abs(exp(I*x**2))*sign(x)/x"])
def test_of_functions_with_an_abs_there_is_no_proof(text: str) -> None:
    """Where u is not real, abs(u) is not the root of its square: abs(exp(I*x**2)) is 1."""
    answer = Risch().integrate(Integrand(read_infix(text)), 5.0)
    assert (answer.finding, answer.reason) == (Finding.UNSOLVED, "abs")
