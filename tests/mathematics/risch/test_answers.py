"""Rules of answers: how antiderivatives are written, and that they are right."""

from contextlib import suppress

import mpmath
import pytest
from towers import answer

from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.domains import made_real
from asyncgen.mathematics.engines.risch.expressions import parsed, tokens_of
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix

WRITTEN = [
    ("x*exp(x)", "(x - 1)*exp(x)"),
    ("tan(x)", "-log(cos(x)**2)/2"),
    ("1/(x**2 + 1)", "atan(x)"),
    ("exp(x)/(exp(x) + 1)", "log(exp(x) + 1)"),
    ("log(x)/(x + 1) + log(x + 1)/x", "log(x)*log(x + 1)"),
    ("log(log(x))/x", "log(x)*log(log(x)) - log(x)"),
    ("exp(2)*x*exp(1)", "x**2*exp(3)/2"),
    ("exp(x/2) + exp(x/3)", "2*exp(x/2) + 3*exp(x/3)"),
    ("2*x*cos(x**2)", "sin(x**2)"),
    ("asin(3)*x", "x**2*asin(3)/2"),
    ("x**x*(log(x) + 1)", "exp(x*log(x))"),
    ("sin(2)*x + cos(1)", "x**2*sin(2)/2 + x*cos(1)"),
    ("2**x", "exp(x*log(2))/log(2)"),
    ("log(x**2)*x", "(x**2*log(x**2) - x**2)/2"),
    ("1/(x**2 - 2)", "sqrt(2)*log(x - sqrt(2))/4 - sqrt(2)*log(x + sqrt(2))/4"),
    ("1/cos(x)", "log(sin(x) + 1)/2 - log(1 - sin(x))/2"),
    ("sin(x)**3*cos(2*x)", "cos(5*x)/40 - cos(3*x)/8 + cos(x)/2"),
    ("log(2)/(x + log(2))", "log(2)*log(x + log(2))"),
    ("1/(x*log(x)*log(log(x)))", "log(log(log(x)))"),
    ("atan(x)*x", "(x**2*atan(x) - x)/2 + atan(x)/2"),
    ("tanh(3*x)/2", "log(exp(6*x) + 1)/6 - x/2"),
    ("(log(x) - 1)/log(x)**2", "x/log(x)"),
]

# Numbers of more digits than a prime of 61 bits tells apart, and of more than one of 256.
LONG = [
    "1/(2*x**7 + 3)",
    "(x**5 - 2*x + 1/7)**4*(x - 1/123457)**5",
    "exp(x)*(x - 1/3)**40",
    "exp(3*x)*(x - 1/997)**25",
    "(x + sqrt(2)/7)**20",
    "atan(x**15)",
]
# Residues in which constants stand.
CONSTANTS = [
    ("1/(x**2 + pi)", "sqrt(pi)/pi*atan(x/sqrt(pi))"),
    ("1/(x**2 + E)", "sqrt(E)/E*atan(x/sqrt(E))"),
    (
        "1/(x**2 - log(2))",
        "sqrt(log(2))/log(2)*log(x - sqrt(log(2)))/2 - sqrt(log(2))/log(2)*log(x + sqrt(log(2)))/2",
    ),
    ("1/(E*x**2 + pi*x + 1)", "4*sqrt(E - pi**2/4)/(4*E - pi**2)*atan((x*E + pi/2)/sqrt(E - pi**2/4))"),
    ("1/(x**2 - pi**2)", "(log(x - pi)/2 - log(x + pi)/2)/pi"),
    ("1/(x**3 + pi)", None),
    ("1/((x - 1)*(x - E)*(x - pi))", None),
    ("1/(x*(x**2 + E)*(x**4 + pi))", None),
    ("x/(x**2 + pi*x + 1)", None),
    ("exp(x)/(exp(2*x) + pi)", None),
    ("1/(x*(log(x)**2 + E))", None),
    ("tan(tanh(1)*x)", None),
    ("(acosh(sin(cos(2))) + 1)/x", None),
    ("log(3 + cos(5)**2/x**2)", None),
]


@pytest.mark.parametrize(("text", "expected"), [*WRITTEN, *(pair for pair in CONSTANTS if pair[1])])
def test_how_an_antiderivative_is_written(text: str, expected: str) -> None:
    """The answer is the one that a reader expects."""
    found = answer(text)
    assert found is not None
    assert to_infix(found) == expected


