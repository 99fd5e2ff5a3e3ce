"""Functions of elements: what is known of their values, and a new kernel for all else.

Every formula holds for principal branches: at complex values, too, or where arguments are real for certain.
What is not simplified: exp(u) exp(v), tan beside sin and cos, log(2 x), the product of two roots, abs.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import LARGEST_EXPONENT
from asyncgen.mathematics.forms.kernels import Kernel
from asyncgen.mathematics.forms.relations import Squares

ODD = frozenset(("sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "sign"))
EVEN = frozenset(("cos", "cosh", "abs"))
REAL = frozenset(
    ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "asinh", "abs", "sign")
)  # of reals
ZERO_AT_ONE = frozenset(("ln", "acos", "acosh"))
LARGEST_ROOT = 12
PRIMES = (2, 3, 5, 7, 11, 13)  # whose powers are taken out of roots

FIXED_POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5, "inv": -1}
_PARTNERS = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}
_INVERSES = {"sin": "asin", "cos": "acos", "tan": "atan", "sinh": "asinh", "cosh": "acosh", "tanh": "atanh"}


def apply(f: Element, name: str) -> Element:
    """A function, by its token, of an element. Raises Degenerate and Undecided."""
    if name in _BY_OTHERS:
        return _BY_OTHERS[name](f)
    if name == "sqrt":
        return root(f, 2)
    if name == "exp":
        return exponential(f)
    if name not in _KNOWN:
        raise Undecided(f"no rules for {name}")
    if f.coefficient < 0 and (name in ODD or name in EVEN):
        value = apply(-f, name)
        return -value if name in ODD else value
    known = _value_at_number(f, name) if f.is_number else _of_kernel(f, name)
    return _new(f, name) if known is None else known


def _value_at_number(f: Element, name: str) -> Element | None:
    """The value at 0, or at 1, where it is a number."""
    field = f.field
    if not f.coefficient:
        if name == "ln":
            raise Degenerate("logarithm of zero")
        if name in ODD or name == "abs":
            return field.zero
        return field.one if name in EVEN else None
    if name == "abs":
        return f if f.coefficient > 0 else -f
    if name == "sign":
        return field.number(1 if f.coefficient > 0 else -1)
    if f.coefficient == 1 and name in ZERO_AT_ONE:
        return field.zero
    if name == "atanh" and abs(f.coefficient) == 1:
        raise Degenerate("division by zero")
    return None


def _of_kernel(f: Element, name: str) -> Element | None:
    """The function of one kernel alone, where there is a formula."""
    alone = f.only_kernel()
    if alone is None:
        return None
    number, exponent = alone
    kernel = f.field.kernels[number]
    v = kernel.argument
    if v is None:
        return None
    if name == "ln" and kernel.name == "exp" and f.field.is_real(v):
        return v.scaled(exponent)
    if exponent != 1:
        return None
    if _INVERSES.get(name) == kernel.name or (name == "ln" and kernel.name == "exp" and v.is_number):
        return v
    formula = _OF_INVERSES.get((name, kernel.name))
    return None if formula is None else formula(v)


def _new(f: Element, name: str) -> Element:
    """The function of an element as a kernel."""
    field = f.field
    key = f.key()
    real = field.is_real(f) and (name in REAL or (name == "ln" and f.is_number and f.coefficient > 0))
    before = len(field.kernels)
    number = field.kernel((name, key), Kernel(name, f, constant=field.is_constant(f), real=real))
    partner = _PARTNERS.get(name)
    if partner is not None and number == before:
        other = field.numbers.get((partner, key))
        if other is not None:
            first, second = (number, other) if name in ("sin", "cosh") else (other, number)
            field.squares.append(Squares(first, second, 1 if name in ("sin", "cos") else -1))
    return field.generator(number)


# -- exponentials and roots --------------------------------------------------------------------------------


def exponential(f: Element) -> Element:
    """exp(f), as a power of an exponential that is there where the exponents are rational multiples."""
    field = f.field
    if not f.coefficient:
        return field.one
    alone = f.monic.only_kernel()
    if alone is not None and alone[1] == 1 and f.coefficient.q == 1:
        kernel = field.kernels[alone[0]]
        if kernel.name == "ln" and abs(f.coefficient) <= LARGEST_EXPONENT:
            assert kernel.argument is not None
            return kernel.argument ** int(f.coefficient.p)
    key = f.monic.key()
    if key not in field.exponents:
        unit = abs(f.coefficient) / field.finer.get(len(field.kernels), 1)
        field.exponents[key] = _exponential_kernel(f.monic, unit, 0, None), unit
    number, unit = field.exponents[key]
    ratio = f.coefficient / unit
    if ratio.q != 1:  # with exp(x) after exp(2 x): its square is known
        degree = int(ratio.q)
        if degree > LARGEST_ROOT:
            raise Undecided("a large power")
        field.finer[number] = degree * field.finer.get(number, 1)
        unit = unit / degree
        number = _exponential_kernel(f.monic, unit, degree, field.generator(number))
        field.exponents[key] = number, unit
        ratio = f.coefficient / unit
    if abs(ratio) > LARGEST_EXPONENT:
        raise Undecided("a large power")
    return field.generator(number) ** int(ratio.p)


def _exponential_kernel(monic: Element, unit: fmpq, degree: int, power: Element | None) -> int:
    field = monic.field
    argument = Element(unit, monic.powers, monic.sums, field)
    kernel = Kernel("exp", argument, degree, power, field.is_constant(monic), field.is_real(monic))
    return field.kernel(("exp", argument.key()), kernel)


def root(f: Element, degree: int) -> Element:
    """The principal root of an element, with what is a power in its positive factor taken out."""
    field = f.field
    if not f.coefficient:
        return f
    outside, inside = _rational_root(f.coefficient, degree)
    radicand = Element(inside, f.powers, f.sums, field)
    if inside == 1 and radicand.is_number:
        return Element(outside, {}, [], field)
    alone = radicand.only_kernel()
    if alone is not None:
        kernel = field.kernels[alone[0]]
        if kernel.name == "exp" and kernel.argument is not None and field.is_real(kernel.argument):
            return exponential(kernel.argument.scaled(alone[1], degree)).scaled(
                int(outside.p), int(outside.q)
            )
    real = radicand.is_number and inside > 0
    kernel = Kernel("root", radicand, degree, radicand, field.is_constant(radicand), real)
    number = field.kernel(("root", radicand.key(), degree), kernel)
    return Element(outside, {number: 1}, [], field)


def _rational_root(value: fmpq, degree: int) -> tuple[fmpq, fmpq]:
    """(outside, inside) with value = outside**degree inside, and outside positive."""
    p, q = int(value.p), int(value.q)
    outside = fmpq(1)
    for prime in PRIMES:
        power = prime**degree
        while p % power == 0:
            p //= power
            outside = outside * prime
        while q % power == 0:
            q //= power
            outside = outside / prime
    return outside, fmpq(p, q)


def general_power(base: Element, exponent: Element) -> Element:
    """base**exponent: an integer power, a root, or exp(exponent log(base))."""
    if exponent.is_number:
        p, q = int(exponent.coefficient.p), int(exponent.coefficient.q)
        if q == 1:
            return base**p
        if q <= LARGEST_ROOT:
            return root(base, q) ** p
    if not base.coefficient:
        raise Degenerate("a power of zero")
    return exponential(exponent * apply(base, "ln"))


# -- formulas ----------------------------------------------------------------------------------------------


def root_of_one_minus_square(v: Element) -> Element:
    """sqrt(1 - v**2)."""
    return root(v.field.one - v * v, 2)


def root_of_one_plus_square(v: Element) -> Element:
    """sqrt(1 + v**2)."""
    return root(v.field.one + v * v, 2)


def root_of_square_minus_one(v: Element) -> Element:
    """sqrt(v - 1) sqrt(v + 1), which is the derivative's root of acosh, and sqrt(v**2 - 1) for v > 0 only."""
    return root(v - v.field.one, 2) * root(v + v.field.one, 2)


