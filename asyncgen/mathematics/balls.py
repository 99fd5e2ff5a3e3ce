"""What each token does to power series of length two over complex balls: a value and a derivative.

Where values alone are wanted, the series have length one; flint's `ctx.cap` says so. Elementary functions
take longer series, too: second derivatives come from those of length three.

`FUNCTIONS` has an entry for every operator of `tokens.ARITY` except the powers, which need their
exponent as it is written (see `values`). Branches are principal. Where a function is undefined,
or analytic nowhere near, an entry raises ValueError or gives balls that are not finite; `values`
makes one thing of both.
"""

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial, reduce
from math import lcm, prod
from typing import Any

from flint import acb, acb_series, arb, ctx, fmpq, fmpz_poly

from asyncgen.problems.polynomials import Polynomial

Series = acb_series
Operation = Callable[..., Series]
Step = tuple[Operation, tuple[int, ...]]  # an operation and the registers it reads

UNASKED = acb(0)  # in the place of a value where the derivative alone is wanted


def _lift(value: acb, slope: acb, inner: Series) -> Series:
    """A function whose value and derivative at the inner value are known, by the chain rule."""
    if ctx.cap == 1:
        return acb_series([value])
    if inner.prec < 2:
        raise ValueError("the inner derivative is not known")
    if ctx.cap > 2:
        raise ValueError("only the first derivative is known")
    return acb_series([value, slope * inner[1]])


def _along(inner: Series, value: acb, slope: Callable[[Any], Any]) -> Series:
    """A function whose value at the inner value is known, and whose derivative is this function."""
    if ctx.cap < 3:
        return _lift(value, slope(inner[0]), inner)
    result: Series = value + (slope(inner) * inner.derivative()).integral()
    return result


def _with_value(value: acb, series: Series) -> Series:
    return acb_series([value, series[1]])


def _constant(series: Series) -> acb:
    """A parameter: a series that does not depend on x, unless values alone are wanted."""
    if ctx.cap > 1 and (series.prec < 2 or not series[1].is_zero()):
        raise ValueError("a parameter depends on x")
    return series[0]


def multiply(u: Series, v: Series) -> Series:
    product = u * v
    return product if product.length() else _zero(product, u, v)


def divide(u: Series, v: Series) -> Series:
    quotient = u / v
    return quotient if quotient.length() else _zero(quotient, u, v)


def _zero(result: Series, *operands: Series) -> Series:
    """A result of 0, unless it is 0 times something undefined, which flint takes for 0."""
    for operand in operands:
        if not all(operand[place].is_finite() for place in range(ctx.cap)):
            raise ValueError("0 times something undefined")
    return result


def power(base: Series, exponent: Series) -> Series:
    """exp(exponent log(base)); 0 to a power is 0 where its real part is positive, and 1 where it is 0."""
    if base.length():
        return (exponent * base.log()).exp()
    if exponent.length() and not exponent[0].real > 0:
        raise ValueError("0 to a power that is not known to be positive")
    return acb_series([0 if exponent.length() else 1])


def square_root(u: Series) -> Series:
    return u.sqrt() if u.length() else u


def _real_sign(series: Series) -> int:
    """The sign of a series known to be real and not 0; abs and sign are analytic nowhere else."""
    value = series[0]
    if not all(series[place].imag.is_zero() for place in range(max(2, ctx.cap))):
        raise ValueError("not known to be real")
    if value.real > 0:
        return 1
    if value.real < 0:
        return -1
    raise ValueError("the sign is not known")


def absolute(u: Series) -> Series:
    if ctx.cap == 1 and u[0].imag.is_zero():
        return acb_series([abs(u[0].real)])
    return u if _real_sign(u) > 0 else -u


def sign(u: Series) -> Series:
    if ctx.cap == 1 and u[0].imag.is_zero() and u[0].real.rad() > 0 and u[0].real.contains(0):
        return acb_series([arb(0, 1)])
    return acb_series([_real_sign(u)])


def asin(u: Series) -> Series:
    return _along(u, u[0].asin(), lambda z: (1 - z * z).rsqrt())


def acos(u: Series) -> Series:
    return _along(u, u[0].acos(), lambda z: -(1 - z * z).rsqrt())


