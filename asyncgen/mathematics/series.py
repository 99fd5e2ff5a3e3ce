"""Power series over complex balls: what every function of them needs."""

from collections.abc import Callable
from typing import Any

from flint import acb, acb_series, ctx

Series = acb_series
Operation = Callable[..., Series]
Step = tuple[Operation, tuple[int, ...]]  # an operation and the registers it reads

UNASKED = acb(0)  # in the place of a value where the derivative alone is wanted


def lift(value: acb, slope: acb, inner: Series) -> Series:
    """A function whose value and derivative at the inner value are known, by the chain rule."""
    if ctx.cap == 1:
        return acb_series([value])
    if inner.prec < 2:
        raise ValueError("the inner derivative is not known")
    if ctx.cap > 2:
        raise ValueError("only the first derivative is known")
    return acb_series([value, slope * inner[1]])


def along(inner: Series, value: acb, slope: Callable[[Any], Any]) -> Series:
    """A function whose value at the inner value is known, and whose derivative is this function."""
    if ctx.cap < 3:
        return lift(value, slope(inner[0]), inner)
    result: Series = value + (slope(inner) * inner.derivative()).integral()
    return result


def with_value(value: acb, series: Series) -> Series:
    """The series with another value."""
    return acb_series([value, series[1]])


def parameter_of(series: Series) -> acb:
    """A parameter: a series that does not depend on x, unless values alone are wanted."""
    if ctx.cap > 1 and (series.prec < 2 or not series[1].is_zero()):
        raise ValueError("a parameter depends on x")
    return series[0]
