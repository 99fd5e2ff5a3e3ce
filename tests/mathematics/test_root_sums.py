"""Rules of sums over the roots of a polynomial: values, check and engines; mpmath is the oracle."""

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.catalogue import engine
from asyncgen.mathematics.engines.interface import Integrand
from asyncgen.mathematics.engines.portfolio import solve
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import CpuLimits, Status

POINTS = (0.3, -1.7, 2.5, 0.4 + 0.3j, -2 - 1.5j)
Term = Callable[[mpmath.mpc, mpmath.mpc], mpmath.mpc]

# Integrands 1/q with an antiderivative: log(x - a)/q'(a) over the roots of q, or from residues.
RIGHT = [
    ("1/(x**5 + 1)", "RootSum(z**5 + 1, Lambda(z, log(x - z)/(5*z**4)))"),
    ("1/(x**5 + 1)", "RootSum(3125*z**5 - 1, Lambda(z, z*log(x + 5*z)))"),
    ("1/(x**4 + x + 1)", "RootSum(z**4 + z + 1, Lambda(z, log(x - z)/(4*z**3 + 1)))"),
    ("1/(x**5 + x + 1)", "RootSum(z**5 + z + 1, Lambda(z, log(x - z)/(5*z**4 + 1)))"),
    ("1/(2*x**7 + 3)", "RootSum(1200725694*z**7 - 1, Lambda(z, z*log(x + 21*z)))"),
    ("1/(2*x**7 + 3)", "RootSum(z**7 + 3/2, Lambda(z, log(x - z)/(14*z**6)))"),
    ("1/(x**60 + x + 1)", "RootSum(z**60 + z + 1, Lambda(z, log(x - z)/(60*z**59 + 1)))"),
]
WRONG = [
    ("1/(x**5 + x + 1)", "RootSum(z**5 + z + 1, Lambda(z, log(x - z)/(5*z**4 + 2)))"),
    ("1/(x**5 + x + 1)", "RootSum(z**5 + z + 2, Lambda(z, log(x - z)/(5*z**4 + 1)))"),
    ("1/(2*x**7 + 3)", "RootSum(1200725693*z**7 - 1, Lambda(z, z*log(x + 21*z)))"),
    ("1/(2*x**7 + 3)", "RootSum(1200725694*z**7 - 1, Lambda(z, z*log(x + 21*z))) + x/1000000"),
]


def sum_of_mpmath(coefficients: list[int], term: Term, point: complex) -> mpmath.mpc:
    """The sum over the roots that mpmath finds; the highest coefficient first."""
    roots = mpmath.polyroots(coefficients, maxsteps=200, extraprec=200)
    return mpmath.fsum([term(root, mpmath.mpmathify(point)) for root in roots])


@pytest.mark.parametrize(
    ("text", "coefficients", "value", "slope"),
    [
        (
            "RootSum(5*z**5 - 1, Lambda(z, z*log(x - z)))",
            [5, 0, 0, 0, 0, -1],
            lambda a, x: a * mpmath.log(x - a),
            lambda a, x: a / (x - a),
        ),
        (
            "RootSum(z**4 + z/3 - 2, Lambda(z, x*exp(z*x)/(z + 2)))",
            [3, 0, 0, 1, -6],
            lambda a, x: x * mpmath.exp(a * x) / (a + 2),
            lambda a, x: (1 + a * x) * mpmath.exp(a * x) / (a + 2),
        ),
        ("RootSum(z**3 - 3*z - 1, Lambda(z, z**2))", [1, 0, -3, -1], lambda a, x: a**2, lambda a, x: 0 * a),
        ("RootSum(z**3 - z - 1, Lambda(z, x**2))", [1, 0, -1, -1], lambda a, x: x**2, lambda a, x: 2 * x),
        (
            "RootSum((z - 1)*(2*z + 3), Lambda(z, atan(z*x)))",
            [2, 1, -3],
            lambda a, x: mpmath.atan(a * x),
            lambda a, x: a / (1 + (a * x) ** 2),
        ),
    ],
)
def test_value_and_slope_are_mpmaths(text: str, coefficients: list[int], value: Term, slope: Term) -> None:
    """A sum is the sum over the roots that mpmath finds, on the real line and off it."""
    program = compile_tokens(read_infix(text))
    for point in POINTS:
        dual = program.at(point, 128)
        for ball, term in ((dual.value, value), (dual.derivative, slope)):
            expected = sum_of_mpmath(coefficients, term, point)
            assert abs(mpmath.mpmathify(complex(ball.mid())) - expected) <= 1e-12 * (1 + abs(expected))


