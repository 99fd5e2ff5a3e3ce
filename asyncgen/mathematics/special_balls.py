"""What special functions with parameters, and sums over roots, do to power series over complex balls.

Each derivative is there alone, too, as it often takes a fraction of the time; `balls` has the tables.
"""

import operator
from fractions import Fraction
from functools import lru_cache, reduce
from math import lcm, prod
from typing import Any

from flint import acb, acb_series, ctx, fmpq, fmpz_poly

from asyncgen.mathematics.series import UNASKED, Series, lift, parameter_of, with_value
from asyncgen.problems.polynomials import Polynomial

HYPERGEOMETRIC: dict[str, tuple[int, int]] = {
    f"hyp{p}f{q}": (p, q) for p, q in ((0, 1), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2))
}


def polylog(order: Series, u: Series) -> Series:
    s, z = parameter_of(order), u[0]
    return lift(z.polylog(s), z.polylog(s - 1) / z, u)


def polylog_slope(order: Series, u: Series) -> Series:
    s, z = parameter_of(order), u[0]
    return lift(UNASKED, z.polylog(s - 1) / z, u)


def polylog_value(order: Fraction, u: Series) -> Series:
    """Li of a rational order, its value alone: the slope, 0 here, is for polylog_of_values to say."""
    z = u[0]
    if order == 1:
        return acb_series([-(1 - z).log()])
    return acb_series([z.polylog(acb(fmpq(order.numerator, order.denominator)))])


def polylog_of_values(value: Series, lower: Series, u: Series) -> Series:
    """Li of u from its value and that of the order below."""
    return with_value(value[0], polylog_slope_of_values(lower, u))


def polylog_slope_of_values(lower: Series, u: Series) -> Series:
    return lift(UNASKED, lower[0] / u[0], u)


def expint(order: Series, u: Series) -> Series:
    s, z = parameter_of(order), u[0]
    return lift(z.expint(s), -z.expint(s - 1), u)


def expint_slope(order: Series, u: Series) -> Series:
    s, z = parameter_of(order), u[0]
    return lift(UNASKED, -z.expint(s - 1), u)


def uppergamma(order: Series, u: Series) -> Series:
    return acb_series.gamma_upper(parameter_of(order), u)


def lowergamma(order: Series, u: Series) -> Series:
    return acb_series.gamma_lower(parameter_of(order), u)


def elliptic_f(u: Series, parameter: Series) -> Series:
    return with_value(acb.elliptic_f(u[0], parameter_of(parameter)), elliptic_f_slope(u, parameter))


def elliptic_f_slope(u: Series, parameter: Series) -> Series:
    z, m = u[0], parameter_of(parameter)
    return lift(UNASKED, (1 - m * z.sin() ** 2).rsqrt(), u)


def elliptic_e(u: Series, parameter: Series) -> Series:
    return with_value(acb.elliptic_e_inc(u[0], parameter_of(parameter)), elliptic_e_slope(u, parameter))


def elliptic_e_slope(u: Series, parameter: Series) -> Series:
    z, m = u[0], parameter_of(parameter)
    return lift(UNASKED, (1 - m * z.sin() ** 2).sqrt(), u)


def elliptic_pi(characteristic: Series, u: Series, parameter: Series) -> Series:
    value = acb.elliptic_pi_inc(parameter_of(characteristic), u[0], parameter_of(parameter))
    return with_value(value, elliptic_pi_slope(characteristic, u, parameter))


def elliptic_pi_slope(characteristic: Series, u: Series, parameter: Series) -> Series:
    n, z, m = parameter_of(characteristic), u[0], parameter_of(parameter)
    square = z.sin() ** 2
    return lift(UNASKED, (1 - m * square).rsqrt() / (1 - n * square), u)


def hypergeometric(upper: int, *operands: Series) -> Series:
    """pFq(a; b; z), of which the first `upper` operands are a, then b, then z."""
    *parameters, u = operands
    values = [parameter_of(parameter) for parameter in parameters]
    value = u[0].hypgeom([*values[:upper]], [*values[upper:]])
    return with_value(value, hypergeometric_slope(upper, *operands))


def hypergeometric_slope(upper: int, *operands: Series) -> Series:
    """prod(a)/prod(b) * pFq(a + 1; b + 1; z)."""
    *parameters, u = operands
    values = [parameter_of(parameter) for parameter in parameters]
    scale = prod(values[:upper], start=acb(1)) / prod(values[upper:], start=acb(1))
    above = [value + 1 for value in values]
    return lift(UNASKED, scale * u[0].hypgeom([*above[:upper]], [*above[upper:]]), u)


def total(*terms: Series) -> Series:
    """The sum of one term or more."""
    return reduce(operator.add, terms)


def root_at(polynomial: Polynomial, place: int) -> Series:
    """One of the roots of a polynomial, at the precision that holds now; it is a constant."""
    return acb_series([_roots(polynomial, ctx.prec)[place]])


@lru_cache(maxsize=64)
def _roots(polynomial: Polynomial, bits: int) -> list[acb]:
    """All roots in balls that hold one each, as often as they are roots; `bits` is flint's precision now.

    flint tells real roots for certain, and gives them without an imaginary part.
    """
    scale = lcm(*[coefficient.denominator for coefficient in polynomial])
    integers = fmpz_poly([int(coefficient * scale) for coefficient in polynomial])
    found: Any = integers.complex_roots()  # pairs, which its annotation does not know
    return [root for root, times in found for _ in range(times)]
