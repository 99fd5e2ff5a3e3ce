"""The poles of y with D y + f y = g at the finite places of F(v)(S), S^2 = R squarefree and in f.

At a place where f has a pole of higher order than D makes, that of y is one of g/f. Elsewhere D y has a pole
of one order more than y (of two at a place where S is ramified, counted there), unless residues of f are
positive integers: with those nothing is claimed. At v = 0, for a hyperexponential v, D raises no order.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor, inf

from asyncgen.mathematics.engines.risch.denominators import normal_part, primitive_part, squarefree_factors
from asyncgen.mathematics.engines.risch.residues import integer_roots, residue_at, residue_polynomials
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import Univariate, matrix, univariate
from asyncgen.mathematics.fields.roots import parted

LEFT_OPEN = "a root in an exponent"


def known_fraction(
    field: DifferentialField, f: Element, g: Sequence[Element], radicand: Element, level: int, s: int
) -> Element:
    """An element h of F(v) for which y/h has no pole at a finite place. Raises NeedsExtension, Undecided.

    radicand: S^2, squarefree and free of roots.
    """
    v = field.tower[level]
    even, odd = parted(field, f, s)
    bottoms = [even.denominator, odd.denominator, *(g_i.denominator for g_i in g)]
    result = field.one
    for p in _coprime_base(field, [*bottoms, radicand.numerator], v):
        pole_even, pole_odd, *poles = (_multiplicity(p, bottom) for bottom in bottoms)
        pole = max(poles, default=0)
        if _multiplicity(p, radicand.numerator):
            order = _order_ramified(field, v, p, even, (pole_even, pole_odd, pole))
        else:
            order = _order(field, v, p, (even, odd, radicand), (pole_even, pole_odd, pole))
        result = result * field.of(p) ** order
    if field.is_exponential(v):
        result = result * field.power(v, _order_at_zero(field, (even, odd), g, radicand, v, s))
    return result


def _multiplicity(p: Polynomial, q: Polynomial) -> int:
    """How often p divides q."""
    count = 0
    while q and (divided := divmod(q, p))[1] == 0:
        q, count = divided[0], count + 1
    return count


def _coprime_base(field: DifferentialField, polynomials: Sequence[Polynomial], v: int) -> list[Polynomial]:
    """Squarefree polynomials without common factors of which the normal parts are products."""
    base: list[Polynomial] = []
    for polynomial in polynomials:
        for factor, _ in squarefree_factors(field, normal_part(field, polynomial, v)):
            base = _refined(field, base, factor, v)
    return base


def _refined(
    field: DifferentialField, base: Sequence[Polynomial], factor: Polynomial, v: int
) -> list[Polynomial]:
    """The base, split so that it goes for one more squarefree factor."""
    found = []
    for p in base:
        common = p.gcd(factor)
        if field.degree(common, v) == 0:
            found.append(p)
            continue
        factor = primitive_part(field, factor / common, v)
        found += [part for part in (common, primitive_part(field, p / common, v)) if field.degree(part, v)]
    return [*found, factor] if field.degree(factor, v) else found


# -- orders of y -----------------------------------------------------------------------------------------


def _order(
    field: DifferentialField,
    v: int,
    p: Polynomial,
    parts: tuple[Element, Element, Element],
    poles: tuple[int, int, int],
) -> int:
    """A lower bound for the order of y where p = 0 and S is not ramified; the poles are those of f and g."""
    of_even, of_odd, of_g = poles
    of_f = max(of_even, of_odd)
    if of_f > 1:
        if of_even == of_odd:  # at one of the two places the pole may be a lower one
            raise NeedsExtension(LEFT_OPEN)
        return of_f - of_g
    if of_f == 1:
        _require_no_integer(field, _residues(field, v, p, *parts))
    return min(0, 1 - of_g)


def _order_ramified(
    field: DifferentialField, v: int, p: Polynomial, even: Element, poles: tuple[int, int, int]
) -> int:
    """The same where p divides R; half of the order there."""
    of_even, of_odd, of_g = poles
    of_f = max(2 * of_even, 2 * of_odd - 1)
    if of_f > 2:
        return floor(Fraction(of_f - 2 * of_g, 2))
    if of_even == 1:
        numerator = (even * field.of(p)).scaled(2)
        _require_no_integer(field, residue_polynomials(field, numerator, p, v, wanted=1)[0])
    return min(0, 1 - of_g)


def _require_no_integer(field: DifferentialField, residues: Univariate) -> None:
    """See to it that no residue is a positive integer."""
    if any(root > 0 for root in integer_roots(field, residues)):
        raise NeedsExtension(LEFT_OPEN)


def _residues(
    field: DifferentialField, v: int, p: Polynomial, even: Element, odd: Element, radicand: Element
) -> Univariate:
    """The polynomial of the residues of even + odd S at both places over each root of p."""
    factor = field.of(p)
    for point in field.places():
        found = [residue_at(field, element * factor, p, v, point) for element in (even, odd)]
        if found[0] is None or found[1] is None:
            continue
        (a, modulus), (b, _) = found[0], found[1]
        square = field.univariate(radicand.numerator, v, point) % modulus
        rows = [*_rows(a, b, modulus), *_rows(b * square % modulus, a, modulus)]
        size = 2 * modulus.degree()
        return matrix(size, size, [entry for row in rows for entry in row], field.prime).charpoly()
    raise Undecided("too few points")


def _rows(first: Univariate, second: Univariate, modulus: Univariate) -> list[list[int]]:
    """The coefficients of v^j first and v^j second."""
    n = modulus.degree()
    rows = []
    for _ in range(n):
        rows.append([int(part[j]) for part in (first, second) for j in range(n)])
        first, second = (part * univariate([0, 1], modulus.modulus()) % modulus for part in (first, second))
    return rows


def _order_at_zero(
    field: DifferentialField,
    f: tuple[Element, Element],
    g: Sequence[Element],
    radicand: Element,
    v: int,
    s: int,
) -> int:
    """A lower bound for the order of y at v = 0, v hyperexponential: D raises no order there."""
    of_root = Fraction(_lowest(radicand.numerator, v), 2)

    def orders(parts: tuple[Element, Element]) -> list[Fraction]:
        shifts = (Fraction(0), of_root)
        return [
            _lowest(part.numerator, v) - _lowest(part.denominator, v) + shift
            for part, shift in zip(parts, shifts, strict=True)
            if part
        ]

    of_f = orders(f)
    of_g = min((order for g_i in g for order in orders(parted(field, g_i, s))), default=inf)
    if min(of_f) == 0 or (min(of_f) < 0 and of_f[0] == of_f[-1] and len(of_f) == 2):
        raise NeedsExtension(LEFT_OPEN)
    bound = of_g - min(of_f) if min(of_f) < 0 else min(0, of_g)
    return 0 if bound == inf else floor(bound)


def _lowest(p: Polynomial, v: int) -> int:
    return min(int(monomial[v]) for monomial in p.monoms())
