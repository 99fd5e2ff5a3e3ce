"""Polynomials over a tower: contents, squarefree parts, and what of a denominator is normal or special.

A polynomial p of K_l-1[t] is normal if gcd(p, Dp) = 1, special if p divides Dp (Bronstein 3.4). In a
primitive t only what is free of t is special; in a hyperexponential one, powers of t are, too (5.1).
"""

from asyncgen.mathematics.fields.element import Polynomial
from asyncgen.mathematics.fields.field import DifferentialField


def least_common_multiple(a: Polynomial, b: Polynomial) -> Polynomial:
    """A least common multiple of two polynomials."""
    return a * (b / a.gcd(b))


def content(field: DifferentialField, p: Polynomial, v: int) -> Polynomial:
    """The greatest common divisor of the coefficients of a polynomial in v."""
    common = field.null
    for coefficient in field.coefficients(p, v).values():
        common = common.gcd(coefficient)
        if common.is_constant():
            return field.unit
    return common


def primitive_part(field: DifferentialField, p: Polynomial, v: int) -> Polynomial:
    """The polynomial over its content in v; 1 where it is free of v."""
    if field.degree(p, v) == 0:
        return field.unit
    common = content(field, p, v)
    return p if common.is_constant() else p / common


def split(field: DifferentialField, p: Polynomial, v: int) -> tuple[Polynomial, Polynomial]:
    """(normal, special): the parts of a denominator that hold v, the normal one primitive (Bronstein 3.5)."""
    special = field.unit
    if field.is_exponential(v):
        exponent = min((int(monomial[v]) for monomial in p.monoms()), default=0)
        if exponent:
            special = field.generators[v] ** exponent
            p = p / special
    return primitive_part(field, p, v), special


def normal_part(field: DifferentialField, p: Polynomial, v: int) -> Polynomial:
    """The normal part of a denominator."""
    return split(field, p, v)[0]


def repeated_part(field: DifferentialField, p: Polynomial, v: int) -> Polynomial:
    """gcd(p, dp/dv), primitive: each irreducible factor once less than in p."""
    return primitive_part(field, p.gcd(p.derivative(v)), v)


def away(field: DifferentialField, p: Polynomial, q: Polynomial, v: int) -> Polynomial:
    """The part of p that is prime to q, primitive in v."""
    common = p.gcd(q)
    while field.degree(common, v) > 0:
        p = primitive_part(field, p / common, v)
        common = p.gcd(q)
    return p


def squarefree_factors(field: DifferentialField, p: Polynomial) -> list[tuple[Polynomial, int]]:
    """[(factor, multiplicity)] with squarefree factors prime to each other (Yun's way, a variable at a time).

    flint's own factor_squarefree fails for large primes, as its factor does.
    """
    found: list[tuple[Polynomial, int]] = []
    waiting = [p]
    while waiting:
        p = waiting.pop()
        if p.is_constant():
            continue
        v = max(i for i, degree in enumerate(p.degrees()) if degree > 0)
        common = content(field, p, v)
        if not common.is_constant():
            waiting.append(common)
            p = p / common
        found += _squarefree_in(p, v)
    return found


def _squarefree_in(p: Polynomial, v: int) -> list[tuple[Polynomial, int]]:
    """The squarefree factors of a polynomial that is primitive in v."""
    found: list[tuple[Polynomial, int]] = []
    repeated = p.gcd(p.derivative(v))
    left = p / repeated
    multiplicity = 1
    while not left.is_constant():
        next_left = left.gcd(repeated)
        factor = left / next_left
        if not factor.is_constant():
            found.append((factor, multiplicity))
        left, repeated = next_left, repeated / next_left
        multiplicity += 1
    return found
