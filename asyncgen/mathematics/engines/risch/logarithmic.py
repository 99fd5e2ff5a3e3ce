"""Is a function the logarithmic derivative of an element of the field? (Bronstein 5.12, 7.3)

For alpha in K_l-1 and a hyperexponential t over it with Dt/t = w: the integer m and z in K_l-1 with alpha = m
w + Dz/z. z is a product of powers of the exponentials below and of irreducible polynomials; each of these is
in the denominator of alpha or of w. So the exponents are an integer relation between known functions.
"""

from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import (
    content,
    least_common_multiple,
    squarefree_factors,
)
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, NeedsExtension, NeedsSmallPrime, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import fits_word
from asyncgen.mathematics.fields.rational_factors import factors_in_one_variable, irreducible_over_numbers
from asyncgen.mathematics.fields.relations import integer_relation

LARGEST_PRIME_TO_FACTOR = 1 << 31
LEFT_OPEN = "a root beneath an exponential"


class Logarithmic(NamedTuple):
    """alpha = multiple * Dt/t + Dz/z."""

    multiple: int
    z: Element


def logarithmic_derivative(
    field: DifferentialField, alpha: Element, level: int, t: int | None = None
) -> Logarithmic | None:
    """The multiple of Dt/t (0 without t) and z in the field beneath `level`; None if there are none.

    Raises NeedsExtension where that field holds roots.
    """
    if not alpha:
        return Logarithmic(0, field.one)
    if field.roots_beneath(level):
        raise NeedsExtension(LEFT_OPEN)
    exponent = [] if t is None else [field.logarithmic_derivative(t)]
    exponentials = [v for v in field.tower[:level] if field.is_exponential(v)]
    below = [field.logarithmic_derivative(v) for v in exponentials]
    factors = _factors(field, [alpha, *exponent, *below], exponentials)
    slopes = [field.derive(factor) / factor for factor in factors]
    relation = integer_relation(field, [alpha, *exponent, *below, *slopes])
    if relation is None or abs(relation[0]) != 1:
        return None
    exponents = [-relation[0] * c for c in relation[1:]]
    multiple = exponents.pop(0) if exponent else 0
    z = field.one
    for v, e in zip(exponentials, exponents, strict=False):
        z = z * field.power(v, e)
    for factor, e in zip(factors, exponents[len(exponentials) :], strict=True):
        z = z * factor**e
    return Logarithmic(multiple, z)


def _factors(field: DifferentialField, elements: list[Element], exponentials: list[int]) -> list[Element]:
    """The irreducible factors of the denominators, without constants and the exponentials themselves."""
    common = field.unit
    for element in elements:
        common = least_common_multiple(common, element.denominator)
    found = []
    for factor in irreducible_factors(field, common):
        if field.derive_polynomial(factor)[0] and all(factor != field.generators[v] for v in exponentials):
            found.append(field.monic(factor, field.unit))
    return found


def irreducible_factors(field: DifferentialField, p: Polynomial) -> list[Polynomial]:
    """The irreducible factors of a polynomial, each monic and once.

    Raises NeedsSmallPrime where flint would have to factor for a prime that it does not take.
    """
    found: list[Polynomial] = []
    for v, generator in enumerate(field.generators):
        exponent = min((int(monomial[v]) for monomial in p.monoms()), default=0)
        if exponent:
            found.append(generator)
            p = p / generator**exponent
    for factor, _ in squarefree_factors(field, p):
        if _is_linear(field, factor):
            found.append(factor)
        else:
            found += _irreducible(field, factor)
    return [factor / factor.leading_coefficient() for factor in found]


def _irreducible(field: DifferentialField, p: Polynomial) -> list[Polynomial]:
    if field.prime < LARGEST_PRIME_TO_FACTOR:
        return [factor for factor, _ in p.factor()[1]]
    variables = [v for v, degree in enumerate(p.degrees()) if degree > 0]
    if len(variables) == 1:
        return factors_in_one_variable(field, p, variables[0])
    try:
        factors = irreducible_over_numbers(field, p)
    except NeedsDigits:
        factors = None
    if factors is not None:
        return factors
    if fits_word(field.prime):
        raise NeedsSmallPrime
    raise Undecided("a number of many digits")


def _is_linear(field: DifferentialField, p: Polynomial) -> bool:
    """Whether some variable stands in p with degree one and without a content: p is irreducible then."""
    degrees = p.degrees()
    return any(degrees[v] == 1 and content(field, p, v).is_constant() for v in range(field.size))
