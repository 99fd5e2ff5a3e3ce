"""The argument of a root or an inverse function: a rational function of one kernel, and the way back to x."""

from __future__ import annotations

from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import Node, X, divided, multiplied, number
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.reading import Reading, Setting, read
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.primes import LARGE

Coefficients = list[Fraction]  # of a polynomial with rational coefficients, the constant one first

FORWARD = {
    "asin": "sin",
    "acos": "cos",
    "asinh": "sinh",
    "acosh": "cosh",
    "atan": "tan",
    "atanh": "tanh",
    "ln": "exp",
}


class Argument:
    """u = n(v)/d(v) for one variable v of the tower of u. Raises Undecided where it holds several."""

    def __init__(self, reading: Reading, element: Element) -> None:
        field = reading.tower.field
        variables = [v for v in field.tower if field.contains(element, v)]
        if len(variables) != 1 or field.contains_any(element, field.constants):
            raise Undecided("an argument with several kernels")
        self._reading, self._field = reading, field
        self._v = variables[0]
        self.numerator = self._rational(element.numerator)
        self.denominator = self._rational(element.denominator)

    @classmethod
    def of(cls, node: Node) -> Argument:
        """The argument that a tree is. Raises Undecided, Degenerate, NeedsPrime."""
        reading = read(node, Setting(LARGE[0]))
        return cls(reading, reading.element)

    def _rational(self, p: Polynomial) -> Coefficients:
        parts = self._field.coefficients(p, self._v)
        found = [Fraction(0)] * (max(parts) + 1)
        for j, part in parts.items():
            value = self._field.numbers.number(int(part.leading_coefficient()))
            if not part.is_constant() or any(d != 1 for d in value):
                raise Undecided("an argument that is not rational")
            found[j] = value.get(1, Fraction(0))
        return found

    @property
    def is_moebius(self) -> bool:
        """Whether n and d are linear."""
        return len(self.numerator) <= 2 and len(self.denominator) <= 2

    @property
    def is_of_exponential(self) -> bool:
        """Whether v is an exponential."""
        return self._field.is_exponential(self._v)

    def variable(self) -> Node:
        """V as a function of x."""
        return Writer(self._reading.tower, X).variable_or_exponential(self._v)

    def half_variable(self) -> Node:
        """The square root of an exponential v, as a function of x."""
        return ("exp", divided(Writer(self._reading.tower, X).exponent(self._v), 2))

    def x_where(self, value: Node) -> Node:
        """X, as a function of what stands in `value`, where u is `value`."""
        return self.x_where_variable(self._solved(value))

    def x_where_variable(self, value: Node) -> Node:
        """X where v is `value`."""
        kernel = self._kernel()
        if kernel is None:
            return value
        if kernel.is_exponential:
            return Argument(self._reading, kernel.exponent).x_where(("ln", value))
        if not isinstance(kernel.node, tuple) or kernel.node[0] not in FORWARD:
            raise Undecided("a kernel that is not inverted")
        return Argument.of(kernel.node[1]).x_where((FORWARD[kernel.node[0]], value))

    def x_where_half_variable(self, value: Node) -> Node:
        """X where the square root of an exponential v is `value`."""
        kernel = self._kernel()
        assert kernel is not None
        return Argument(self._reading, kernel.exponent).x_where(multiplied(2, ("ln", value)))

    def _kernel(self) -> Kernel | None:
        return next((kernel for kernel in self._reading.tower.kernels if kernel.v == self._v), None)

    def _solved(self, value: Node) -> Node:
        """V where (n1 v + n0)/(d1 v + d0) is `value`."""
        if not self.is_moebius:
            raise Undecided("an argument of higher degree")
        n0, n1 = _two(self.numerator)
        d0, d1 = _two(self.denominator)
        above = _difference(multiplied(number(d0), value), n0)
        below = number(n1) if d1 == 0 else _difference(number(n1), 0, multiplied(number(d1), value))
        return divided(above, below)


def _two(a: Coefficients) -> tuple[Fraction, Fraction]:
    return a[0], a[1] if len(a) > 1 else Fraction(0)


def _difference(node: Node, constant: Fraction | int, other: Node = 0) -> Node:
    """Node - constant - other."""
    result = node if constant == 0 else ("sub", node, number(constant))
    return result if other == 0 else ("sub", result, other)
