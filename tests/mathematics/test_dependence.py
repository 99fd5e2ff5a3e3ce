"""Parts of a function that depend on each other, which make FriCAS's verdict worth nothing."""

from collections.abc import Iterator

import pytest

from asyncgen.mathematics.engines.fricas.dependence import dependence
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.problems.infix import read_infix


@pytest.fixture(scope="module")
def shared(fricas: None) -> Iterator[Fricas]:
    """One FriCAS for this module, ended with it."""
    engine = Fricas()
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "text",
    [
        "3*x**2*log(acosh(x)) + x**3/sqrt(x + 1)/sqrt(x - 1)/acosh(x)",
        "exp(x)*sqrt(x**2 + x)*sqrt(x)*sqrt(x + 1)",
        "exp(x)*sqrt(x*sin(x))*sqrt(x)*sqrt(sin(x))",
        "asin(x)*exp(sqrt(1 + x) + sqrt(1 - x))",
        "exp(x)*sqrt(x)*sqrt(2*x)",
        "exp(x)*sqrt(pi*x)*(5*x)**(3/2)",
    ],
)
def test_square_roots_depend_if_their_radicands_multiply_to_a_square(text: str) -> None:
    """Up to a constant: the product of the others is then a multiple of one of them."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    [
        "acosh(exp(x/2))*x/sqrt(exp(x/2) + 1)/sqrt(exp(x/2) - 1)*sqrt(exp(x) - 1)",
        "exp(x)*sqrt(log(x))*sqrt(log(x**2))",
        "exp(x)*sqrt(sin(x))*sqrt(sin(x/2))*sqrt(cos(x/2))",
        "exp(x)*sqrt(log(x + 1) - log(x))*sqrt(log(1 + 1/x))",
        "x**2*exp(x)*sqrt(x**2*exp(2*x + 1))",
        "exp(x)*sin(x/2)*sqrt(1 + cos(x))",
        "cos(x)*exp(x)*sqrt(1 + tan(x)**2)",
    ],
)
def test_related_functions_do_not_hide_it(text: str) -> None:
    """exp(x) is the square of exp(x/2), and the like: the product is looked at in a tower."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    ["sqrt(x**2)*exp(x)", "log(x)*acos(cosh(x))", "exp(x)*sqrt(1 - sin(x)**2)", "x*exp(sqrt(x**2+2*x+1))"],
)
def test_the_root_of_a_square_is_none(text: str) -> None:
    """It is one function on one side of a zero, another one on the other, and new on neither."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    [
        "exp(x)*acosh(sqrt(x**2 + 1))/sqrt(sqrt(x**2 + 1) + 1)/sqrt(sqrt(x**2 + 1) - 1)",
        "exp(x)*sqrt(1 + sqrt(x**2 + 1))*sqrt(sqrt(x**2 + 1) - 1)",
        "exp(x)*sqrt(1 + sqrt(x*(x - 1)**2))*sqrt(x**2)",
    ],
)
def test_roots_inside_roots_may_depend_where_there_are_others(text: str) -> None:
    """With u = sqrt(x**2 + 1) the product of sqrt(u + 1) and sqrt(u - 1) is x."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    [
        "exp(asin(x**2))*log(exp(asin(x**2))/(x + 1))",
        "log(x*exp(2*sqrt(x**3 + 1)))",
        "log(2 + cosh(asin(x**2)))",
        "log(x + 2**sqrt(x**3 + 1))",
    ],
)
def test_an_exponential_in_a_logarithm_may_depend_on_the_root_that_it_holds(text: str) -> None:
    """log(exp(u)/v) is u - log(v)."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize("text", ["exp(log(x)/2)*x", "log(x + exp(3*log(2*x)/4))", "x**x*tan(atan(x**2)/2)"])
def test_an_exponential_may_be_a_root_of_what_its_logarithm_holds(text: str) -> None:
    """exp(log(x)/2) is sqrt(x)."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize("text", ["x**(1/3)*exp(x)", "exp(x)*sqrt(x)*(x + 1)**(2/3)"])
def test_of_roots_of_a_higher_degree_nothing_is_known(text: str) -> None:
    """They are not looked at."""
    assert dependence(read_infix(text)) == "dependent roots"


