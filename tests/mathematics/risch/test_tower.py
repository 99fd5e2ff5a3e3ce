"""Rules of towers: an exponential or a logarithm is new only where it is independent of those before."""

import pytest
import sympy
from towers import reading

from asyncgen.mathematics.engines.risch.expressions import tokens_of
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided
from asyncgen.mathematics.values import compile_tokens

ZEROS = [
    "exp(2*x) - exp(x)**2",
    "exp(x) - exp(2*x)/exp(x)",
    "exp(x) + exp(2*x) - exp(x)*(exp(x) + 1)",
    "exp(x + 1) - E*exp(x)",
    "exp(x/2)**3*exp(x/3)**2 - exp(13*x/6)",
    "exp(-x)*exp(x) - 1",
    "exp(2*log(x)) - x**2",
    "exp(x + 3*log(x)) - x**3*exp(x)",
    "exp(x*log(x)) - x**x",
    "log(exp(x)) - x",
    "log(x*exp(x**2)) - log(x) - x**2",
    "tan(atan(x)) - x",
    "sin(x)**2 + cos(x)**2 - 1",
    "sin(2*x) - 2*sin(x)*cos(x)",
    "tan(x) - sin(x)/cos(x)",
    "cosh(x)**2 - sinh(x)**2 - 1",
    "tanh(x/2) - (exp(x) - 1)/(exp(x) + 1)",
    "sec(x)*cos(x) - 1",
    "log(6) - log(2) - log(3)",
    "log(3/4) - log(3) + 2*log(2)",
    "log(2)/2 - log(sqrt(2))",
    "exp(2) - E**2",
    "exp(1/2)**2 - E",
    "exp(1/3)**2*exp(1/2) - exp(7/6)",
    "sin(2) - 2*sin(1)*cos(1)",
    "cos(1)**2 + sin(1)**2 - 1",
    "exp(log(2)*3) - 8",
    "2**x*3**x - 6**x",
    "4**x - (2**x)**2",
    "2**(x + 3) - 8*2**x",
    "sqrt(2)*sqrt(3) - sqrt(6)",
    "sqrt(8) - 2*sqrt(2)",
    "sqrt(-2) - I*sqrt(2)",
    "sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2)",
    "1/(1 + sqrt(2)) - sqrt(2) + 1",
    "sin(pi/2) - 1",
    "atan(1) - pi/4",
    "asin(1/2) - pi/6",
    "acos(1/2) - pi/3",
    "atan(1/2) + atan(1/3) - pi/4",
    "atan(2) + atan(3) - 3*pi/4",
    "log(-1) - I*pi",
    "exp(I*pi) + 1",
    "asinh(1) - log(1 + sqrt(2))",
    "atanh(1/2) - log(3)/2",
]


@pytest.mark.parametrize("text", ZEROS)
def test_what_is_zero_is_zero(text: str) -> None:
    """An identity of school is the element 0, as equal functions are equal elements."""
    assert not reading(text).element


@pytest.mark.parametrize(
    "text",
    [
        "log(x**2) - 2*log(x)",
        "log((x + 1)/x) - log(x + 1) + log(x)",
        "log(x**2 - 1) - log(x - 1) - log(x + 1)",
        "atanh(x) - log((1 + x)/(1 - x))/2",
    ],
)
def test_what_is_zero_on_some_intervals_is_a_constant(text: str) -> None:
    """Logarithms that differ by a multiple of 2 pi i where x is negative are not taken for equal."""
    found = reading(text)
    assert found.element
    assert found.tower.field.is_constant(found.element)


@pytest.mark.parametrize(
    "text",
    [
        "exp(x) - exp(2*x)",
        "log(x) - log(x + 1)",
        "sin(2) - sin(1)",
        "exp(x) - E**2*exp(x)",
        "log(2) - log(3)",
        "sqrt(2) - sqrt(3)",
        "pi - 3",
        "E - pi",
        "atan(x) - x",
        "x**x - exp(x)",
        "atan(2) - atan(3)",
    ],
)
def test_what_is_not_zero_is_not(text: str) -> None:
    """Functions that differ are elements that differ."""
    assert reading(text).element


@pytest.mark.parametrize(
    ("text", "kernels", "constants"),
    [
        ("exp(x) + exp(2*x)", 1, 0),
        ("exp(2*x) + exp(x)", 1, 0),
        ("exp(x/2) + exp(x/3) + exp(x)", 1, 0),
        ("exp(x + 1) + exp(x)", 1, 1),
        ("exp(x) + exp(x**2)", 2, 0),
        ("exp(x + 1)", 1, 0),
        ("exp(x) + exp(x**2) + exp(x**2 - 3*x)", 2, 0),
        ("log(x) + log(x**2 + x) + log(x + 1)", 2, 0),
        ("log(x) + exp(x) + x**x", 3, 0),
        ("exp(exp(x)) + exp(x)", 2, 0),
        ("sin(x) + tan(x/2) + exp(x)", 2, 0),
        ("atan(x) + log(x**2 + 1)", 2, 0),
        ("sin(2) + sin(1)", 0, 1),
        ("log(12) + log(18)", 0, 2),
        ("E + exp(2) + exp(1/2)", 0, 1),
        ("2**x", 1, 1),
        ("exp(sqrt(2)*x) + exp(x)", 2, 0),
        ("exp(I*x) + exp(x)", 2, 0),
    ],
)
def test_the_number_of_independent_kernels(text: str, kernels: int, constants: int) -> None:
    """A tower has as many kernels, and constants that are variables, as the function has independent ones."""
    tower = reading(text).tower
    assert len(tower.kernels) == kernels
    assert len(tower.constants.kernels) == constants