RIGHT = [
    *(text for text, _ in WRITTEN),
    "1/(x**4 + 1)",
    "1/(x**2 + x + 1)",
    "1/(x**5 + x + 1)",
    "1/(x**5 + 1)",
    "1/(x**6 - 1)",
    "(x**3 + 2)/(x**4 + 4)",
    "1/(3 + cos(x))",
    "1/(2 + sin(x))",
    "x/sinh(x)**2",
    "x*sin(x)*exp(x)",
    "exp(-x**2)*(2*x**2 - 1)",
    "log(6)*x/log(2)",
    "atan(2)*x + atan(3) + atan(1)",
    "1/(1 + exp(x))",
    "tan(x)**3",
    "cosh(x)/(1 + sinh(x)**2)",
    "log(x**2 + 1)",
    "x*atan(x)**2/(x**2 + 1)**2*0 + atan(x)**2/(x**2 + 1)",
    "1/(exp(x) + exp(-x))",
    "1/(x*(log(x)**2 + 1))",
    "1/(x*(log(x)**2 - 3))",
    "1/(x**3 - 2*x + pi)*(3*x**2 - 2)",
    "I*exp(x) + 1/(x + I)",
    "E/(x + E)",
    "atanh(sqrt(2))*exp(x)",
    "1/((x + atanh(E))**2 + 1)",
    "sin(x)*sin(2*x)*sin(3*x)",
    "exp(2*x)*cos(3*x)",
    "cos(log(x))",
    "asin((x**2 - 1)/(x**2 + 1))*0 + acoth(x)",
    *LONG,
    *(text for text, _ in CONSTANTS),
]


@pytest.mark.parametrize("text", RIGHT)
def test_answers_are_confirmed(text: str) -> None:
    """The derivative of the answer is the function at all points that are looked at."""
    found = answer(text)
    assert found is not None
    assert check(read_infix(text), found).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("text", RIGHT)
def test_tokens_are_read_back(text: str) -> None:
    """The answer as infix, read again, is written the same way again, and so its tree as tokens."""
    found = answer(text)
    assert found is not None
    again = read_infix(to_infix(found))
    assert to_infix(again) == to_infix(found)
    assert list(tokens_of(parsed(found))) == found


def test_a_jump_is_a_branch() -> None:
    """An answer that takes atan(tan(x)) for x holds on an interval."""
    found = check(read_infix("atan(tan(x))"), read_infix("x**2/2"))
    assert found.verdict is Verdict.BRANCH


ROOTS = [
    ("sqrt(cos(x))*sin(x)", "-2*cos(x)*sqrt(cos(x))/3"),
    ("(cos(x) + 1)/sqrt(sin(x) + x)", "2*sqrt(sin(x) + x)"),
    ("(tan(x)**2 + 2)*sqrt(tan(x) + x)", "2*(x*cos(x) + sin(x))/cos(x)*sqrt(tan(x) + x)/3"),
    ("(x + 1/(2*x))/sqrt(x**2 + log(x))", "sqrt(x**2 + log(x))"),
]


@pytest.mark.parametrize(("text", "expected"), ROOTS)
def test_a_root_of_a_real_function_is_real(text: str, expected: str) -> None:
    """The root stands in the answer as in the function, though exp(ix) stands under it."""
    tokens = read_infix(text)
    (found,) = decide(parsed(tokens)).candidates
    assert to_infix(tokens_of(found)) == expected
    assert check(tokens, tokens_of(found)).verdict is Verdict.CONFIRMED


SMOOTH = [
    "1/(2 + cos(x))",
    "1/(2 + sin(x))",
    "1/(cos(x) + 3*sin(x) + 5)",
    "1/(1 + cos(x)**2)",
    "sin(x)/(sin(x) + 2)",
    "(x**4 - 3*x**2 + 6)/(x**6 - 5*x**4 + 5*x**2 + 4)",  # Bronstein's example of what jumps elsewhere
    "(x**2 + 1)/(x**4 + x**2 + 1)",
    "1/(x**4 + 1)",
]


@pytest.mark.parametrize("text", SMOOTH)
def test_answers_do_not_jump_where_the_function_is_continuous(text: str) -> None:
    """The difference of two values is the integral between them, as mpmath has it."""
    found = answer(text)
    assert found is not None
    antiderivative, function = compile_tokens(tuple(found)), compile_tokens(tuple(read_infix(text)))
    for step in range(-8, 8):
        ends = [mpmath.mpf(step) * 1.1 + shift for shift in (0.05, 1.15)]
        first, last = (complex(antiderivative.at(float(end)).value) for end in ends)
        integral = mpmath.quad(lambda t: complex(function.at(float(t)).value), ends)
        assert abs(last - first - complex(integral)) < 1e-6


REAL = [
    "tan(x)",
    "1/sin(x)",
    "x*atanh(x)",
    "log(2 - x)",
    "log(-x - 2)*x",
    "acoth(x)",
    "1/(x + sin(x))*(1 + cos(x))",
]


