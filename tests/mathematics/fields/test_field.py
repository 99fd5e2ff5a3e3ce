"""Rules of differential fields: their arithmetic, their normal form, their derivation."""

import random

import pytest
import sympy
from towers import CONSTANT, EXP, LOG, X, element, small_field

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import MOST_WORK, DifferentialField
from asyncgen.mathematics.fields.fraction_field import LARGEST_INTEGER, SIZES
from asyncgen.mathematics.fields.primes import LARGE, LARGE_BITS, SMALL, SMALL_BITS, are_squares, square_root

GENERATORS = sympy.symbols("x t l")
SEEDS = range(4)


def random_text(source: random.Random) -> str:
    """A fraction of small polynomials in x, t, l, with factors that cancel now and then."""

    def polynomial() -> str:
        terms = [
            f"{source.choice((-3, -1, 1, 2, 5))}*x**{source.randrange(3)}*t**{source.randrange(2)}"
            f"*l**{source.randrange(2)}"
            for _ in range(source.randrange(1, 4))
        ]
        return "(" + " + ".join(terms) + f" + 7*x*t**2*l**{source.randrange(3)})"

    common = polynomial()
    return f"{polynomial()}*{common}/({polynomial()}*{common})"


def expression(text: str) -> sympy.Expr:
    """The text as SymPy reads it."""
    found = sympy.sympify(text)
    assert isinstance(found, sympy.Expr)
    return found


def parts(f: Element) -> tuple[dict[tuple[int, ...], int], dict[tuple[int, ...], int]]:
    """The numerator and the denominator as dictionaries."""
    return coefficients(f.numerator), coefficients(f.denominator)


def coefficients(p: Polynomial) -> dict[tuple[int, ...], int]:
    return {
        tuple(int(e) for e in monomial)[:3]: int(c)
        for monomial, c in zip(p.monoms(), p.coeffs(), strict=True)
    }


def oracle(f: sympy.Expr) -> tuple[dict[tuple[int, ...], int], dict[tuple[int, ...], int]]:
    """What the parts have to be: SymPy's `cancel`, with a monic denominator, modulo the prime."""
    above, below = (sympy.Poly(part, *GENERATORS) for part in sympy.fraction(sympy.cancel(f)))
    unit = pow(int(below.LC()), -1, LARGE[0])
    first, second = (
        {monomial: int(c) * unit % LARGE[0] for monomial, c in polynomial.terms() if c}
        for polynomial in (above, below)
    )
    return first, second


@pytest.mark.parametrize("seed", SEEDS)
def test_arithmetic_is_that_of_sympy(seed: int) -> None:
    """Sums, differences, products and quotients have the parts that SymPy's `cancel` finds."""
    source, field = random.Random(seed), small_field()
    a, b = random_text(source), random_text(source)
    f, g = element(field, a), element(field, b)
    u, v = expression(a), expression(b)
    for ours, theirs in ((f + g, u + v), (f - g, u - v), (f * g, u * v), (f / g, u / v), (f**-2, u**-2)):
        assert parts(ours) == oracle(theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_derivation_is_that_of_sympy(seed: int) -> None:
    """D is d/dx with t = exp(x) and l = log(x)."""
    text = random_text(random.Random(seed))
    x, t, log = GENERATORS
    f = expression(text)
    derivative = f.diff(x) + f.diff(t) * t + f.diff(log) / x
    field = small_field()
    assert parts(field.derive(element(field, text))) == oracle(derivative)


@pytest.mark.parametrize("seed", SEEDS)
def test_derivation_obeys_leibniz(seed: int) -> None:
    """D(f g) = f Dg + g Df and D(f/g) = (g Df - f Dg)/g**2."""
    source, field = random.Random(seed), small_field()
    f, g = element(field, random_text(source)), element(field, random_text(source))
    slope_f, slope_g = field.derive(f), field.derive(g)
    assert field.derive(f * g) == f * slope_g + g * slope_f
    assert field.derive(f / g) == (g * slope_f - f * slope_g) / (g * g)


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        ("x*t", "(x + 1)*t"),
        ("l**2", "2*l/x"),
        ("1/t**3", "-3/t**3"),
        ("x*l - x", "l"),
        ("c*x**2", "2*c*x"),
        ("(x + c)/(x - c)", "-2*c/(x - c)**2"),
        ("c/(c + 1)", "0"),
        ("5", "0"),
        ("t/(t + c)", "c*t/(t + c)**2"),
    ],
)
def test_derivatives_known_by_heart(function: str, derivative: str) -> None:
    """D follows the rules of school, constants that are variables among them."""
    field = small_field()
    assert field.derive(element(field, function)) == element(field, derivative)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("(x**2 - t**2)/(x - t)", "x + t"),
        ("1/(2*x) + 1/(2*x)", "1/x"),
        ("(2*x + 2)/(4*t + 4)", "(x + 1)/(2*(t + 1))"),
        ("1/(x - l) - 1/(x + l)", "2*l/(x**2 - l**2)"),
        ("t/t", "1"),
        ("x - x", "0"),
        ("(1/t)**-2", "t**2"),
        ("(2/(3*x))**-1", "3*x/2"),
    ],
)
def test_equal_elements_have_equal_parts(first: str, second: str) -> None:
    """The form of an element does not depend on the way to it."""
    field = small_field()
    f, g = element(field, first), element(field, second)
    assert f == g
    assert parts(f) == parts(g)
    assert f.denominator.leading_coefficient() == 1


def test_elements_equal_no_strangers() -> None:
    """An element does not equal a number of Python, and cannot be put into a set."""
    field = small_field()
    assert field.one != 1
    with pytest.raises(TypeError):
        hash(field.one)