@pytest.mark.parametrize(
    "text",
    [text for text in ZEROS if "x" in text.replace("exp", "")]
    + ["exp(x/2)+exp(x/3)", "log(log(x))", "x**(x*log(x))"],
)
def test_kernels_are_pairs_of_an_exponent_and_its_power(text: str) -> None:
    """Of each kernel (a, b) of a tower, Da = Db/b, as b = e^a demands."""
    tower = reading(text).tower
    derive = tower.field.derive
    for kernel in tower.kernels:
        assert derive(kernel.exponent) == derive(kernel.power) / kernel.power == kernel.slope


@pytest.mark.parametrize(
    ("text", "derivative"),
    [
        ("asinh((x**2 - 1)/(2*x))", "1/x"),
        ("asin((x**2 - 1)/(x**2 + 1))", "2/(x**2 + 1)"),
        ("acosh((x**2 + 1)/(2*x))", "1/x"),
        ("sqrt(x**2 + 2*x + 1)", "1 + 0*x"),
        ("acos(2*x/(x**2 + 1))", "2/(x**2 + 1)"),
    ],
)
def test_roots_of_squares_are_taken(text: str, derivative: str) -> None:
    """The inverse functions of an argument whose root is rational are logarithms, up to the root's sign."""
    found = reading(text)
    field = found.tower.field
    slope = field.derive(found.element)
    expected = reading(derivative).element
    assert len(found.signed) == 1
    assert str(slope) in (str(expected), str(-expected))  # they are elements of two fields


CONSTANTS = [
    "exp(2) + E/3",
    "log(2)*log(6)",
    "log(-2)",
    "sin(1)*cos(2)",
    "tan(3/2)",
    "asin(3)",
    "asin(1/3)",
    "acos(-1/3)",
    "acos(2)",
    "acosh(1/2)",
    "asinh(-2)",
    "atan(-5)",
    "atanh(3)",
    "acot(-2)",
    "sqrt(-5)",
    "sqrt(2)*log(1 + sqrt(2))",
    "sqrt(3 - 2*sqrt(2))",
    "pi**2/6",
    "atan(2) + atan(3)",
    "exp(sqrt(2))",
    "log(3 + 4*I)",
    "cosh(log(3))",
    "sinh(2)/tanh(2)",
    "(1 + I)**5/(2 - I)",
    "sqrt(I)",
    "log(pi)",
    "log(log(2))",
    "atanh(sqrt(2))",
]


@pytest.mark.parametrize("text", [*CONSTANTS, "acoth(1/pi)"])
def test_a_named_constant_has_the_value_of_its_name(text: str) -> None:
    """The variable of a constant's logarithm has the value of what it is written as."""
    for kernel in reading(text).tower.constants.kernels:
        if kernel.node is not None:
            assert kernel.value is not None
            assert compile_tokens(tokens_of(kernel.node)).at(0, 300).value.overlaps(kernel.value)


@pytest.mark.parametrize("text", CONSTANTS)
def test_constants_have_their_principal_values(text: str) -> None:
    """The value of a constant element is the one that SymPy computes, branch and all."""
    found = reading(text)
    constants = found.tower.constants
    assert found.tower.field.is_constant(found.element)
    ours = constants.ball(found.element)
    theirs = sympy.N(sympy.sympify(text), 30)
    real, imaginary = (float(part) for part in theirs.as_real_imag())
    assert complex(ours.mid()) == pytest.approx(complex(real, imaginary), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "1/(x - x)",
        "log(0)",
        "log(x - x)",
        "log(exp(2*x) - exp(x)**2)",
        "atan(I)",
        "0**(-1)",
        "1/(log(6) - log(2) - log(3))",
    ],
)
def test_what_is_defined_nowhere_is_degenerate(text: str) -> None:
    """A division by zero, and the logarithm of zero, are seen wherever they hide."""
    with pytest.raises(Degenerate):
        reading(text)


@pytest.mark.parametrize(
    "text", ["sqrt(x)", "asin(x)", "x**(1/3)", "exp(log(x)/2)", "sqrt(log(x))", "acosh(exp(x))"]
)
def test_a_root_that_is_none_needs_an_extension(text: str) -> None:
    """A root that is not in the tower is left to others."""
    with pytest.raises(NeedsExtension):
        reading(text)


@pytest.mark.parametrize(
    "text", ["abs(x)", "sign(x)", "erf(x)", "(x + 1)**1000*x", "cos(pi/7)*x", "2**(1/13) + x"]
)
def test_what_is_outside_is_undecided(text: str) -> None:
    """What is not analytic, not elementary, of large degree, or holds a root of large degree is left open."""
    with pytest.raises(Undecided):
        reading(text)
