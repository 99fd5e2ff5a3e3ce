"""The same integral in another variable: one root or inverse function of a*x + b becomes the variable itself.

With t = u(a*x + b) and x = (g(t) - b)/a, the integral of f(x) is that of f(x(t))*x'(t). Both variables are
elementary functions of each other, so that one integral is elementary exactly if the other is. Engines often
solve, or rule out, in the new variable what they leave undecided in the old one: sqrt(acos(2*x)) becomes
-sqrt(t)*sin(t)/2.

Assumes: the branches on which u is real and positive. Answers are checked like any other.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from asyncgen.mathematics.engines.fricas.rewriting import where_positive
from asyncgen.problems.tokens import fold
from asyncgen.problems.tree import Call, Node, flatten

Tokens = tuple[str, ...]

LONGEST = 400  # tokens of a function worth the work
_POWERS = {"pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}


class Changed(NamedTuple):
    """An integral in a new variable; like the old one it is written x."""

    integrand: Tokens
    variable: Tokens  # the new variable as a function of the old one

    def undone(self, answer: Tokens) -> Tokens:
        """An antiderivative in the new variable as one in the old."""
        variable = list(self.variable)
        return flatten(fold(answer, lambda leaf: variable if leaf == "x" else leaf, _call))


class _Line(NamedTuple):
    """a*x + b."""

    slope: Fraction
    constant: Fraction


class _Part(NamedTuple):
    """A part of a function, rewritten, and the line that it is, if it is one."""

    node: Node
    line: _Line | None


class _Inner(NamedTuple):
    """A function of a line, which is to become the variable."""

    name: str
    argument: Node
    line: _Line


Replace = Callable[[str, list[_Part]], Node | None]


def without_root(tokens: Tokens) -> Changed | None:
    """The integral in sqrt(a*x + b), if the function holds such a root: x becomes a polynomial.

    Not where there are roots of a higher degree, of which squares would not be taken out.
    """
    return None if _holds_higher_roots(tokens) else next(_changes(tokens, ("sqrt",)), None)


def without_inverse(tokens: Tokens) -> Iterator[Changed]:
    """The integral in each logarithm and inverse function of a*x + b that the function holds."""
    return _changes(tokens, ("ln", "asin", "acos", "atan", "asinh", "acosh", "atanh"))


def _holds_higher_roots(tokens: Tokens) -> bool:
    """Whether a constant exponent is a fraction other than n/2, or there is a `rac`."""
    found = "rac" in tokens

    def apply(name: str, operands: list[Node]) -> Node:
        nonlocal found
        if name == "pow" and isinstance(operands[1], Call):
            found = found or ("x" not in flatten(operands[1]) and operands[1].operands[1:] != (2,))
        return Call(name, tuple(operands))

    if "pow" in tokens:
        fold(tokens, lambda leaf: leaf, apply)
    return found


def _changes(tokens: Tokens, names: tuple[str, ...]) -> Iterator[Changed]:
    if len(tokens) <= LONGEST and not set(names).isdisjoint(tokens):
        for inner in _inner_functions(tokens, names):
            yield _changed(tokens, inner)


def _inner_functions(tokens: Tokens, names: tuple[str, ...]) -> list[_Inner]:
    found: dict[tuple[str, _Line], _Inner] = {}

    def note(name: str, parts: list[_Part]) -> None:
        line = parts[0].line
        if name in names and line is not None and line.slope:
            found.setdefault((name, line), _Inner(name, parts[0].node, line))

    _rewritten(tokens, "x", note)
    return list(found.values())


def _changed(tokens: Tokens, inner: _Inner) -> Changed:
    former, slope = _FORMER[inner.name]
    x = Call("div", (Call("sub", (former, _number(inner.line.constant))), _number(inner.line.slope)))
    function = _rewritten(tokens, x, partial(_replacement, inner))
    whole = flatten(Call("mul", (function, Call("div", (slope, _number(inner.line.slope))))))
    variable = flatten(Call(inner.name, (inner.argument,)))
    return Changed(where_positive(whole, "x") if inner.name == "sqrt" else whole, variable)


def _replacement(inner: _Inner, name: str, parts: list[_Part]) -> Node | None:
    """The new variable in place of the inner function, and of roots that are a multiple of it."""
    line = parts[0].line
    if name != inner.name or line is None:
        return None
    if line == inner.line:
        return "x"
    factor = line.slope / inner.line.slope
    if name != "sqrt" or factor <= 0 or line.constant != factor * inner.line.constant:
        return None
    return Call("mul", (Call("sqrt", (_number(factor),)), "x"))


def _rewritten(tokens: Tokens, variable: Node, replace: Replace) -> Node:
    """The function with this variable, and with what `replace` gives for each operator and its operands."""

    def leaf(value: str | int) -> _Part:
        if isinstance(value, int):
            return _Part(value, _Line(Fraction(0), Fraction(value)))
        return _Part(variable, _Line(Fraction(1), Fraction(0))) if value == "x" else _Part(value, None)

    def apply(name: str, parts: list[_Part]) -> _Part:
        node = replace(name, parts) or Call(name, tuple(part.node for part in parts))
        return _Part(node, _line(name, [part.line for part in parts]))

    return fold(tokens, leaf, apply).node


def _line(name: str, lines: list[_Line | None]) -> _Line | None:
    """The line that sums, products and quotients with numbers, and powers of numbers make of lines."""
    if name in _POWERS and lines[0] is not None:
        return _power(lines[0], _POWERS[name])
    if name not in ("add", "sub", "mul", "div", "pow") or lines[0] is None or lines[1] is None:
        return None
    if name == "pow" and not lines[1].slope and lines[1].constant in range(2, 6):
        return _power(lines[0], int(lines[1].constant))
    (a, b), (c, d) = lines[0], lines[1]
    if name in ("add", "sub"):
        sign = 1 if name == "add" else -1
        return _Line(a + sign * c, b + sign * d)
    if name == "mul":
        return None if a and c else _Line(a * d + b * c, b * d)
    return _Line(a / d, b / d) if name == "div" and d and not c else None


def _power(line: _Line, exponent: int) -> _Line | None:
    return None if line.slope else _Line(Fraction(0), line.constant**exponent)


def _number(value: Fraction) -> Node:
    return value.numerator if value.denominator == 1 else Call("div", (value.numerator, value.denominator))


def _call(name: str, operands: list[Node]) -> Node:
    return Call(name, tuple(operands))


def _squared(name: str, operator: str, first: int) -> Node:
    """1 + tan(t)**2 and the like."""
    return Call(operator, (first, Call("pow2", (Call(name, ("x",)),))))


# What a*x + b is in terms of the new variable, and the derivative of that.
_FORMER: dict[str, tuple[Node, Node]] = {
    "sqrt": (Call("pow2", ("x",)), Call("mul", (2, "x"))),
    "ln": (Call("exp", ("x",)), Call("exp", ("x",))),
    "asin": (Call("sin", ("x",)), Call("cos", ("x",))),
    "acos": (Call("cos", ("x",)), Call("mul", (-1, Call("sin", ("x",))))),
    "atan": (Call("tan", ("x",)), _squared("tan", "add", 1)),
    "asinh": (Call("sinh", ("x",)), Call("cosh", ("x",))),
    "acosh": (Call("cosh", ("x",)), Call("sinh", ("x",))),
    "atanh": (Call("tanh", ("x",)), _squared("tanh", "sub", 1)),
}
