"""What each token does to power series of length two over complex balls: a value and a derivative.

Where values alone are wanted, the series have length one; flint's `ctx.cap` says so. Elementary functions
take longer series, too: second derivatives come from those of length three.

`FUNCTIONS` has an entry for every operator of `tokens.ARITY` except the powers, which need their
exponent as it is written (see `values`). Branches are principal. Where a function is undefined,
or analytic nowhere near, an entry raises ValueError or gives balls that are not finite; `values`
makes one thing of both.
"""

from collections.abc import Callable
from functools import partial

from flint import acb_series, arb, ctx

from asyncgen.mathematics.series import Operation, Series, along, lift
from asyncgen.mathematics.special_balls import (
    HYPERGEOMETRIC,
    elliptic_e,
    elliptic_e_slope,
    elliptic_f,
    elliptic_f_slope,
    elliptic_pi,
    elliptic_pi_slope,
    expint,
    expint_slope,
    hypergeometric,
    hypergeometric_slope,
    lowergamma,
    polylog,
    polylog_of_values,
    polylog_slope,
    polylog_slope_of_values,
    uppergamma,
)


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
    return along(u, u[0].asin(), lambda z: (1 - z * z).rsqrt())


def acos(u: Series) -> Series:
    return along(u, u[0].acos(), lambda z: -(1 - z * z).rsqrt())


def asinh(u: Series) -> Series:
    return along(u, u[0].asinh(), lambda z: (1 + z * z).rsqrt())


def acosh(u: Series) -> Series:
    return along(u, u[0].acosh(), lambda z: (z - 1).rsqrt() * (z + 1).rsqrt())


def atanh(u: Series) -> Series:
    return along(u, u[0].atanh(), lambda z: 1 / (1 - z * z))


def sinh(u: Series) -> Series:
    if ctx.cap > 2:
        return (u.exp() - (-u).exp()) / 2
    value, slope = u[0].sinh_cosh()
    return lift(value, slope, u)


def cosh(u: Series) -> Series:
    if ctx.cap > 2:
        return (u.exp() + (-u).exp()) / 2
    slope, value = u[0].sinh_cosh()
    return lift(value, slope, u)


def tanh(u: Series) -> Series:
    if ctx.cap > 2:
        return sinh(u) / cosh(u)
    z = u[0]
    return lift(z.tanh(), z.sech() ** 2, u)


def _of_inverse(function: Callable[[Series], Series]) -> Callable[[Series], Series]:
    """acot(u) = atan(1/u) and the like, which is how SymPy defines their branches."""
    return lambda u: function(u.inv())


def _inverse_of(function: Callable[[Series], Series]) -> Callable[[Series], Series]:
    return lambda u: function(u).inv()


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