def asinh(u: Series) -> Series:
    return _along(u, u[0].asinh(), lambda z: (1 + z * z).rsqrt())


def acosh(u: Series) -> Series:
    return _along(u, u[0].acosh(), lambda z: (z - 1).rsqrt() * (z + 1).rsqrt())


def atanh(u: Series) -> Series:
    return _along(u, u[0].atanh(), lambda z: 1 / (1 - z * z))


def sinh(u: Series) -> Series:
    if ctx.cap > 2:
        return (u.exp() - (-u).exp()) / 2
    value, slope = u[0].sinh_cosh()
    return _lift(value, slope, u)


def cosh(u: Series) -> Series:
    if ctx.cap > 2:
        return (u.exp() + (-u).exp()) / 2
    slope, value = u[0].sinh_cosh()
    return _lift(value, slope, u)


def tanh(u: Series) -> Series:
    if ctx.cap > 2:
        return sinh(u) / cosh(u)
    z = u[0]
    return _lift(z.tanh(), z.sech() ** 2, u)


def polylog(order: Series, u: Series) -> Series:
    s, z = _constant(order), u[0]
    return _lift(z.polylog(s), z.polylog(s - 1) / z, u)


def polylog_slope(order: Series, u: Series) -> Series:
    s, z = _constant(order), u[0]
    return _lift(UNASKED, z.polylog(s - 1) / z, u)


def polylog_value(order: Fraction, u: Series) -> Series:
    """Li of a rational order, its value alone: the slope, 0 here, is for polylog_of_values to say."""
    z = u[0]
    if order == 1:
        return acb_series([-(1 - z).log()])
    return acb_series([z.polylog(acb(fmpq(order.numerator, order.denominator)))])


def polylog_of_values(value: Series, lower: Series, u: Series) -> Series:
    """Li of u from its value and that of the order below."""
    return _with_value(value[0], polylog_slope_of_values(lower, u))


def polylog_slope_of_values(lower: Series, u: Series) -> Series:
    return _lift(UNASKED, lower[0] / u[0], u)


def expint(order: Series, u: Series) -> Series:
    s, z = _constant(order), u[0]
    return _lift(z.expint(s), -z.expint(s - 1), u)


def expint_slope(order: Series, u: Series) -> Series:
    s, z = _constant(order), u[0]
    return _lift(UNASKED, -z.expint(s - 1), u)


def uppergamma(order: Series, u: Series) -> Series:
    return acb_series.gamma_upper(_constant(order), u)


def lowergamma(order: Series, u: Series) -> Series:
    return acb_series.gamma_lower(_constant(order), u)


def elliptic_f(u: Series, parameter: Series) -> Series:
    return _with_value(acb.elliptic_f(u[0], _constant(parameter)), elliptic_f_slope(u, parameter))


def elliptic_f_slope(u: Series, parameter: Series) -> Series:
    z, m = u[0], _constant(parameter)
    return _lift(UNASKED, (1 - m * z.sin() ** 2).rsqrt(), u)


def elliptic_e(u: Series, parameter: Series) -> Series:
    return _with_value(acb.elliptic_e_inc(u[0], _constant(parameter)), elliptic_e_slope(u, parameter))


def elliptic_e_slope(u: Series, parameter: Series) -> Series:
    z, m = u[0], _constant(parameter)
    return _lift(UNASKED, (1 - m * z.sin() ** 2).sqrt(), u)


def elliptic_pi(characteristic: Series, u: Series, parameter: Series) -> Series:
    value = acb.elliptic_pi_inc(_constant(characteristic), u[0], _constant(parameter))
    return _with_value(value, elliptic_pi_slope(characteristic, u, parameter))


def elliptic_pi_slope(characteristic: Series, u: Series, parameter: Series) -> Series:
    n, z, m = _constant(characteristic), u[0], _constant(parameter)
    square = z.sin() ** 2
    return _lift(UNASKED, (1 - m * square).rsqrt() / (1 - n * square), u)


def hypergeometric(upper: int, *operands: Series) -> Series:
    """pFq(a; b; z), of which the first `upper` operands are a, then b, then z."""
    *parameters, u = operands
    values = [_constant(parameter) for parameter in parameters]
    value = u[0].hypgeom([*values[:upper]], [*values[upper:]])
    return _with_value(value, hypergeometric_slope(upper, *operands))


