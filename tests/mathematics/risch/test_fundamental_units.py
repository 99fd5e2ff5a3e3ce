"""Rules of Pell's equation for polynomials."""

import pytest
from towers import reading

from asyncgen.mathematics.engines.risch.fundamental_units import fundamental_unit


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("x**2 + 1", 1),
        ("x**4 + 1", 2),
        ("4*x**4 + 4*x**3 + x**2 + 3", 2),
        ("9*x**2 - x", 1),
        ("x**4 + 2*x**2 - 4*x + 1", 5),
        ("x**6 + 2*x**3 + 5", 3),
        ("x**4 + x + 1", None),
        ("x**6 + x + 1", None),
    ],
)
def test_the_least_solution(text: str, degree: int | None) -> None:
    """p^2 - R q^2 is a constant, and p is of the degree that is known."""
    found = reading(text)
    field = found.tower.field
    unit = fundamental_unit(field, found.element, 0)
    if degree is None:
        assert unit is None
        return
    assert unit is not None
    p, q = unit
    assert field.degree(p.numerator, 0) == degree
    assert q
    norm = p * p - found.element * q * q
    assert norm
    assert field.is_constant(norm)


def test_over_a_field_with_kernels() -> None:
    """The coefficients may hold other variables: t + sqrt(t^2 + x)."""
    found = reading("log(x)**2 + x")
    field, v = found.tower.field, found.tower.field.tower[1]
    unit = fundamental_unit(field, found.element, v)
    assert unit is not None
    p, q = unit
    assert p * p - found.element * q * q == -field.variable(0)