def test_a_root_counts_as_often_as_it_is_one() -> None:
    """The sum of 1 over the roots is the degree, also where roots come twice, as in SymPy."""
    (dual,) = [compile_tokens(read_infix("RootSum((z - 2)**3*z, Lambda(z, z))*x")).at(0.5)]
    assert dual.value.contains(3)
    assert dual.derivative.contains(6)


def test_balls_of_sums_narrow_with_precision() -> None:
    """The roots are found anew at a higher precision: the ball is narrower, around the same number."""
    program = compile_tokens(read_infix("RootSum(z**5 - z - 1, Lambda(z, z*log(x - z)))"))
    coarse, fine = program.at(2.5, 64).value, program.at(2.5, 512).value
    assert fine.rad() < coarse.rad() * 2.0**-400
    assert coarse.contains(fine)


@pytest.mark.parametrize(("integrand", "answer"), RIGHT)
def test_antiderivatives_over_roots_are_confirmed(integrand: str, answer: str) -> None:
    """Logarithms over the roots of a denominator, by Lagrange's formula or by residues."""
    assert check(read_infix(integrand), read_infix(answer)).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(("integrand", "answer"), WRONG)
def test_wrong_sums_are_refuted(integrand: str, answer: str) -> None:
    """One coefficient that is off by one, in the polynomial or in the term, is seen."""
    assert check(read_infix(integrand), read_infix(answer)).verdict is Verdict.REFUTED


def test_only_the_terms_make_branches() -> None:
    """A sum of rational functions has one value, a sum of logarithms has branches."""
    rational, logarithms = "RootSum(z**3 - z - 1, Lambda(z, z/(x - z)))", RIGHT[0][1]
    assert compile_tokens(read_infix(rational)).single_valued
    assert not compile_tokens(read_infix(logarithms)).single_valued


def test_what_depends_on_no_root_is_computed_once() -> None:
    """Of a term with sin(exp(x)), only the product is made for each of the five roots."""
    program = compile_tokens(read_infix("RootSum(z**5 - z - 1, Lambda(z, z*sin(exp(x))))"))
    assert len(program.steps) == 2 + 5 + 1


@pytest.mark.parametrize("text", ["1/(2*x**7 + 3)", "1/(x**4 + x + 1)"])
def test_sympys_sums_over_roots_are_answers(text: str) -> None:
    """An answer of SymPy's with a RootSum is confirmed, and it is elementary."""
    limits = CpuLimits(engines=(("integrate", 20.0),), parse=5.0, check=5.0)
    result = solve(Integrand(read_infix(text)), limits)
    assert result.status is Status.ELEMENTARY
    assert result.answer is not None
    assert to_infix(result.answer).startswith("RootSum(")


@pytest.mark.parametrize("name", ["fricas", "maxima"])
def test_engines_that_know_no_sums_say_so(name: str) -> None:
    """A function with a sum over roots is sent to no program that would not understand it."""
    answer = engine(name).integrate(Integrand(read_infix(f"{RIGHT[0][1]}*abs(x)")), 5.0)
    assert answer.reason == "notation:rootsum"


def test_rational_coefficients_are_exact() -> None:
    """The roots of z/3 - 1/7 are 3/7, not a decimal near it."""
    ball = compile_tokens(read_infix("RootSum(z/3 - 1/7, Lambda(z, z*x))")).at(1.0, 256).value
    assert abs(Fraction(3, 7) - Fraction(*float(ball.real.mid()).as_integer_ratio())) < Fraction(1, 2**50)
    assert ball.rad() < 1e-70