def hypergeometric_slope(upper: int, *operands: Series) -> Series:
    """prod(a)/prod(b) * pFq(a + 1; b + 1; z)."""
    *parameters, u = operands
    values = [_constant(parameter) for parameter in parameters]
    scale = prod(values[:upper], start=acb(1)) / prod(values[upper:], start=acb(1))
    above = [value + 1 for value in values]
    return _lift(UNASKED, scale * u[0].hypgeom([*above[:upper]], [*above[upper:]]), u)


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


def _of_inverse(function: Callable[[Series], Series]) -> Callable[[Series], Series]:
    """acot(u) = atan(1/u) and the like, which is how SymPy defines their branches."""
    return lambda u: function(u.inv())


def _inverse_of(function: Callable[[Series], Series]) -> Callable[[Series], Series]:
    return lambda u: function(u).inv()


HYPERGEOMETRIC: dict[str, tuple[int, int]] = {
    f"hyp{p}f{q}": (p, q) for p, q in ((0, 1), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2))
}

FUNCTIONS: dict[str, Operation] = {
    "add": lambda u, v: u + v,
    "sub": lambda u, v: u - v,
    "mul": multiply,
    "div": divide,
    "sqrt": square_root,
    "exp": acb_series.exp,
    "ln": acb_series.log,
    "abs": absolute,
    "sign": sign,
    "sin": acb_series.sin,
    "cos": acb_series.cos,
    "tan": acb_series.tan,
    "cot": _inverse_of(acb_series.tan),
    "sec": _inverse_of(acb_series.cos),
    "csc": _inverse_of(acb_series.sin),
    "asin": asin,
    "acos": acos,
    "atan": acb_series.atan,
    "acot": _of_inverse(acb_series.atan),
    "asec": _of_inverse(acos),
    "acsc": _of_inverse(asin),
    "sinh": sinh,
    "cosh": cosh,
    "tanh": tanh,
    "coth": _inverse_of(tanh),
    "sech": _inverse_of(cosh),
    "csch": _inverse_of(sinh),
    "asinh": asinh,
    "acosh": acosh,
    "atanh": atanh,
    "acoth": _of_inverse(atanh),
    "asech": _of_inverse(acosh),
    "acsch": _of_inverse(asinh),
    "erf": acb_series.erf,
    "erfc": acb_series.erfc,
    "erfi": acb_series.erfi,
    "Ei": acb_series.ei,
    "li": acb_series.li,
    "Si": acb_series.si,
    "Ci": acb_series.ci,
    "Shi": acb_series.shi,
    "Chi": acb_series.chi,
    "fresnels": acb_series.fresnel_s,
    "fresnelc": acb_series.fresnel_c,
    "gamma": acb_series.gamma,
    "loggamma": acb_series.lgamma,
    "LambertW": acb_series.lambertw,
    "polylog": polylog,
    "lowergamma": lowergamma,
    "uppergamma": uppergamma,
    "expint": expint,
    "elliptic_f": elliptic_f,
    "elliptic_e": elliptic_e,
    "elliptic_pi": elliptic_pi,
    **{name: partial(hypergeometric, p) for name, (p, _) in HYPERGEOMETRIC.items()},
}

# What takes a fraction of the time where the value is not wanted, and the first operand that it needs.
SLOPES: dict[Operation, tuple[Operation, int]] = {
    polylog: (polylog_slope, 0),
    polylog_of_values: (polylog_slope_of_values, 1),
    expint: (expint_slope, 0),
    elliptic_f: (elliptic_f_slope, 0),
    elliptic_e: (elliptic_e_slope, 0),
    elliptic_pi: (elliptic_pi_slope, 0),
    **{FUNCTIONS[name]: (partial(hypergeometric_slope, p), 0) for name, (p, _) in HYPERGEOMETRIC.items()},
}

# Finite where their slope is not: acos(1) is 0 though its slope there is infinite. A constant has no slope.
OF_CONSTANTS: dict[Operation, Operation] = {
    square_root: lambda u: acb_series([u[0].sqrt()]),
    asin: lambda u: acb_series([u[0].asin()]),
    acos: lambda u: acb_series([u[0].acos()]),
    acosh: lambda u: acb_series([u[0].acosh()]),
}