def test_integers_are_read_back() -> None:
    """A number is read as an integer if it is one of moderate size, of either sign."""
    field = small_field()
    for n in (0, 1, -1, 12345, -LARGEST_INTEGER, LARGEST_INTEGER):
        assert field.integer(field.number(n)) == n
    for f in (field.number(1, 2), field.number(LARGEST_INTEGER + 1), field.i, field.variable(X)):
        assert field.integer(f) is None
    assert field.integer(field.one / field.variable(X)) is None


def test_a_small_prime_reads_smaller_integers() -> None:
    """Modulo a small prime only integers much smaller than the prime are read."""
    field = small_field(SMALL[0])
    assert field.integer(field.number(-1000)) == -1000
    assert field.integer(field.number(SMALL[0] // 3)) is None


def test_numbers_are_rational() -> None:
    """n/d times d is n, and i squared is -1."""
    field = small_field()
    assert field.number(22, 7) * field.number(7) == field.number(22)
    assert field.number(-3, 4).scaled(4) == field.number(-3)
    assert field.i * field.i == field.number(-1)


def test_division_by_zero_is_an_error() -> None:
    """1/0 raises ZeroDivisionError, however it is written."""
    field = small_field()
    with pytest.raises(ZeroDivisionError):
        field.zero.inverse()
    with pytest.raises(ZeroDivisionError):
        _ = field.one / field.zero
    with pytest.raises(ZeroDivisionError):
        _ = field.zero**-1


def test_zero_is_false() -> None:
    """Only the element 0 is false."""
    field = small_field()
    assert not field.zero
    assert not element(field, "x - x")
    assert field.variable(CONSTANT)


def test_constants_are_what_the_tower_is_not_in() -> None:
    """An element is constant exactly if its derivative is 0."""
    field = small_field()
    for text, constant in (
        ("c/(c + 3)", True),
        ("7", True),
        ("c*x", False),
        ("1/t", False),
        ("l + c", False),
    ):
        f = element(field, text)
        assert field.is_constant(f) is constant
        assert (not field.derive(f)) is constant


def test_laurent_coefficients_put_together_are_the_element() -> None:
    """An element with a power of v below is the sum of its Laurent coefficients times powers of v."""
    field = small_field()
    f = element(field, "(x*t**3 + l*t + 1/x)/(t**2*(x + 1))")
    found = field.laurent(f, EXP)
    assert sorted(found) == [-2, -1, 1]
    assert found[-2] == element(field, "1/(x*(x + 1))")
    assert field.from_laurent(found, EXP) == f


def test_levels_count_from_x() -> None:
    """The level of a polynomial is the place in the tower of the highest variable in it."""
    field = small_field()
    levels = {"c": -1, "3": -1, "x + c": 0, "x*t": 1, "l*c": 2, "l + t": 2}
    assert {text: field.level(element(field, text).numerator) for text in levels} == levels


def test_values_at_a_point_respect_sums_and_products() -> None:
    """Evaluation at a point is a homomorphism modulo the prime, and None at a pole."""
    field = small_field()
    f, g, point = element(field, "x/(t + l)"), element(field, "(c + t)/x"), next(field.places())
    f_at, g_at = field.value(f, point), field.value(g, point)
    assert f_at is not None
    assert g_at is not None
    assert field.value(f + g, point) == (f_at + g_at) % field.prime
    assert field.value(f * g, point) == f_at * g_at % field.prime
    assert field.value(f, (1,) + (0,) * (field.size - 1)) is None


def test_univariate_puts_values_for_the_other_variables() -> None:
    """A polynomial in v alone has the values of the polynomial itself."""
    field, p = small_field(), element(small_field(), "x**2*t**2 + c*t*l - 3").numerator
    point = next(field.places())
    assert int(field.univariate(p, EXP, point)(point[EXP])) == int(p(*point))


def test_constants_stay_where_the_points_move() -> None:
    """The points for residues give constants the same value, and other variables other values."""
    field = small_field()
    first, second, *_ = field.places(constants_move=False)
    assert first[CONSTANT] == second[CONSTANT]
    assert first[LOG] != second[LOG]


def test_work_is_bounded() -> None:
    """A field that has done too much says so."""
    field = small_field()
    field.work(MOST_WORK)
    with pytest.raises(Undecided, match="work"):
        field.derive(field.variable(X))


def test_a_field_has_so_many_variables_at_most() -> None:
    """Too many kernels are refused when the field is made."""
    with pytest.raises(Undecided, match="kernels"):
        DifferentialField(LARGE[0], SIZES[-1] + 1)


@pytest.mark.parametrize(("primes", "bits"), [(LARGE, LARGE_BITS), (SMALL, SMALL_BITS)])
def test_primes_are_one_modulo_four(primes: tuple[int, ...], bits: int) -> None:
    """The primes are distinct primes of their size, and -1 has a square root modulo each."""
    assert len(set(primes)) == len(primes)
    for prime in primes:
        assert prime % 4 == 1
        assert prime.bit_length() == bits
        assert sympy.isprime(prime)
        root = square_root(-1, prime)
        assert root is not None
        assert root * root % prime == prime - 1


@pytest.mark.parametrize("prime", [LARGE[0], LARGE[1], SMALL[0]])
def test_square_roots_are_those_of_sympy(prime: int) -> None:
    """A number has a root modulo a prime exactly if SymPy calls it a quadratic residue."""
    for number in range(2, 30):
        root = square_root(number, prime)
        assert (root is not None) is bool(sympy.ntheory.is_quad_residue(number, prime))
        assert root is None or root * root % prime == number
        assert are_squares(frozenset({number}), prime) is (root is not None)
