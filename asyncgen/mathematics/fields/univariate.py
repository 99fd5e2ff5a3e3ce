"""Univariate polynomials over a field: lists of elements, lowest first, without zeros at the end."""

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField

Coefficients = list[Element]


def coefficients_of(field: DifferentialField, f: Element, v: int) -> Coefficients:
    """A polynomial in v over the other variables, as its list. f's denominator must be free of v."""
    found = field.laurent(f, v)
    return _trimmed([found.get(j, field.zero) for j in range(max(found, default=-1) + 1)])


def element_of(field: DifferentialField, a: Coefficients, v: int) -> Element:
    """The element that a list of coefficients stands for."""
    return field.from_laurent({j: c for j, c in enumerate(a) if c}, v)


def _trimmed(a: Coefficients) -> Coefficients:
    while a and not a[-1]:
        a.pop()
    return a


def divided(field: DifferentialField, a: Coefficients, b: Coefficients) -> tuple[Coefficients, Coefficients]:
    """(q, r) with a = q b + r and deg r < deg b."""
    remainder = list(a)
    quotient = [field.zero] * max(0, len(a) - len(b) + 1)
    inverse = b[-1].inverse()
    while len(remainder) >= len(b):
        c = remainder[-1] * inverse
        shift = len(remainder) - len(b)
        quotient[shift] = c
        for j in range(len(b) - 1):
            if b[j]:
                remainder[shift + j] = remainder[shift + j] - c * b[j]
        remainder.pop()
        _trimmed(remainder)
    return _trimmed(quotient), remainder


def product(field: DifferentialField, a: Coefficients, b: Coefficients) -> Coefficients:
    """a b."""
    if not a or not b:
        return []
    result = [field.zero] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        if x:
            for j, y in enumerate(b):
                if y:
                    result[i + j] = result[i + j] + x * y
    return _trimmed(result)


def difference(field: DifferentialField, a: Coefficients, b: Coefficients) -> Coefficients:
    """a - b."""
    length = max(len(a), len(b))
    left = a + [field.zero] * (length - len(a))
    right = b + [field.zero] * (length - len(b))
    return _trimmed([x - y if y else x for x, y in zip(left, right, strict=True)])


def inverse_modulo(field: DifferentialField, a: Coefficients, b: Coefficients) -> Coefficients:
    """s with s a = 1 modulo b. Raises ZeroDivisionError where a and b have a common factor."""
    r0, r1 = b, divided(field, a, b)[1]
    s0: Coefficients = []
    s1 = [field.one]
    while len(r1) > 1:
        q, r = divided(field, r0, r1)
        r0, r1 = r1, r
        s0, s1 = s1, difference(field, s0, product(field, q, s1))
    if not r1:
        raise ZeroDivisionError
    c = r1[0].inverse()
    return [x * c for x in s1]


def extended_euclidean(
    field: DifferentialField, a: Coefficients, b: Coefficients, c: Coefficients
) -> tuple[Coefficients, Coefficients]:
    """(s, t) with s a + t b = c and deg s < deg b, for a and b without a common factor."""
    s = divided(field, product(field, inverse_modulo(field, a, b), divided(field, c, b)[1]), b)[1]
    t, remainder = divided(field, difference(field, c, product(field, s, a)), b)
    assert not remainder
    return s, t


def common_divisor(field: DifferentialField, a: Element, b: Element, v: int) -> Element:
    """A greatest common divisor of two polynomials in v, a without roots, up to what is free of v."""
    if not b:
        return a
    if not field.contains_any(b, [root.v for root in field.roots]):
        return field.of(a.numerator.gcd(b.numerator))
    first, second = coefficients_of(field, a, v), coefficients_of(field, field.of(b.numerator), v)
    while second:
        first, second = second, divided(field, first, second)[1]
    inverse = first[-1].inverse()
    return element_of(field, [c * inverse for c in first], v)


def degree_at_infinity(field: DifferentialField, f: Element, v: int) -> int:
    """The order of growth of f, not 0, where v is infinite."""
    return field.degree(f.numerator, v) - field.degree(f.denominator, v)


def at_infinity(field: DifferentialField, f: Element, v: int, least: int) -> dict[int, Element]:
    """{j: coefficient of v**j} of the expansion where v is infinite, for the j from `least` on."""
    if not f:
        return {}
    shifted = f * field.power(v, -least)
    above = coefficients_of(field, field.of(shifted.numerator), v)
    below = coefficients_of(field, field.of(shifted.denominator), v)
    quotient, _ = divided(field, above, below)
    return {j + least: c for j, c in enumerate(quotient) if c}
