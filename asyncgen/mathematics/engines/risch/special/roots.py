"""Constants as roots: of polynomials whose coefficients are numbers, and values at the roots of others."""

from collections.abc import Iterator, Mapping
from itertools import islice

from flint import fmpq_poly, nmod_poly

from asyncgen.mathematics.engines.risch.constants import Constants
from asyncgen.mathematics.engines.risch.denominators import (
    normal_part,
    primitive_part,
    squarefree_factors,
)
from asyncgen.mathematics.engines.risch.residues import characteristic_polynomial, rational_roots
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.number_polynomials import rational_factors, roots_of
from asyncgen.mathematics.fields.primes import square_root

LARGEST_DEGREE = 24  # of a polynomial whose roots are looked for
MOST_TERMS = 100  # of an element with which special functions are looked for


def number_roots(field: DifferentialField, polynomial: nmod_poly) -> list[Element]:
    """The roots that are rational in square roots of integers, or i times such ones. Raises NeedsRoot."""
    if not 0 < polynomial.degree() <= LARGEST_DEGREE:
        return []
    if polynomial.degree() == 1:
        return [field.residue(root) for root in rational_roots(polynomial)]
    factors = _rational_factors(field, polynomial)
    turn = field.one
    if factors is None:
        turn = field.i
        factors = _rational_factors(field, _turned(polynomial, int(field.i.numerator.leading_coefficient())))
    found = (root for factor in factors or () for root in roots_of(factor) or ())
    return [field.residue(field.numbers.residue(root)) * turn for root in found]


def _turned(polynomial: nmod_poly, i: int) -> nmod_poly:
    """p(i z)."""
    prime = polynomial.modulus()
    return nmod_poly([int(c) * pow(i, j, prime) % prime for j, c in enumerate(polynomial.coeffs())], prime)


def _rational_factors(field: DifferentialField, polynomial: nmod_poly) -> list[fmpq_poly] | None:
    """The irreducible factors over the rationals; None where the coefficients are not seen to be rational."""
    try:
        return rational_factors(field.numbers, polynomial / polynomial[polynomial.degree()])
    except (Undecided, NeedsDigits):
        return None


def is_positive(constants: Constants, c: Element) -> bool:
    """Whether a constant is seen to be real and positive; what is not constant is not."""
    if not constants.field.is_constant(c):
        return False
    value = constants.ball(c)
    return bool(value.imag.contains(0) and value.real > 0)


# -- roots and values in a field -------------------------------------------------------------------------


def constant_roots(field: DifferentialField, p: Polynomial, v: int) -> list[Element] | None:
    """All roots of a squarefree polynomial in v, None where they are not constant or not found."""
    parts = field.coefficients(p, v)
    degree = max(parts)
    inverse = field.of(parts[degree]).inverse()
    monic = {j: field.of(c) * inverse for j, c in parts.items()}
    if not all(field.is_constant(c) for c in monic.values()):
        return None
    if degree == 1:
        return [-monic.get(0, field.zero)]
    if any(field.contains_any(c, field.constants) for c in monic.values()):
        return _quadratic_roots(field, monic) if degree == 2 else None
    residues = [int(monic[j].numerator.leading_coefficient()) if j in monic else 0 for j in range(degree + 1)]
    roots = number_roots(field, nmod_poly(residues, field.prime))
    if len(roots) == degree:
        return roots
    return _quadratic_roots(field, monic) if degree == 2 else None


def _quadratic_roots(field: DifferentialField, monic: Mapping[int, Element]) -> list[Element] | None:
    """Those of z^2 + p z + q, where p^2/4 - q is seen to be a square."""
    half = monic.get(1, field.zero) * field.number(1, 2)
    root = _square_root(field, half * half - monic.get(0, field.zero))
    return None if root is None else [root - half, -root - half]


