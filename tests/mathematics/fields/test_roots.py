"""Rules of square roots over a field."""

import pytest
from towers import NESTED, ROOT, element, field_with_roots

from asyncgen.mathematics.fields.roots import components, parted, product_of, slope_of, subsets

ELEMENTS = ["s", "r", "x/(t + l*s)", "(r + s)/(x - r)", "c*r*s/(l + r*s)", "1/(1 + s + r)", "l**2/s + x*r"]


@pytest.mark.parametrize("f", ELEMENTS)
@pytest.mark.parametrize("g", ELEMENTS)
def test_the_arithmetic_is_that_of_a_field(f: str, g: str) -> None:
    """Sums, products and quotients of elements with roots undo each other."""
    field = field_with_roots()
    a, b = element(field, f), element(field, g)
    assert a + b - b == a
    assert a * b / b == a
    assert (a + b) * (a - b) == a * a - b * b


def test_a_root_squares_to_its_radicand() -> None:
    """S**2 is R, also where R holds another root."""
    field = field_with_roots()
    assert element(field, "s**2") == element(field, "x**3 + 1")
    assert element(field, "r**4") == element(field, "t**2 + 2*t*s + x**3 + 1")


@pytest.mark.parametrize("f", ELEMENTS)
def test_denominators_are_free_of_roots(f: str) -> None:
    """The normal form of each element has its roots in the numerator, each to the first power at most."""
    field = field_with_roots()
    found = element(field, f)
    for root in (ROOT, NESTED):
        assert field.degree(found.denominator, root) == 0
        assert field.degree(found.numerator, root) <= 1


@pytest.mark.parametrize("f", ELEMENTS)
@pytest.mark.parametrize("g", ELEMENTS)
def test_the_derivation_obeys_the_product_rule(f: str, g: str) -> None:
    """D(f g) = f Dg + g Df."""
    field = field_with_roots()
    a, b = element(field, f), element(field, g)
    assert field.derive(a * b) == a * field.derive(b) + b * field.derive(a)


def test_the_derivative_of_a_root() -> None:
    """DS = DR/(2S)."""
    field = field_with_roots()
    assert field.derive(element(field, "s")) == element(field, "3*x**2/(2*s)")
    assert field.derive(element(field, "r")) == element(field, "(t + 3*x**2/(2*s))/(2*r)")


def test_values_at_places_respect_the_roots() -> None:
    """Places lie on the curves of the roots, so that a value is that of the whole field."""
    field = field_with_roots()
    a, b = element(field, "(r + s)/(x - r)"), element(field, "x/(t + l*s)")
    places = list(field.places())
    assert places
    for point in places:
        first, second, both = (field.value(f, point) for f in (a, b, a * b))
        assert first is not None
        assert second is not None
        assert both == first * second % field.prime


def test_the_level_of_a_root_is_that_of_its_radicand() -> None:
    """A root belongs to the field of its radicand, whatever was adjoined before it."""
    field = field_with_roots()
    assert field.level(element(field, "s").numerator) == 0
    assert field.level(element(field, "r").numerator) == 1
    assert field.roots_at(0) == [ROOT]
    assert field.roots_beneath(2) == [ROOT, NESTED]
    assert not field.is_constant(element(field, "s"))


@pytest.mark.parametrize("f", ELEMENTS)
def test_components_add_up(f: str) -> None:
    """An element is the sum of its components times the products of roots."""
    field = field_with_roots()
    a = element(field, f)
    total = field.zero
    for subset, part in components(field, a, [ROOT, NESTED]).items():
        assert not field.contains_any(part, [ROOT, NESTED])
        total = total + part * product_of(field, subset)
    assert total == a
    even, odd = parted(field, a, NESTED)
    assert even + odd * field.variable(NESTED) == a


def test_the_slope_of_a_product_of_roots() -> None:
    """It is the logarithmic derivative."""
    field = field_with_roots()
    for subset in subsets([ROOT, NESTED]):
        product = product_of(field, subset)
        assert slope_of(field, subset) == field.derive(product) / product
