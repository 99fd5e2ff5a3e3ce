"""How smooth a function is on the real line, as far as the way it is written says.

Each part of a function gets the best grade that is sure. A product of grades is worse than their sum: x**2 is
analytic, sqrt(x**2) is continuous, but sqrt(x**2)/x jumps.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from asyncgen.problems.tokens import fold


class Grade(IntEnum):
    """What is known of a function's behaviour on the real line, where it is defined."""

    ANALYTIC = 0  # and finite
    MEROMORPHIC = 1  # a quotient of two of these
    LOGARITHMIC = 2  # products of these with logarithms of real ones, and sums with one such product
    CONTINUOUS = 3  # and finite
    TAME = 4  # where it jumps, it is not bounded
    ANYTHING = 5


class Manner(NamedTuple):
    """real, positive, nonnegative: for certain, at all real places where the function has a value.

    constant: no x stands in it. integer: the number that it is, if it is one as it stands.
    """

    grade: Grade
    real: bool = True
    positive: bool = False
    nonnegative: bool = False
    constant: bool = False
    integer: int | None = None


_ANYTHING = Manner(Grade.ANYTHING, real=False)
_ENTIRE = frozenset(
    (
        *("sin", "cos", "sinh", "cosh", "exp"),
        *("erf", "erfc", "erfi", "Si", "Shi", "fresnels", "fresnelc"),
    )
)
_REAL_ANALYTIC = frozenset(("atan", "asinh", "tanh", "sech"))  # on the real line, though not entire
_WITH_POLES = frozenset(("tan", "cot", "sec", "csc", "coth", "csch"))
_CONTINUOUS = frozenset(("asin", "acos", "acosh", "abs"))  # of what is real
_LIKE_LOGARITHMS = frozenset(("ln", "Ei", "Ci", "Chi", "li"))
_POSITIVE = frozenset(("exp", "cosh", "sech"))
_FIXED_POWERS = {f"pow{n}": n for n in range(2, 6)}


def manner_of(tokens: Sequence[str]) -> Manner:
    """What is sure of a function in prefix notation."""
    return fold(tokens, _leaf, _apply)


def _leaf(token: str | int) -> Manner:
    if isinstance(token, int):
        return Manner(Grade.ANALYTIC, True, token > 0, token >= 0, True, token)
    if token in ("pi", "E"):
        return Manner(Grade.ANALYTIC, True, True, True, True)
    return Manner(Grade.ANALYTIC, real=token != "I", constant=token == "I")


def _apply(name: str, operands: list[Manner]) -> Manner:
    manner = _of_operands(name, operands)
    if all(u.constant for u in operands):
        return manner._replace(grade=Grade.ANALYTIC, constant=True)
    return manner


def _of_operands(name: str, operands: list[Manner]) -> Manner:
    if name in _ARITHMETIC:
        return _ARITHMETIC[name](*operands)
    if name in _FIXED_POWERS:
        return _power(operands[0], _FIXED_POWERS[name])
    if len(operands) == 1:
        return _function(name, operands[0])
    if name in _OF_PARAMETERS and all(u.grade is Grade.ANALYTIC for u in operands):
        return Manner(Grade.ANALYTIC, all(u.real for u in operands))
    return _ANYTHING


def _sum(u: Manner, v: Manner) -> Manner:
    real = u.real and v.real
    positive = (u.positive and v.nonnegative) or (v.positive and u.nonnegative)
    nonnegative = u.nonnegative and v.nonnegative
    return Manner(_grade_of_sum(u.grade, v.grade), real, real and positive, real and nonnegative)


def _grade_of_sum(a: Grade, b: Grade) -> Grade:
    low, high = sorted((a, b))
    if low is high is Grade.LOGARITHMIC:
        return Grade.ANYTHING  # log(x) - log(-x) jumps, and is bounded
    if high is Grade.CONTINUOUS and low in (Grade.MEROMORPHIC, Grade.LOGARITHMIC):
        return Grade.TAME
    return high


def _difference(u: Manner, v: Manner) -> Manner:
    return Manner(_grade_of_sum(u.grade, v.grade), u.real and v.real)


