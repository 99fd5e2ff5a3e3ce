"""A second question where FriCAS says no to a function with several logarithms."""

from collections.abc import Iterator

import pytest
import sympy
from derivatives import pairs, sums_of_products_of_logarithms

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.fricas.logarithms import told_apart
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.mathematics.engines.risch.expressions import tokens_of
from asyncgen.mathematics.sympy_notation import from_sympy
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix

AMPLE = 10.0  # CPU seconds
X = sympy.Symbol("x")


@pytest.fixture(scope="module")
def shared(fricas: None) -> Iterator[Fricas]:
    """One FriCAS for this module, ended with it."""
    engine = Fricas()
    yield engine
    engine.close()


def test_each_logarithm_gets_a_prime_of_its_own() -> None:
    """The same one gets the same prime wherever it stands; that of a number stays as it is."""
    rewritten = told_apart(read_infix("log(x)*log(x+1) + log(x)**2 + log(2)"))
    assert rewritten is not None
    assert to_infix(rewritten) == (
        "(log(2*x) - log(2))*(log(3*(x + 1)) - log(3)) + (log(2*x) - log(2))**2 + log(2)"
    )


@pytest.mark.parametrize("function", ["x", "log(x)", "log(x) + x*log(x)", "log(2)*log(3)*x", "exp(x)/x"])
def test_one_logarithm_of_x_is_left_alone(function: str) -> None:
    """There is nothing that it could depend on."""
    assert told_apart(read_infix(function)) is None


@pytest.mark.parametrize("function", ["log(x)*log(x+1)", "log(log(x)+1)/x", "log(x)*log(x**2+1)*log(3-x)"])
def test_the_function_is_the_same(function: str) -> None:
    """Its derivative too, as the check sees it: that of the one is that of the other."""
    tokens = read_infix(function)
    rewritten = told_apart(tokens)
    assert rewritten is not None
    derivative = from_sympy(sympy.sympify(function).diff(X))
    assert check(derivative, rewritten).verdict is Verdict.CONFIRMED


FAMILY = [
    f"log(x)**{i}*log(1+{k}*x**{n})**{j}" for i in (1, 2) for j in (1, 2) for k in (1, 2, 3) for n in (1, 2)
]


@pytest.mark.engine
@pytest.mark.parametrize("antiderivative", FAMILY)
def test_derivatives_of_products_of_logarithms_are_not_ruled_out(antiderivative: str, shared: Fricas) -> None:
    """They have an elementary antiderivative, by construction; FriCAS says of most that they have none."""
    integrand = from_sympy(sympy.sympify(antiderivative).diff(X))
    answer = shared.integrate(Integrand(integrand), AMPLE)
    assert answer.finding is Finding.SOLVED
    assert any(check(integrand, found).verdict is Verdict.CONFIRMED for found in answer.candidates)


@pytest.mark.engine
def test_nor_are_derivatives_of_sums_of_such_products(shared: Fricas) -> None:
    """Random ones, also of exponentials, tangents and roots; at its first word half of them would be."""
    for pair in pairs(sums_of_products_of_logarithms, seed=0, count=30):
        answer = shared.integrate(Integrand(tokens_of(pair.integrand)), AMPLE)
        assert answer.finding is not Finding.NONELEMENTARY, to_infix(tokens_of(pair.antiderivative))


@pytest.mark.engine
@pytest.mark.parametrize("function", ["log(x)*log(x+1)", "log(x)/(x+1) + log(x+2)/x", "log(log(x))*log(x+1)"])
def test_a_no_that_is_right_stays(function: str, shared: Fricas) -> None:
    """Asked in either way: dilogarithms and such like are not elementary."""
    answer = shared.integrate(Integrand(read_infix(function)), AMPLE)
    assert answer.finding is Finding.NONELEMENTARY