def _square_root(field: DifferentialField, c: Element) -> Element | None:
    """The root of a constant that is a square of one without a root that is not there yet."""
    root = field.one
    for p, sign in ((c.numerator, 1), (c.denominator, -1)):
        for factor, e in squarefree_factors(field, p):
            if e % 2:
                return None
            root = root * field.of(factor / factor.leading_coefficient()) ** (e // 2 * sign)
    number = square_root(int(c.numerator.leading_coefficient()), field.prime)
    if number is None:
        return None
    try:
        field.numbers.number(number)
    except Undecided:
        return None
    return root * field.residue(number)


def is_large(f: Element) -> bool:
    """Whether nothing is looked for next to this element."""
    return len(f.numerator) + len(f.denominator) > MOST_TERMS


def top_of(field: DifferentialField, f: Element) -> int:
    """The highest variable of the tower that stands in f; x if only roots do."""
    return next((v for v in reversed(field.tower) if field.contains(f, v)), field.tower[0])


def value_at(field: DifferentialField, f: Element, v: int, place: Element) -> Element | None:
    """f with a value for v; None at a pole."""
    below = _polynomial_at(field, f.denominator, v, place)
    return _polynomial_at(field, f.numerator, v, place) / below if below else None


def _polynomial_at(field: DifferentialField, p: Polynomial, v: int, place: Element) -> Element:
    total = field.zero
    for j, c in field.coefficients(p, v).items():
        total = total + (field.of(c) * place**j if j else field.of(c))
    return total


def values_at_roots(field: DifferentialField, f: Element, v: int, p: Polynomial) -> list[Element]:
    """The constants that f, with top variable v, is at roots of a polynomial p that are no poles of f."""
    p = _away(field, normal_part(field, p, v), f.denominator, v)
    if field.degree(p, v) == 0:
        return []
    if field.degree(p, v) == 1:
        parts = field.coefficients(p, v)
        value = value_at(field, f, v, -(field.of(parts.get(0, field.null)) / field.of(parts[1])))
        return [value] if value is not None and field.is_constant(value) else []
    roots = constant_roots(field, p, v)
    if roots is not None:
        values = [value_at(field, f, v, root) for root in roots]
        return [value for value in values if value is not None and field.is_constant(value)]
    if field.contains_any(f, field.constants) or field.contains_any(field.of(p), field.constants):
        return []
    if any(field.contains(f, root.v) or field.degree(p, root.v) for root in field.roots):
        return []
    common = _common(_values(field, f, v, p))
    return [] if common is None else number_roots(field, common)


def values_at_ends(field: DifferentialField, w: Element, v: int) -> Iterator[Element]:
    """The constants that w is where v is infinite or, for a hyperexponential v, where it is 0."""
    above, below = field.coefficients(w.numerator, v), field.coefficients(w.denominator, v)
    ends = [max, min] if field.is_exponential(v) else [max]
    for end in ends:
        sign = 1 if end is max else -1
        top, bottom = end(above) * sign, end(below) * sign
        if top < bottom:
            yield field.zero
        elif top == bottom:
            value = field.of(above[end(above)]) / field.of(below[end(below)])
            if field.is_constant(value):
                yield value


def _away(field: DifferentialField, p: Polynomial, other: Polynomial, v: int) -> Polynomial:
    """The part of p, squarefree, that is prime to the other."""
    p = p / p.gcd(p.derivative(v)) if field.degree(p, v) > 0 else p
    common = p.gcd(other)
    return p if common.is_constant() else primitive_part(field, p / common, v)


def _values(field: DifferentialField, f: Element, v: int, p: Polynomial) -> Iterator[nmod_poly]:
    """The polynomial of f's values at the roots of p, at two points of the lower variables."""
    for point in islice(field.places(constants_move=False), 2):
        modulus = field.univariate(p, v, point)
        above, below = (field.univariate(part, v, point) for part in (f.numerator, f.denominator))
        divisor, inverse, _ = (below % modulus).xgcd(modulus)
        if modulus.degree() > 0 and divisor.degree() == 0:
            yield characteristic_polynomial(above * inverse % modulus, modulus)


def _common(polynomials: Iterator[nmod_poly]) -> nmod_poly | None:
    """The greatest common divisor, None of none."""
    common = None
    for polynomial in polynomials:
        common = polynomial if common is None else common.gcd(polynomial)
    return common
