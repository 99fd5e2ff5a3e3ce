"""Rules of the variable sqrt(x): the derivative of what comes back is the function again."""

from collections.abc import Iterator

import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.fricas.monomials import degree
from asyncgen.mathematics.engines.fricas.substitution import in_root_of_x, undone
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.mathematics.engines.risch.expressions import parsed
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix

POINTS = (0.125, 0.625, 2.75)


@pytest.fixture(scope="module")
def shared(fricas: None) -> Iterator[Fricas]:
    """One FriCAS for this module, ended with it."""
    engine = Fricas()
    yield engine
    engine.close()


def value(text: tuple[str, ...], point: float) -> complex:
    return complex(compile_tokens(text).at(point, 128).value)


@pytest.mark.parametrize(
    "text",
    [
        *("sqrt(x)", "exp(sqrt(2*x))*x", "sqrt(sqrt(x+x))*sin(x)", "sqrt(x)*sqrt(x*5)+sqrt(x*x*x)"),
        *("cos(sqrt(x/3))**2*log(x)", "sqrt(3**2/x)+asin(sqrt(1/(x*x)**2*x))", "sqrt(x)*x**(-3/2)"),
        *("sqrt(x-3*x+4*x)*sqrt(x+1)", "1/sqrt(x**7)"),
    ],
)
def test_a_root_of_x_is_removed(text: str) -> None:
    """With x = t**2, the integrand in t is the function times 2*t."""
    function = read_infix(text)
    changed = in_root_of_x(function)
    assert changed is not None
    for t in POINTS:
        assert abs(value(changed, t) - 2 * t * value(function, t * t)) < 1e-12


@pytest.mark.parametrize(
    "text",
    [
        *("x", "sqrt(x**2+1)", "sqrt(sin(x))", "sqrt(5)*x", "sqrt(x*x)", "x**(1/3)", "sqrt(x+1)"),
        *("sqrt(x-x)", "sqrt(-x)", "sqrt(x*(1-2))", "sqrt(pi*x)", "sqrt(2**x)", "sqrt(x**(1/2))"),
        "sqrt(log(x)*x)",
    ],
)
def test_functions_without_such_a_root_stay(text: str) -> None:
    """Roots of anything but a positive rational multiple of an odd power of x are none to be removed."""
    assert in_root_of_x(read_infix(text)) is None


def test_an_answer_comes_back() -> None:
    """An antiderivative in t is one in x, with sqrt(x) in the place of t."""
    assert (
        check(read_infix("exp(sqrt(x))"), undone(read_infix("2*(x-1)*exp(x)"))).verdict is Verdict.CONFIRMED
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("x*x/x**5", -3), ("(2*x)**3", 3), ("x+x", 1), ("x/x", 0), ("1/x*sin(2)", -1), ("pi", 0)),
        *(("x**2+x", None), ("sin(x)", None), ("x**x", None), ("2**x", None), ("x**(1/2)", None)),
    ],
)
def test_degrees_of_monomials(text: str, expected: int | None) -> None:
    """However c*x**n is written, n is found; other functions have none."""
    assert degree(parsed(read_infix(text))) == expected


@pytest.mark.engine
@pytest.mark.parametrize(
    "text",
    ["cos(16*sqrt(x)*x**3)", "sqrt(x + sqrt(x) + 3*x + 2)", "x*tan(sqrt(2*x))", "sqrt(1 + sqrt(sqrt(x)))"],
)
def test_fricas_solves_more_in_this_variable(text: str, shared: Fricas) -> None:
    """What it calls incomplete, or rules out, as it stands gets an answer that the check confirms."""
    integrand = read_infix(text)
    answer = shared.integrate(Integrand(integrand), 10.0)
    assert any(check(integrand, found).verdict is Verdict.CONFIRMED for found in answer.candidates)


@pytest.mark.engine
@pytest.mark.parametrize("text", ["cos(sqrt(sqrt(x) + x + x))", "exp(x)*log(sqrt(x) + 1)"])
def test_a_verdict_in_this_variable_is_one_on_the_function(text: str, shared: Fricas) -> None:
    """Each variable is an elementary function of the other."""
    assert shared.integrate(Integrand(read_infix(text)), 10.0).finding is Finding.NONELEMENTARY
