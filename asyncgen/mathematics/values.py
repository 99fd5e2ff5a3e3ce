"""Tokens -> programs that compute the values and the derivatives of a function.

Parts that are equal are computed once, and what does not depend on the variables once for each precision.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial

from flint import acb, acb_series, fmpq

from asyncgen.mathematics.balls import (
    FUNCTIONS,
    OF_CONSTANTS,
    power,
)
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.series import Operation, Step
from asyncgen.mathematics.sharpness import most_bits
from asyncgen.mathematics.slopes import without_values
from asyncgen.mathematics.special_balls import polylog_of_values, polylog_value, root_at, total
from asyncgen.problems.polynomials import Polynomial
from asyncgen.problems.tokens import BOUND, LEAVES, SUMS, VARIABLES, fold, polynomials_of

LARGEST_RATIONAL = 512  # bits of the numerators and denominators that constant folding may make
LARGEST_POWER = 4096  # larger constant exponents go through exp and log


def compile_tokens(
    tokens: Sequence[str], *, variables: Sequence[str] = VARIABLES, slope_only: bool = False
) -> Program:
    """A program for a function of these variables in prefix notation; with slope_only its values may be any.

    Raises ParseError if the tokens are not exactly one expression.
    """
    builder = _Builder(tokens, variables)
    result = builder.node(fold(tokens, builder.leaf, builder.apply, LEAVES.union(variables)))
    if slope_only:
        return builder.program(result, without_values(builder.nodes, builder.moving, result))
    return builder.program(result, dict(enumerate(builder.nodes)))


Operand = int | Fraction  # a node, or a rational constant, kept as a number for as long as it can be


class _Builder:
    """Collects nodes; equal ones once, since answers of computer algebra repeat their parts."""

    def __init__(self, tokens: Sequence[str], variables: Sequence[str]) -> None:
        self.variables = {name: node for node, name in enumerate(variables)}
        self.nodes: list[Step] = [(acb_series, ())] * len(variables)
        self.moving = [True] * len(variables)  # which nodes depend on the variables
        self.single_valued = True
        self.polynomial = set(self.variables.values())  # nodes that are defined everywhere, by their look
        self.seen: dict[object, int] = {}
        self.sums = polynomials_of(tokens) if not SUMS.keys().isdisjoint(tokens) else []
        self.bound: set[int] = set()  # nodes that depend on the variable of a sum: patterns, never run

    def leaf(self, token: str | int) -> Operand:
        if isinstance(token, int):
            return _number(token)
        if token == BOUND:
            self.bound.add(node := self._add(token, acb_series))
            return node
        variable = self.variables.get(token)
        return self._add(token, CONSTANTS[token]) if variable is None else variable

    def node(self, operand: Operand) -> int:
        """The node of an operand; a number becomes a constant of its own."""
        if isinstance(operand, int):
            return operand
        number = fmpq(operand.numerator, operand.denominator)
        return self._add(operand, lambda: acb_series([number]))

    def apply(self, name: str, operands: list[Operand]) -> Operand:
        if name in FIXED_POWERS:
            return self._power(operands[0], FIXED_POWERS[name])
        if name == "rac":
            return self._power(operands[0], self.apply("div", [Fraction(1), operands[1]]))
        if name == "pow":
            return self._power(operands[0], operands[1])
        if name in ARITHMETIC:
            return self._arithmetic(name, operands)
        if name == "polylog" and isinstance(operands[0], Fraction) and operands[0] > 1:
            return self._polylog(operands[0], self.node(operands[1]))
        if name in SUMS:
            return self._sum_over_roots(self.sums.pop(), operands[1])  # the tokens are walked from the right
        return self._add(name, FUNCTIONS[name], *[self.node(u) for u in operands])

    def program(self, result: int, nodes: Mapping[int, Step]) -> Program:
        """These nodes in order, those that depend on the variables after those that do not."""
        inputs = range(len(self.variables))
        order = [i for i in nodes if not self.moving[i] and i not in self.bound]
        fixed = len(order)
        order += [i for i in nodes if self.moving[i] and i not in self.bound and i not in inputs]
        register = {node: place for place, node in enumerate((*order[:fixed], *inputs, *order[fixed:]))}
        steps = [
            (operation, tuple(register[i] for i in operands))
            for operation, operands in (nodes[node] for node in order)
        ]
        most = most_bits(operation for operation, _ in steps)
        return Program(steps[:fixed], steps[fixed:], register[result], self.single_valued, most)

    def _sum_over_roots(self, polynomial: Polynomial, term: Operand) -> Operand:
        """The sum of a term's copies, one for each root; equal sums are made once."""
        if term not in self.bound:
            return self.apply("mul", [_number(len(polynomial) - 1), term])
        key = ("rootsum", polynomial, term)
        if key not in self.seen:
            pattern = self._pattern(self.node(term))
            copies = [self._copy(pattern, polynomial, number) for number in range(len(polynomial) - 1)]
            self.seen[key] = self._add(("rootsum", *copies), total, *copies)
        return self.seen[key]

    def _pattern(self, term: int) -> list[int]:
        """The nodes that make up the term and depend on the variable of its sum, operands first."""
        found: set[int] = set()
        waiting = [term]
        while waiting:
            node = waiting.pop()
            if node in self.bound and node not in found:
                found.add(node)
                waiting += self.nodes[node][1]
        return sorted(found)

    def _copy(self, pattern: list[int], polynomial: Polynomial, number: int) -> int:
        """The last node of a copy of these nodes that has this root of the polynomial for the variable."""
        copies: dict[int, int] = {}
        root = self._add(("root", polynomial, number), partial(root_at, polynomial, number))
        for node in pattern:
            operation, operands = self.nodes[node]
            if not operands:
                copies[node] = root
                continue
            copies[node] = len(self.nodes)
            self.nodes.append((operation, tuple(copies.get(i, i) for i in operands)))
            self.moving.append(self.moving[node])
        return copies[pattern[-1]]

    def _arithmetic(self, name: str, operands: list[Operand]) -> Operand:
        """A sum, product or quotient; x - x and the like are the number 0, so that sqrt of it has a value."""
        u, v = operands
        folded = _fold_numbers(name, u, v)
        if folded is not None:
            return folded
        if v == NEUTRAL[name] and isinstance(v, Fraction):
            return u
        nodes = isinstance(u, int) and isinstance(v, int)
        if name == "sub" and nodes and u == v and u in self.polynomial:
            return _number(0)
        node = self._add(name, FUNCTIONS[name], self.node(u), self.node(v))
        if name != "div" and all(isinstance(w, Fraction) or w in self.polynomial for w in operands):
            self.polynomial.add(node)
        return node

    def _polylog(self, order: Fraction, node: int) -> int:
        """A polylogarithm from two values, since the slope of one is the value of the next lower.

        Answers hold whole chains of them with the same argument, and they are slow.
        """
        own, lower = (self._add(("Li", s), partial(polylog_value, s), node) for s in (order, order - 1))
        return self._add(("polylog", order), polylog_of_values, own, lower, node)

    def _power(self, base: Operand, exponent: Operand) -> Operand:
        """An integer power by multiplication, half of one by sqrt, all others by exp and log."""
        if isinstance(exponent, Fraction):
            folded = _fold_power(base, exponent)
            if folded is not None:
                return folded
            if exponent.denominator <= 2 and abs(exponent.numerator) <= LARGEST_POWER:
                root = self.node(base)
                if exponent.denominator == 2:
                    root = self._add("sqrt", FUNCTIONS["sqrt"], root)
                return self._integer_power(root, exponent.numerator)
        if isinstance(base, int) and base == self.seen.get("E"):
            return self._add("exp", acb_series.exp, self.node(exponent))
        node = self.node(base)
        return self._add("pow" if self.moving[node] else CONSTANT_POWER, power, node, self.node(exponent))

    def _integer_power(self, node: int, power: int) -> int:
        if power == 1:
            return node
        if power < 0:  # which flint takes for 0 at 0
            return self._add("inv", acb_series.inv, self._integer_power(node, -power))
        result = self._add(("power", power), lambda u: u**power, node)
        if node in self.polynomial:
            self.polynomial.add(result)
        return result

    def _add(self, key: object, operation: Operation, *operands: int) -> int:
        """The node of this operation on these nodes; `key` names the operation or the constant."""
        full = (key, *operands) if operands else key
        node = self.seen.get(full)
        if node is None:
            node = self.seen[full] = len(self.nodes)
            moving = any(self.moving[i] for i in operands)
            if not moving:
                operation = OF_CONSTANTS.get(operation, operation)
            elif (key[0] if isinstance(key, tuple) else key) not in SINGLE_VALUED:
                self.single_valued = False
            self.nodes.append((operation, operands))
            self.moving.append(moving)
            if self.bound and not self.bound.isdisjoint(operands):
                self.bound.add(node)
        return node