@pytest.mark.parametrize("text", REAL)
def test_answers_are_real_where_the_function_is(text: str) -> None:
    """At points where the function is real, so is the antiderivative."""
    tokens = read_infix(text)
    (found,) = decide(parsed(tokens)).candidates
    function = compile_tokens(tokens)
    antiderivative = compile_tokens(tokens_of(made_real(parsed(tokens), found)))
    for point in (0.3, -0.4, 1.9, -2.2, -5.1, 4.4):
        value = function.at(point).value
        if value.is_finite() and value.imag.contains(0):
            assert antiderivative.at(point).value.imag.contains(0)


WITH_I = [
    "log(x + I)",
    "x*log(1 + I*x)",
    "x*exp((1 + 2*I)*x)",
    "exp(x)/(exp(x) + I)",
    "atan(x + I)",
    "1/(exp((1 + I)*x) + 2)",
    "1/(exp((1 + pi*I)*x) + 2)",
    "tanh((x + 1)*atanh(2))",
    "x*atan(acos(4))",
]


@pytest.mark.parametrize("text", WITH_I)
def test_functions_that_are_not_real(text: str) -> None:
    """Where I stands in a kernel, nothing is made real, and the logarithms are complex."""
    tokens = read_infix(text)
    (found,) = decide(parsed(tokens)).candidates
    assert check(tokens, tokens_of(found)).verdict is Verdict.CONFIRMED


JOINED = [
    "sqrt(x**2)",
    "exp(x)*sqrt((x + 1)**2)",
    "tan(x) + sqrt(x**2)*sqrt((x + 1)**2)",
    "sqrt(x**2)*sqrt((x + 1)**2)*sqrt((x - 1)**2)",
    "acosh(cosh(x))",
    "1/(2*sqrt(2 - x)) - 1/(x - 2)**(3/2)/2",  # sqrt(2 - x) is sqrt(x - 2) times I or -I
    "acosh(cos(asinh((2 - x)/x)))",
    # between two jumps these are x plus a constant, or a constant less x
    "asin(sin(x))",
    "acos(sin(x))*x",
    "asin(sin(x))/x",
    "x*atan(tan(x))",
    "exp(asin(sin(x)))",
]


@pytest.mark.parametrize("text", JOINED)
def test_one_antiderivative_holds_at_all_places(text: str) -> None:
    """Those that hold under different signs, or between different jumps, are joined."""
    tokens = read_infix(text)
    found = decide(parsed(tokens)).candidates
    verdicts = [check(tokens, tokens_of(candidate)).verdict for candidate in found]
    assert Verdict.CONFIRMED in verdicts


WITH_ROOTS_OF_CONSTANTS = [
    "x*sqrt(asin(4)) + x",
    "4 - sqrt(cos(3))/x",
    "x*exp(sqrt(cos(3))*x)",
    "1/(x**2 + 2**(1/3))",
    "2**(1/3)*x",
]


@pytest.mark.parametrize("text", WITH_ROOTS_OF_CONSTANTS)
def test_answers_with_roots_of_constants(text: str) -> None:
    """A root of a constant is written as it stands in the function."""
    tokens = read_infix(text)
    (found,) = decide(parsed(tokens)).candidates
    assert check(tokens, tokens_of(found)).verdict is Verdict.CONFIRMED


OVER_ROOTS = [
    ("sqrt(5*x**2 - 2)", None),
    ("sqrt(5 + 2*x - x**2)", None),
    ("1/sqrt(x**2 + x*sqrt(2))", None),
    ("x/sqrt(x**4 + 1)", "log(x**2 + sqrt(x**4 + 1))/2"),
    ("x/sqrt(1 - x**4)", "atan(x**2/sqrt(1 - x**4))/2"),
    ("exp(x)/sqrt(exp(2*x) + 1)", None),
    ("(5*x - 1)/sqrt(x**4 + 2*x**2 - 4*x + 1)", None),
]


@pytest.mark.parametrize(("text", "expected"), OVER_ROOTS)
def test_logarithms_over_roots(text: str, expected: str | None) -> None:
    """They are logarithms of sums with roots, or arctangents where they are complex."""
    tokens = read_infix(text)
    (found,) = decide(parsed(tokens)).candidates
    assert check(tokens, tokens_of(found)).verdict is Verdict.CONFIRMED
    assert expected in (None, to_infix(tokens_of(found)))


def test_large_coefficients_are_no_error() -> None:
    """Where flint cannot put the factors of a polynomial in order, nothing is raised."""
    text = "atanh(x - x*((x - x)**2 + (x + x + asinh(5))*x/(5**3)**5 + 3))"
    with suppress(Undecided):
        decide(parsed(read_infix(text)))