_OF_INVERSES: dict[tuple[str, str], Callable[[Element], Element]] = {
    ("sin", "acos"): root_of_one_minus_square,
    ("cos", "asin"): root_of_one_minus_square,
    ("tan", "asin"): lambda v: v / root_of_one_minus_square(v),
    ("tan", "acos"): lambda v: root_of_one_minus_square(v) / v,
    ("sin", "atan"): lambda v: v / root_of_one_plus_square(v),
    ("cos", "atan"): lambda v: root_of_one_plus_square(v) ** -1,
    ("cosh", "asinh"): root_of_one_plus_square,
    ("tanh", "asinh"): lambda v: v / root_of_one_plus_square(v),
    ("sinh", "acosh"): root_of_square_minus_one,
    ("tanh", "acosh"): lambda v: root_of_square_minus_one(v) / v,
    ("cosh", "atanh"): lambda v: root_of_one_minus_square(v) ** -1,
    ("sinh", "atanh"): lambda v: v / root_of_one_minus_square(v),
}
_RECIPROCALS = {"cot": "tan", "sec": "cos", "csc": "sin", "coth": "tanh", "sech": "cosh", "csch": "sinh"}
_OF_RECIPROCAL = {
    **{"acot": "atan", "asec": "acos", "acsc": "asin"},
    **{"acoth": "atanh", "asech": "acosh", "acsch": "asinh"},
}


def _reciprocal(name: str) -> Callable[[Element], Element]:
    return lambda f: apply(f, name) ** -1


def _of_reciprocal(name: str) -> Callable[[Element], Element]:
    return lambda f: apply(f**-1, name)


def _fixed_power(exponent: int) -> Callable[[Element], Element]:
    return lambda f: f**exponent


_BY_OTHERS: dict[str, Callable[[Element], Element]] = {
    **{name: _reciprocal(other) for name, other in _RECIPROCALS.items()},
    **{name: _of_reciprocal(other) for name, other in _OF_RECIPROCAL.items()},
    **{name: _fixed_power(exponent) for name, exponent in FIXED_POWERS.items()},
}
_KNOWN = ODD | EVEN | {"ln", "acos", "acosh"}
