"""Integrals of x^k/S, S^2 = c0 + c1 x^n, as Gauss's hypergeometric function.

By the binomial series, x^(k+1)/(k+1) 2F1(1/2, a; a + 1; -c x^n), a = (k + 1)/n, has the derivative
x^k/sqrt(1 + c x^n). So it has with -n and c0/c1 in the place of n and c = c1/c0, the series at infinity.
"""

from asyncgen.mathematics.engines.risch.constants import Constants
from asyncgen.mathematics.engines.risch.special.roots import is_positive
from asyncgen.mathematics.engines.risch.special.terms import Candidate, Function, Root, Term
from asyncgen.mathematics.fields.field import DifferentialField, Kind

HIGHEST_DEGREE = 16  # n


def binomial_candidates(field: DifferentialField, constants: Constants, root: Root) -> list[Candidate]:
    """For each k that can be needed; S times the slopes are the derivatives. None for another radicand."""
    x = field.tower[0]
    parts = field.laurent(root.radicand, x) if field.kind[x] is Kind.BASE else {}
    n = max(parts, default=0)
    if set(parts) != {0, n} or not 2 < n <= HIGHEST_DEGREE:
        return []
    if not all(field.is_constant(c) for c in parts.values()):
        return []
    at_infinity = n % 2 == 0 and is_positive(constants, parts[n]) and not is_positive(constants, parts[0])
    first, second = (parts[n], parts[0]) if at_infinity else (parts[0], parts[n])
    below = n // 2 if at_infinity else 0
    quotient = field.power(x, below) * root.factor
    has_sign = below % 2 == 1 or not is_positive(constants, first) or not is_positive(constants, root.factor)
    arguments = field.zero if has_sign else first, quotient, field.variable(x), second / first
    inverse = root.radicand.inverse()
    found = []
    for k in range(n - 1):
        if 2 * (k + 1) != n:  # otherwise it is elementary
            parameters = -n if at_infinity else n, k - below, root.v
            term = Term(field.one, field.zero, Function.BINOMIAL, arguments, parameters)
            found.append(Candidate(field.power(x, k) * inverse, term))
    return found
