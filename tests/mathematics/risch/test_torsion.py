"""Rules of divisors of infinite order."""

import pytest
from flint import nmod_poly
from towers import reading

from asyncgen.mathematics.engines.risch.torsion import PRIMES, _order_at_infinity, has_infinite_order


@pytest.mark.parametrize(
    ("text", "infinite"),
    [
        ("x**2 + 1", False),  # x + S
        ("x**4 + 1", False),  # x^2 + S
        ("(x**2 + x)**2 + 3", False),
        ("(x**3 - x)**2 - 2", False),
        ("x**4 + x + 1", True),
        ("x**4 - 2*x**3 + 5", True),
        ("x**6 + x + 1", True),
        ("x**4 + x**2 + 4*x + 1", True),
    ],
)
def test_the_divisor_at_infinity(text: str, infinite: bool) -> None:
    """It is of finite order where p^2 - R q^2 = c has a solution (Pell's equation), else mostly not."""
    found = reading(text)
    assert has_infinite_order(found.tower.field, found.element, 0) is infinite


def test_a_divisor_over_a_finite_place() -> None:
    """1 + S vanishes threefold at x = 0 for S^2 = x^3 + 1; (3, 5) is of infinite order for x^3 - 2."""
    found = reading("x**3 + 1")
    assert not has_infinite_order(found.tower.field, found.element, 0, found.tower.field.zero)
    found = reading("x**3 - 2")  # (3, 5) generates its points
    assert has_infinite_order(found.tower.field, found.element, 0, found.tower.field.number(3))


@pytest.mark.parametrize("prime", PRIMES[1:])
def test_the_order_is_that_of_a_unit(prime: int) -> None:
    """The curve of (x^2 + 1)^2 + 3 has order 2; in genus one the order divides the number of points."""
    assert _order_at_infinity(nmod_poly([4, 0, 2, 0, 1], prime), [1000]) == 2
    curve = nmod_poly([1, 1, 0, 0, 1], prime)  # genus one
    order = _order_at_infinity(curve, [1000])
    points = 0
    for x in range(prime):
        value = int(curve(x))
        points += 1 if value == 0 else 2 if pow(value, (prime - 1) // 2, prime) == 1 else 0
    points += 2  # at infinity
    assert order is not None
    assert points % order == 0
