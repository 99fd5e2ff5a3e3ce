"""High powers that stay as they are: (x + 1)**100 and its like, which would be long sums if expanded.

With a power of a linear u, the function is integrated in the variable u. And c u^n Du, c constant, is the
derivative of c u^(n+1)/(n + 1) for any u.
"""

from collections.abc import Iterator
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    POWERS,
    Motion,
    Node,
    S,
    X,
    divided,
    multiplied,
    number,
    raised,
)
from asyncgen.mathematics.engines.risch.reading import Setting, read
from asyncgen.mathematics.engines.risch.substitution import Substitution
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.errors import Degenerate, NeedsPrime, Undecided
from asyncgen.mathematics.fields.primes import LARGE

LEAST = 6  # exponent of a power that is kept, if its base has two terms or more
ERRORS = (Undecided, Degenerate, NeedsPrime)

Power = tuple[Node, int]


def variable_of_power(node: Node) -> Substitution | None:
    """The change of variable to the linear function of which the highest power stands in a tree."""
    for base, _ in _high_powers(node):
        linear = _linear(base)
        if linear is not None:
            a, b = linear
            x = divided(("sub", S, number(b)) if b else S, number(a))
            return Substitution(x, {base: S}, base, linear)
    return None


def integral_by_power(node: Node) -> Node | None:
    """The integral of a constant times u^n Du, for the highest power in a product; None for what is none."""
    bases = [base for base, _ in _high_powers(node)]
    factors = list(_factors(node, 1)) if bases else []
    for place, (base, n) in enumerate(factors):
        if abs(n) < LEAST or base not in bases:
            continue
        rest: Node = 1
        for factor, exponent in (*factors[:place], *factors[place + 1 :]):
            rest = multiplied(rest, raised(factor, exponent))
        constant = _ratio_to_derivative(rest, base)
        if constant is not None:
            power = raised(base, abs(n + 1))
            if n > 0:
                return divided(multiplied(constant, power), n + 1)
            return multiplied(-1, divided(constant, multiplied(-n - 1, power)))
    return None


def _ratio_to_derivative(rest: Node, base: Node) -> Node | None:
    """The constant c with rest = c D(base), as a tree."""
    try:
        reading = read(("mul", rest, base), Setting(LARGE[0]))
        if reading.signed:
            return None
        field = reading.tower.field
        slope = field.derive(reading.values[base])
        ratio = reading.values[rest] / slope
        return Writer(reading.tower, X).complex(ratio) if field.is_constant(ratio) else None
    except (*ERRORS, ZeroDivisionError):
        return None


def _high_powers(node: Node) -> list[Power]:
    """The powers of what is no kernel, the highest first."""
    moves = Motion()
    found = {
        power: None
        for power in _powers(node)
        if abs(power[1]) >= LEAST and isinstance(power[0], tuple) and moves(power[0])
    }
    return sorted(found, key=lambda power: -abs(power[1]))


def _powers(node: Node) -> Iterator[Power]:
    if not isinstance(node, tuple):
        return
    base, exponent = _base(node)
    if exponent != 1:
        yield base, exponent
    for operand in node[1:]:
        yield from _powers(operand)


def _base(node: Node) -> Power:
    if node[0] in POWERS:
        return node[1], POWERS[node[0]]
    if node[0] == "pow" and isinstance(node[2], int):
        return node[1], node[2]
    return node, 1


def _factors(node: Node, exponent: int) -> Iterator[Power]:
    """The factors of a product, each with its exponent."""
    if isinstance(node, tuple) and node[0] in ("mul", "div"):
        yield from _factors(node[1], exponent)
        yield from _factors(node[2], exponent if node[0] == "mul" else -exponent)
    elif isinstance(node, tuple):
        base, n = _base(node)
        yield base, n * exponent
    else:
        yield node, exponent


def _linear(node: Node) -> tuple[Fraction, Fraction] | None:
    """(a, b) with node = a x + b, both rational and a not 0."""
    try:
        reading = read(node, Setting(LARGE[0]))
        field, u = reading.tower.field, reading.element
        steps = reading.tower.steps
        if reading.signed or (steps is not None and steps.steps):
            return None  # linear on some interval only, as abs(x) is
        if len(field.tower) > 1 or not u.denominator.is_one() or field.degree(u.numerator, 0) != 1:
            return None
        parts = field.coefficients(u.numerator, 0)
        numbers = [field.number_of(field.of(parts.get(j, field.null))) for j in (1, 0)]
    except ERRORS:
        return None
    if any(value is None or value.keys() - {1} for value in numbers):
        return None
    a, b = (value.get(1, Fraction(0)) for value in numbers if value is not None)
    return a, b
