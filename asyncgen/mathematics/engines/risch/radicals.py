"""f = A + B S with S^2 = R over a transcendental tower K, S inside no kernel: integrate it, or prove.

The automorphism S -> -S of K(S) shows that f is elementary exactly if A and B S are. B S is made D(y S) plus
what has simple poles only, away from R (Hermite reduction in K(S)). That must vanish, unless it has residues:
they stand at its poles, or at the places at infinity and, for a hyperexponential top variable, at 0, where S
is not ramified. Where residues do not vanish, torsion of divisors decides (Trager 1984), and nothing is
claimed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from asyncgen.mathematics.engines.risch.denominators import (
    normal_part,
    primitive_part,
    repeated_part,
    squarefree_factors,
)
from asyncgen.mathematics.engines.risch.equations import solve, solve_one
from asyncgen.mathematics.engines.risch.integration import Integral, NoSolution, integrate
from asyncgen.mathematics.engines.risch.residues import characteristic_polynomial
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import POINTS, DifferentialField, Kind
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.univariate import (
    coefficients_of,
    divided,
    element_of,
    inverse_modulo,
    product,
)

MOST_STEPS = 30  # of the Hermite reduction


@dataclass(frozen=True, slots=True)
class Radical:
    """S with S^2 = R: `v` is the variable S, `radicand` R, a squarefree polynomial."""

    v: int
    radicand: Element


@dataclass(frozen=True, slots=True)
class Primitive:
    """A variable theta whose derivative is `slope` * S."""

    v: int
    slope: Element


def squarefree_radicand(field: DifferentialField, u: Element) -> tuple[Element, Element]:
    """(q, r) with u = q^2 r, r a polynomial that is squarefree but for a number."""
    q, r = field.one, field.unit
    for factor, multiplicity in _moving(field, u.numerator):
        q = q * field.of(factor ** (multiplicity // 2))
        r = r * factor if multiplicity % 2 else r
    for factor, multiplicity in _moving(field, u.denominator):
        q = q / field.of(factor ** ((multiplicity + 1) // 2))
        r = r * factor if multiplicity % 2 else r
    rest = u / (q * q * field.of(r))  # a constant
    return q, field.of(r) * rest


def _moving(field: DifferentialField, p: Polynomial) -> list[tuple[Polynomial, int]]:
    """The squarefree factors that are not constant."""
    return [(factor, e) for factor, e in squarefree_factors(field, p) if field.level(factor) >= 0]


def apart(field: DifferentialField, f: Element, radical: Radical) -> tuple[Element, Element]:
    """(A, B) with f = A + B S. Raises Undecided for a divisor of zero."""
    a, b = _halves(field, f.numerator, radical)
    c, d = _halves(field, f.denominator, radical)
    norm = c * c - d * d * radical.radicand
    if not norm:
        raise Undecided("a divisor of zero")
    return (a * c - b * d * radical.radicand) / norm, (b * c - a * d) / norm


def _halves(field: DifferentialField, p: Polynomial, radical: Radical) -> tuple[Element, Element]:
    halves = [field.zero, field.zero]
    for j, coefficient in field.coefficients(p, radical.v).items():
        term = field.of(coefficient) * radical.radicand ** (j // 2)
        halves[j % 2] = halves[j % 2] + term
    return halves[0], halves[1]


def integrate_radical(
    field: DifferentialField, f: Element, radical: Radical, theta: Primitive | None
) -> Integral:
    """The integral of an element of K(S), or of K(S)[theta]. Raises NeedsExtension if unsure."""
    integral = Integral()
    pair = apart(field, f, radical) if theta is None else _lower(field, f, radical, theta, integral)
    if pair is not None:
        _integrate_pair(field, *pair, radical, integral)
    return integral


def _lower(
    field: DifferentialField, f: Element, radical: Radical, theta: Primitive, integral: Integral
) -> tuple[Element, Element] | None:
    """Integrate the powers of theta, from the highest down, each half by limited integration (5.8)."""
    if field.degree(f.denominator, theta.v):
        raise NeedsExtension("a fraction of an inverse function")
    level = len(field.tower) - 1
    half_slope = _half_slope(field, radical.radicand)
    if solve_one(field, half_slope, theta.slope, level) is not None:
        raise Undecided("an inverse function that is algebraic")
    parts = {j: apart(field, c, radical) for j, c in field.laurent(f, theta.v).items()}
    zero = field.zero, field.zero
    for j in range(max(parts, default=0), 0, -1):
        a, b = parts.get(j, zero)
        found = _limited(field, a, b, half_slope, theta, level)
        if found is None:
            integral.obstruction = NoSolution(half_slope, b if b else a, level, theta.v)
            return None
        free, factor, c = found
        s = field.variable(radical.v)
        integral.elements.append((free + factor * s) * field.power(theta.v, j))
        if c:
            integral.elements.append(c * field.power(theta.v, j + 1) * field.number(1, j + 1))
        a, b = parts.get(j - 1, zero)
        parts[j - 1] = (
            a - (factor * theta.slope * radical.radicand).scaled(j),
            b - (free * theta.slope).scaled(j),
        )
    return parts.get(0, zero)


def _limited(
    field: DifferentialField, a: Element, b: Element, half_slope: Element, theta: Primitive, level: int
) -> tuple[Element, Element, Element] | None:
    """(y, z, c) with a + b S = D(y + z S) + c D theta."""
    y = solve_one(field, field.zero, a, level) if a else field.zero
    if y is None:
        return None
    if not b:
        return y, field.zero, field.zero
    for constants, z in solve(field, half_slope, [b, theta.slope], level):
        if constants[0]:
            return y, z / constants[0], -(constants[1] / constants[0])
    return None


def _half_slope(field: DifferentialField, radicand: Element) -> Element:
    """DS/S = DR/2R."""
    return field.derive(radicand) / radicand.scaled(2)


def _integrate_pair(
    field: DifferentialField, a: Element, b: Element, radical: Radical, integral: Integral
) -> None:
    """A + B S."""
    rational = integrate(field, a)
    integral.elements += rational.elements
    integral.logarithms += rational.logarithms
    integral.obstruction = rational.obstruction
    if not b or integral.obstruction is not None:
        return
    half_slope = _half_slope(field, radical.radicand)
    y = solve_one(field, half_slope, b, len(field.tower) - 1)
    if y is not None:
        integral.elements.append(y * field.variable(radical.v))
        return
    _require_no_residues(field, b, radical.radicand, half_slope)
    integral.obstruction = NoSolution(half_slope, b, len(field.tower) - 1, radical.v)


def _require_no_residues(
    field: DifferentialField, b: Element, radicand: Element, half_slope: Element
) -> None:
    """Show that B S has no elementary integral. Raises NeedsExtension where residues leave it open."""
    v = _top_variable(field, b, radicand)
    b, poles = _hermite(field, b, radicand, half_slope, v)
    if field.degree(poles, v) > 0:
        if field.kind[v] is not Kind.BASE and _residues_vary(field, b, poles, radicand, v):
            return
        raise NeedsExtension("residues in a field with a root")
    parts = field.coefficients(radicand.numerator, v)
    highest, lowest = max(parts), min(parts)
    if field.kind[v] is Kind.BASE:
        if highest % 2 == 0 and _has_residue_at_infinity(field, b, radicand, v):
            raise NeedsExtension("a residue at infinity")
    elif highest % 2 == 0 and _is_square(field, parts[highest] * radicand.denominator):
        raise NeedsExtension("a place at infinity where the root is not ramified")
    elif (
        field.is_exponential(v)
        and lowest % 2 == 0
        and _is_square(field, parts[lowest] * radicand.denominator)
    ):
        raise NeedsExtension("a place at 0 where the root is not ramified")


def _top_variable(field: DifferentialField, b: Element, radicand: Element) -> int:
    for v in reversed(field.tower):
        if field.contains(radicand, v):
            return v
        if field.contains(b, v):
            break
    raise NeedsExtension("a root that is constant, or beneath the top of the tower")


def _is_square(field: DifferentialField, p: Polynomial) -> bool:
    return all(multiplicity % 2 == 0 for _, multiplicity in squarefree_factors(field, p))


def _hermite(
    field: DifferentialField, b: Element, radicand: Element, half_slope: Element, v: int
) -> tuple[Element, Polynomial]:
    """(c, d): B S = D(y S) + c S, the normal denominator d of c away from R, and squarefree."""
    for _ in range(MOST_STEPS):
        poles = _away(field, normal_part(field, b.denominator, v), radicand.numerator, v)
        multiplicity, factor = _highest(field, poles, v)
        if multiplicity == 1:
            return b, poles
        b = _lowered(field, b, field.of(factor), multiplicity, half_slope, v)
    raise Undecided("poles of high order")


def _away(field: DifferentialField, p: Polynomial, radicand: Polynomial, v: int) -> Polynomial:
    """The part of p that is prime to the radicand."""
    common = p.gcd(radicand)
    while field.degree(common, v) > 0:
        p = primitive_part(field, p / common, v)
        common = p.gcd(radicand)
    return p


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
    for number in range(POINTS):
        point = field.at_constants(number)
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
    prime, point = field.prime, field.at_constants(0)
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