def _product(u: Manner, v: Manner) -> Manner:
    both = u.real and v.real
    return Manner(
        _grade_of_product(u.grade, v.grade),
        both,
        both and u.positive and v.positive,
        both and u.nonnegative and v.nonnegative,
    )


def _grade_of_product(a: Grade, b: Grade) -> Grade:
    low, high = sorted((a, b))
    if low is Grade.ANALYTIC or high <= Grade.LOGARITHMIC or low is high is Grade.CONTINUOUS:
        return high
    return Grade.TAME if (low, high) == (Grade.LOGARITHMIC, Grade.CONTINUOUS) else Grade.ANYTHING


def _quotient(u: Manner, v: Manner) -> Manner:
    return _product(u, _reciprocal(v))


def _reciprocal(u: Manner) -> Manner:
    if u.positive and u.grade in (Grade.ANALYTIC, Grade.CONTINUOUS):
        return u
    if u.constant:
        return u._replace(nonnegative=u.positive, integer=None)
    grade = Grade.MEROMORPHIC if u.grade <= Grade.MEROMORPHIC else Grade.ANYTHING
    return Manner(grade, u.real, u.positive, u.positive)


def _power(u: Manner, exponent: int) -> Manner:
    grade = u.grade if u.grade is not Grade.TAME or exponent == 1 else Grade.ANYTHING
    even = u.real and exponent % 2 == 0
    return Manner(grade, u.real, u.positive, even or u.nonnegative)


def _general_power(base: Manner, exponent: Manner) -> Manner:
    if exponent.integer is not None:
        n = exponent.integer
        return _power(base, n) if n >= 0 else _reciprocal(_power(base, -n))
    if base.positive and base.grade is Grade.ANALYTIC and exponent.grade is Grade.ANALYTIC and exponent.real:
        return Manner(Grade.ANALYTIC, True, True, True)
    return _ANYTHING


def _root(u: Manner) -> Manner:
    if not u.real or u.grade not in (Grade.ANALYTIC, Grade.CONTINUOUS):
        return _ANYTHING
    grade = Grade.ANALYTIC if u.positive and u.grade is Grade.ANALYTIC else Grade.CONTINUOUS
    return Manner(grade, u.nonnegative, u.positive, u.nonnegative)


def _function(name: str, u: Manner) -> Manner:
    if name == "inv":
        return _reciprocal(u)
    if name == "sqrt":
        return _root(u)
    if name in _LIKE_LOGARITHMS:
        return _logarithm(name, u)
    if u.grade is Grade.ANALYTIC and name in _WITH_POLES:
        return Manner(Grade.MEROMORPHIC, u.real)
    if u.grade not in (Grade.ANALYTIC, Grade.CONTINUOUS):
        return _ANYTHING
    if name in _ENTIRE or (u.real and name in _REAL_ANALYTIC):
        positive = u.real and name in _POSITIVE
        return Manner(u.grade, u.real, positive, positive)
    if u.real and name in _CONTINUOUS:
        is_abs = name == "abs"
        return Manner(Grade.CONTINUOUS, is_abs, is_abs and u.positive, is_abs)
    return _ANYTHING


def _logarithm(name: str, u: Manner) -> Manner:
    """Ei and the like have the pole of a logarithm where their argument is 0."""
    if not u.real or u.grade is Grade.ANYTHING:
        return _ANYTHING
    real = name == "Ei" or (u.positive and name in ("ln", "Ci", "Chi"))
    if u.positive and name == "ln" and u.grade in (Grade.ANALYTIC, Grade.CONTINUOUS):
        return Manner(u.grade, real)
    return Manner(Grade.LOGARITHMIC if u.grade <= Grade.MEROMORPHIC else Grade.TAME, real)


_ARITHMETIC: dict[str, Callable[..., Manner]] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "pow": _general_power,
}
_OF_PARAMETERS = frozenset(("hyp0f1", "hyp1f1", "hyp1f2", "hyp2f2", "hyp2f3"))  # entire in the last operand