def test_nor_of_many_roots() -> None:
    """Each further one doubles the number of products."""
    few = "*".join(f"sqrt(x + {shift})" for shift in range(4))
    assert dependence(read_infix(few)) is None
    assert dependence(read_infix(f"{few}*sqrt(x + 4)")) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    [
        *("exp(x) + (tan(pi/8) - sqrt(2) + 1)*x**x", "log(exp(2))*x", "exp(1)*x + 2**sqrt(x)"),
        *("6**x - 2**x*3**x", "E*x + sin(3)", "x*log(2) - log(3)", "sin(exp(1) + x)*cos(2)"),
        "2**(1/2)*x + 3**(1/2)",
    ],
)
def test_constants_may_depend_where_there_are_several(text: str) -> None:
    """FriCAS does not see that tan(pi/8) + 1 is sqrt(2)."""
    assert dependence(read_infix(text)) == "dependent constants"


@pytest.mark.parametrize("text", ["exp(1)*x + sin(x*exp(1))", "2**x + log(2)", "E**x + 2/3*x", "x**(2**3)"])
def test_one_constant_does_not(text: str) -> None:
    """However often it stands there, next to rational numbers."""
    assert dependence(read_infix(text)) is None


@pytest.mark.parametrize("text", ["sqrt(abs(x) + 1)*exp(x)", "sqrt(erf(x))*exp(x)"])
def test_what_cannot_be_read_may_depend(text: str) -> None:
    """A radicand that is in no tower of ours."""
    assert dependence(read_infix(text)) == "dependent roots"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "exp(x)/x",
            "sqrt(x)*exp(x)",
            "sqrt(x)*exp(1/sqrt(x))",
            "sqrt(x + 1)*exp(sqrt(x + 2))",
            "sqrt(2)*x",
        ),
        *("asin(x)*acos(x)*exp(x)", "exp(acosh(x))*sqrt(x**2 + 3)", "sqrt(x)*sqrt(exp(x) + 1)"),
        *("asin(x)**3/(sqrt(x + 1) + x)", "sqrt(x + 1)*exp(sqrt(x**2 - 1))", "sqrt(x)*exp(sqrt(x**3 + x))"),
        *("atan(asinh(x)) + acosh(x**2)*exp(sqrt(x))", "exp(x)*sqrt(1 + sqrt(x**2 + x))", "sqrt(x)*2**(1/3)"),
        *("exp(x)*sqrt(3 + cos(x))*sqrt(sin(x) + 2)", "log(x*exp(x))*sqrt(x**3 + 1)"),
        *("exp(2*log(x) + x)", "tan(log(x))*x", "exp(x*log(x))"),
    ],
)
def test_other_roots_do_not(text: str) -> None:
    """One root however often, a chain of roots, or roots that multiply to no square."""
    assert dependence(read_infix(text)) is None


@pytest.mark.engine
@pytest.mark.parametrize(
    "text",
    [
        "3*x**2*log(acosh(x)) + x**3/sqrt(x + 1)/sqrt(x - 1)/acosh(x)",
        "2*x*acosh(sqrt(1+x**2))*exp(x**2)"
        "+x/sqrt(1+x**2)/sqrt(1+sqrt(1+x**2))/sqrt(-1+sqrt(1+x**2))*exp(x**2)",
        "exp(asin(x**2))/(x+1)*(2*x/sqrt(1-x**4) - 1/(x+1))*(log(exp(asin(x**2))/(x+1)) + 1)",
        "acos(cosh(x))/x - log(x)*sinh(x)/sqrt(1 - cosh(x)**2) + sinh(asin(x))/(x + 1)/sqrt(1 - x**2)"
        "- cosh(asin(x))/(x + 1)**2",
        "exp(x) + (tan(pi/8) - sqrt(2) + 1)*x**x",
    ],
)
def test_the_derivative_of_an_elementary_function_is_not_ruled_out(text: str, shared: Fricas) -> None:
    """Of x**3*log(acosh(x)); of exp(x**2)*acosh(sqrt(x**2+1)); of F*log(F) with F = exp(asin(x**2))/(x+1); of
    log(x)*acos(cosh(x)) + cosh(asin(x))/(x+1); of exp(x). FriCAS has an integral left for each.
    """
    answer = shared.integrate(Integrand(read_infix(text)), 5.0)
    assert answer.finding is Finding.UNSOLVED
    assert (answer.reason or "").startswith("dependent")