@lru_cache(maxsize=1024)
def _number(value: int) -> Fraction:
    """An integer as the number it is; Fractions are slow to make."""
    return Fraction(value)


def _fold_numbers(name: str, u: Operand, v: Operand) -> Fraction | None:
    """The rational that this operation gives, if its operands are rational and it stays small."""
    if not (isinstance(u, Fraction) and isinstance(v, Fraction)) or (name == "div" and not v):
        return None
    return _small(ARITHMETIC[name](u, v))


def _fold_power(base: Operand, exponent: Fraction) -> Fraction | None:
    """The same for powers; u**0 is 1 for every u, as in SymPy."""
    if exponent == 0:
        return Fraction(1)
    if not isinstance(base, Fraction) or exponent.denominator != 1 or base == 0 > exponent:
        return None
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    return base**exponent.numerator if bits * abs(exponent) <= LARGEST_RATIONAL else None


def _small(number: Fraction) -> Fraction | None:
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return number if bits <= LARGEST_RATIONAL else None


ARITHMETIC: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
}
NEUTRAL = {"add": 0, "sub": 0, "mul": 1, "div": 1}  # right operands that change nothing
FIXED_POWERS = {
    "inv": Fraction(-1),
    **{f"pow{n}": Fraction(n) for n in range(2, 6)},
}
CONSTANT_POWER = "constant power"  # c**u, c a constant
SINGLE_VALUED = frozenset(  # without branch points, so that poles alone part the pieces of the real line
    (
        *("add", "sub", "mul", "div", "inv", "power", "exp", "sin", "cos", "tan", "cot", "sec", "csc"),
        *("sinh", "cosh", "tanh", "coth", "sech", "csch"),
        *("erf", "erfc", "erfi", "Si", "Shi", "fresnels", "fresnelc"),
        CONSTANT_POWER,
        "rootsum",  # a sum of terms: what branches there are, these have
    )
)
CONSTANTS: dict[str, Operation] = {
    "pi": lambda: acb_series([acb.pi()]),
    "E": lambda: acb_series([acb(1).exp()]),
    "I": lambda: acb_series([acb(0, 1)]),
}
