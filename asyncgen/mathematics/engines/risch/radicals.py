"""f = B S, S^2 = R a polynomial in the top variable: integrate it, or prove.

B S is made D(y S) plus what has simple poles only, away from R (Hermite reduction in K(S)). That must vanish,
unless it has residues: they stand at its poles, or at the places at infinity and, for a hyperexponential top
variable, at 0, where S is not ramified. Where residues do not vanish, torsion of divisors decides (Trager
1984): nothing is claimed here, unless a unit is known that has its zeros and poles there.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from asyncgen.mathematics.engines.risch.denominators import (
    away,
    normal_part,
    repeated_part,
)
from asyncgen.mathematics.engines.risch.equations import solve, solve_one
from asyncgen.mathematics.engines.risch.noted_steps import NoLogarithm
from asyncgen.mathematics.engines.risch.residues import characteristic_polynomial
from asyncgen.mathematics.engines.risch.square_roots import squarefree_radicand
from asyncgen.mathematics.engines.risch.torsion import has_infinite_order
from asyncgen.mathematics.engines.risch.units import unit_at, units_of_logarithms
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.roots import Subset, components, product_of, subsets
from asyncgen.mathematics.fields.univariate import (
    coefficients_of,
    divided,
    element_of,
    inverse_modulo,
    product,
)

MOST_STEPS = 30  # of the Hermite reduction
LEFT_OPEN = {
    "oo": "a place at infinity where the root is not ramified",
    "0": "a place at 0 where the root is not ramified",
    "residue at oo": "a residue at infinity",
    "residue": "residues in a field with a root",
}


class _Open(NamedTuple):
    """The pairs of places, S and -S, that a logarithm may need; of those over finite v, what v is there.

    root: the square root of the radicand, a multiple of S.
    """

    pairs: list[str]
    radicand: Element
    root: Element
    pole: Element | None = None
    varies: bool = False  # residues at others do, so that none of these matters


class Radical(NamedTuple):
    """B S = D(antiderivative) + sum of c Dw/w for the units (c, w) + rest, the rest free of S."""

    antiderivative: Element
    rest: Element
    units: Sequence[tuple[Element, Element]] = ()


def integrate_radical(
    field: DifferentialField, b: Element, subset: Subset, level: int
) -> Radical | NoLogarithm:
    """The integral of B S for a product S of roots over K_level, or why it is not elementary.

    Raises NeedsExtension where residues leave it open, Undecided, NeedsRoot.
    """
    root = product_of(field, subset)
    y = solve_one(field, field.zero, b * root, level)
    if y is not None:
        return Radical(y, field.zero)
    left = _left_open(field, b, subset, level)
    if not left.pairs:
        return NoLogarithm(varies=left.varies)
    units = units_of_logarithms(field, subset, level, left.pole)
    if len(left.pairs) == 1 and units:
        return _by_logarithms(field, b, subset, level, units) or NoLogarithm(known=tuple(units))
    if left.pairs[0] != "0" and _is_no_torsion(field, left, field.tower[level]):
        if len(left.pairs) == 1:
            return NoLogarithm(has_infinite_order=True)
        if units:
            known = _by_logarithms(field, b, subset, level, units)
            return known or NoLogarithm(has_infinite_order=True, known=tuple(units))
    found = _units(field, left, field.tower[level])
    if found:
        return _by_units(field, b, subset, level, found) or NoLogarithm(units=tuple(found))
    raise NeedsExtension(LEFT_OPEN[left.pairs[0]])


def _is_no_torsion(field: DifferentialField, left: _Open, v: int) -> bool:
    if field.contains_any(left.radicand, [root.v for root in field.roots]):
        return False
    return has_infinite_order(field, left.radicand, v, left.pole)


def _units(field: DifferentialField, left: _Open, v: int) -> list[Element]:
    """A unit for each pair, with zeros and poles there; none where one is not of low degree."""
    if "0" in left.pairs or field.contains_any(left.radicand, [root.v for root in field.roots]):
        return []
    poles = [left.pole if pair == "residue" else None for pair in left.pairs]
    found = [unit_at(field, left.radicand, left.root, v, pole) for pole in poles]
    units = [unit for unit in found if unit is not None]
    return units if len(units) == len(poles) else []


def _by_logarithms(
    field: DifferentialField, b: Element, subset: Subset, level: int, units: Sequence[int]
) -> Radical | None:
    """The integral with multiples of some logarithms above K_level."""
    root = product_of(field, subset)
    slopes = [components(field, field.derivatives[v], field.roots_at(level)) for v in units]
    right = [b * root, *(slope[subset] * root for slope in slopes)]
    for (first, *others), y in solve(field, field.zero, right, level):
        if first:
            antiderivative, rest = y / first, field.zero
            for v, c, slope in zip(units, others, slopes, strict=True):
                antiderivative = antiderivative - c / first * field.variable(v)
                rest = rest + c / first * slope.get(frozenset(), field.zero)
            return Radical(antiderivative, rest)
    return None


def _by_units(
    field: DifferentialField, b: Element, subset: Subset, level: int, units: Sequence[Element]
) -> Radical | None:
    """The integral with multiples of the logarithms of units."""
    root, roots = product_of(field, subset), field.roots_at(level)
    slopes = [components(field, field.derive(unit) / unit, roots) for unit in units]
    right = [b * root, *(slope[subset] * root for slope in slopes)]
    for (first, *others), y in solve(field, field.zero, right, level):
        if first:
            factors = [c / first for c in others]
            rest = field.zero
            for c, slope in zip(factors, slopes, strict=True):
                rest = rest + c * slope.get(frozenset(), field.zero)
            logarithms = [(-c, unit) for c, unit in zip(factors, units, strict=True) if c]
            return Radical(y / first, rest, logarithms)
    return None


def _left_open(field: DifferentialField, b: Element, subset: Subset, level: int) -> _Open:
    """Where B S may have residues. Raises NeedsExtension for several finite places of x."""
    v = field.tower[level]
    below = field.roots_beneath(level)
    square = product_of(field, subset) ** 2
    if field.contains_any(square, below):
        factor, radicand = field.one, square
    else:
        factor, radicand = squarefree_radicand(field, square)
    root = product_of(field, subset) / factor
    half_slope = field.derive(radicand) / radicand.scaled(2)
    b, poles = _hermite(field, b * factor, radicand, half_slope, v)
    if field.kind[v] is Kind.BASE:
        return _left_open_in_x(field, b, poles, radicand, root, v)
    if field.degree(poles, v) > 0:
        if _residues_vary(field, b, poles, radicand, v):
            return _Open([], radicand, root, varies=True)
        raise NeedsExtension(LEFT_OPEN["residue"])
    parts = field.laurent(radicand, v)
    highest, lowest = max(parts), min(parts)
    pairs = ["oo"] if highest % 2 == 0 and _may_be_square(field, parts[highest], below) else []
    if field.is_exponential(v) and lowest % 2 == 0 and _may_be_square(field, parts[lowest], below):
        pairs.append("0")
    return _Open(pairs, radicand, root)


def _left_open_in_x(
    field: DifferentialField, b: Element, poles: Polynomial, radicand: Element, root: Element, x: int
) -> _Open:
    pairs, pole = [], None
    if field.degree(poles, x) > 0:
        if field.degree(poles, x) > 1:
            raise NeedsExtension(LEFT_OPEN["residue"])
        parts = field.coefficients(poles, x)
        pole = -(field.of(parts[0]) / field.of(parts[1])) if 0 in parts else field.zero
        pairs.append("residue")
    if field.degree(radicand.numerator, x) % 2 == 0 and _has_residue_at_infinity(field, b, radicand, x):
        pairs.append("residue at oo")
    return _Open(pairs, radicand, root, pole)


def _may_be_square(field: DifferentialField, f: Element, roots: Sequence[int]) -> bool:
    """Whether an element may be a constant times a square in the field with these roots."""
    if field.contains_any(f, roots):
        return True
    for subset in subsets(roots):
        square = product_of(field, subset) ** 2
        if field.contains_any(square, roots):
            return True
        if field.is_constant(squarefree_radicand(field, f * square)[1]):
            return True
    return False


def _hermite(
    field: DifferentialField, b: Element, radicand: Element, half_slope: Element, v: int
) -> tuple[Element, Polynomial]:
    """(c, d): B S = D(y S) + c S, the normal denominator d of c away from R, and squarefree."""
    for _ in range(MOST_STEPS):
        poles = normal_part(field, b.denominator, v)
        if field.degree(poles, v) == 0:
            return b, poles
        if any(field.contains(radicand, root.v) for root in field.roots):
            raise NeedsExtension("residues in a field with a root of roots")
        poles = away(field, poles, radicand.numerator, v)
        multiplicity, factor = _highest(field, poles, v)
        if multiplicity == 1:
            return b, poles
        b = _lowered(field, b, field.of(factor), multiplicity, half_slope, v)
    raise Undecided("poles of high order")


def _highest(field: DifferentialField, p: Polynomial, v: int) -> tuple[int, Polynomial]:
    """The highest multiplicity of factors of p, and the product of those that have it."""
    multiplicity = 1
    repeated = repeated_part(field, p, v)
    while field.degree(repeated, v) > 0:
        p, repeated = repeated, repeated_part(field, repeated, v)
        multiplicity += 1
    return multiplicity, p


def _lowered(
    field: DifferentialField, b: Element, factor: Element, multiplicity: int, half_slope: Element, v: int
) -> Element:
    """b - Dy - y DS/S for a y = a/factor^(multiplicity - 1) that takes away the poles of highest order."""
    modulus = coefficients_of(field, factor, v)
    rest = b * factor**multiplicity
    above = divided(field, coefficients_of(field, field.of(rest.numerator), v), modulus)[1]
    below = divided(field, coefficients_of(field, field.of(rest.denominator), v), modulus)[1]
    slope = divided(field, coefficients_of(field, field.derive(factor).scaled(1 - multiplicity), v), modulus)[
        1
    ]
    below = divided(field, product(field, below, slope), modulus)[1]
    a = divided(field, product(field, above, inverse_modulo(field, below, modulus)), modulus)[1]
    y = element_of(field, a, v) / factor ** (multiplicity - 1)
    return b - field.derive(y) - half_slope * y


def _residues_vary(
    field: DifferentialField, b: Element, poles: Polynomial, radicand: Element, v: int
) -> bool:
    """Whether the squares of the residues at these poles are different at two points."""
    numerator = field.reduced(b.numerator, b.denominator / poles)
    found = []
    for polynomial in _residue_squares(field, numerator, poles, radicand, v):
        found.append(polynomial)
        if len(found) == 2:
            return bool(found[0] != found[1])
    raise Undecided("too few points")


def _residue_squares(
    field: DifferentialField, numerator: Element, poles: Polynomial, radicand: Element, v: int
) -> Iterator[Univariate]:
    """The polynomial of the (numerator/D(poles))^2 R at the roots of poles, at one point after the other."""
    slope, common = field.derive_polynomial(poles, field.tower.index(v))
    for point in field.places(constants_move=False):
        modulus = field.univariate(poles, v, point)
        if modulus.degree() != field.degree(poles, v):
            continue

        def at(p: Polynomial, point: tuple[int, ...] = point, modulus: Univariate = modulus) -> Univariate:
            return field.univariate(p, v, point) % modulus

        above = at(numerator.numerator) * at(common) % modulus
        below = at(numerator.denominator) * at(slope) % modulus
        above = above * above % modulus * at(radicand.numerator) % modulus
        below = below * below % modulus * at(radicand.denominator) % modulus
        divisor, inverse, _ = below.xgcd(modulus)
        if divisor.degree() == 0:
            yield characteristic_polynomial(above * inverse % modulus, modulus)


def _has_residue_at_infinity(field: DifferentialField, b: Element, radicand: Element, v: int) -> bool:
    """Whether the expansion of B S at infinity has a term 1/x; R has even degree there."""
    prime, point = field.prime, next(field.places(constants_move=False))
    series = [
        [int(c) for c in field.univariate(p, v, point).coeffs()][::-1]
        for p in (radicand.numerator, b.numerator, b.denominator)
    ]
    root, above, below = series
    order = len(above) - len(below) + (len(root) - 1) // 2 + 1  # of the term 1/x in the product of the series
    if order < 0:
        return False
    quotient = _quotient_series(above, below, order + 1, prime)
    squared = _root_series(root, order + 1, prime)
    return sum(quotient[j] * squared[order - j] for j in range(order + 1)) % prime != 0


def _root_series(a: list[int], length: int, prime: int) -> list[int]:
    """The square root of the series a/a_0."""
    inverse, half = pow(a[0], -1, prime), pow(2, -1, prime)
    a = [c * inverse % prime for c in a] + [0] * length
    root = [1]
    for j in range(1, length):
        root.append((a[j] - sum(root[i] * root[j - i] for i in range(1, j))) * half % prime)
    return root


def _quotient_series(a: list[int], b: list[int], length: int, prime: int) -> list[int]:
    """The quotient of two series."""
    inverse = pow(b[0], -1, prime)
    quotient: list[int] = []
    for j in range(length):
        rest = (a[j] if j < len(a) else 0) - sum(
            quotient[i] * b[j - i] for i in range(max(0, j - len(b) + 1), j)
        )
        quotient.append(rest * inverse % prime)
    return quotient
