"""Rules of logarithmic derivatives: alpha = m Dt/t + Dz/z."""

import pytest
import sympy
from towers import EXP, element, small_field

from asyncgen.mathematics.engines.risch.logarithmic import irreducible_factors, logarithmic_derivative
from asyncgen.mathematics.fields.errors import NeedsSmallPrime
from asyncgen.mathematics.fields.primes import LARGE, SMALL, WIDE_BITS, are_squares, wide

WITHOUT_TWO = next(prime for prime in SMALL if not are_squares(frozenset({2}), prime))


@pytest.mark.parametrize(
    ("alpha", "level", "z"),
    [
        ("2/x", 1, "x**2"),
        ("3", 2, "t**3"),
        ("2/x - 5", 2, "x**2/t**5"),
        ("1/(x*l) - t/(t + x)", 3, None),
        ("1/(x*l) - (t + 1)/(t + x)", 3, "l/(t + x)"),
        ("1/(x + c) + 1/(x - c)", 1, "x**2 - c**2"),
        ("1/(2*x)", 1, None),
        ("3", 1, None),
        ("x", 3, None),
        ("c/x", 1, None),
        ("1/l", 3, None),
        ("0", 1, "1"),
    ],
)
def test_known_logarithmic_derivatives(alpha: str, level: int, z: str | None) -> None:
    """Where alpha = Dz/z with z beneath the level, z is found up to a constant; otherwise nothing is."""
    field = small_field(SMALL[0])
    alpha_ = element(field, alpha)
    found = logarithmic_derivative(field, alpha_, level)
    if z is None:
        assert found is None
        return
    assert found is not None
    assert found.multiple == 0
    assert field.derive(found.z) / found.z == alpha_
    assert field.is_constant(found.z / element(field, z))


@pytest.mark.parametrize(
    ("alpha", "multiple", "z"), [("4 + 1/x", 4, "x"), ("-1", -1, "1"), ("2/(x + 1)", 0, "(x + 1)**2")]
)
def test_a_multiple_of_the_exponential_is_found(alpha: str, multiple: int, z: str) -> None:
    """Where alpha = m Dt/t + Dz/z with z beneath t, m and z are found."""
    field = small_field()
    found = logarithmic_derivative(field, element(field, alpha), 1, EXP)
    assert found is not None
    assert found.multiple == multiple
    assert field.is_constant(found.z / element(field, z))


def test_no_part_of_an_exponential() -> None:
    """Half of Dt/t is no logarithmic derivative of the field."""
    field = small_field()
    assert logarithmic_derivative(field, field.number(1, 2), 1, EXP) is None


@pytest.mark.parametrize(
    "text", ["(x**2 - 2)*(t + x)**2*x**3", "x**4 - 1", "(x*l - 1)*(x**2 + x*t + c)", "t**2 - x**2"]
)
def test_irreducible_factors_divide_and_are_monic(text: str) -> None:
    """Each factor is monic, once, and together they have the polynomial's roots."""
    field = small_field(SMALL[0])
    p = element(field, text).numerator
    factors = irreducible_factors(field, p)
    whole = field.unit
    for factor in factors:
        assert factor.leading_coefficient() == 1
        assert len(factor.factor()[1]) == 1
        whole = whole * factor
    radical = sympy.prod(base for base, _ in sympy.factor_list(sympy.sympify(text))[1])
    expected = element(field, str(radical)).numerator
    assert whole == expected / expected.leading_coefficient()


def test_a_root_that_is_missing_leaves_the_factor_whole() -> None:
    """x^2 - 2 is irreducible modulo a prime without a root of 2, and splits modulo the others."""
    field = small_field(WITHOUT_TWO)
    p = element(field, "x**2 - 2").numerator
    assert irreducible_factors(field, p) == [p]


FACTORED = [
    ("(x*t + l**2)*x**2", 2),
    ("x**2 + c**2 + t**2", 1),
    ("(x**2 + t**3 - 7)*(x**2 - t**3 + 7)*(x + t)", 3),
    ("x**4 + 1", 2),  # x^2 + i and x^2 - i, each of which falls apart modulo the prime
    ("(x**2 + 1)*(x**2 - 2)", 3),
    ("x**5 - x + 1", 1),
    ("x**6 - 1", 4),
]
WITH_EIGHTH_ROOTS = next(prime for prime in LARGE if prime % 8 == 1)


@pytest.mark.parametrize(("text", "count"), FACTORED)
@pytest.mark.parametrize("prime", [WITH_EIGHTH_ROOTS, LARGE[1], next(wide(WIDE_BITS[0]))])
def test_factors_are_irreducible_over_the_numbers(text: str, count: int, prime: int) -> None:
    """There are as many factors as over Q(i), though there are more modulo the prime, and they divide."""
    field = small_field(prime)
    p = element(field, text).numerator
    factors = irreducible_factors(field, p)
    assert len(factors) == count
    for factor in factors:
        assert divmod(p, factor)[1] == 0


def test_factoring_may_ask_for_a_small_prime() -> None:
    """Modulo a large prime factors in several variables are known if they are rational."""
    field = small_field(LARGE[0])
    with pytest.raises(NeedsSmallPrime):
        irreducible_factors(field, element(field, "x**2 + c**2").numerator)
