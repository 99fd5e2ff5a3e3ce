"""The reader of ordinary notation: text from anywhere to tokens, without evaluating anything.

Guarantees: linear time, no recursion, bounded nesting; every text gives tokens or a ParseError.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import NamedTuple

from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import (
    ARITY,
    BOUND,
    LEAVES,
    MAX_DIGITS,
    MAX_LENGTH,
    NESTED,
    OUTSIDE,
    SIGNS,
    SUMS,
    polynomial_in_bound,
    read_prefix,
)
from asyncgen.problems.tree import Call, Node, flatten

MAX_DEPTH = 500  # operators and parentheses that wait for their operands at one place of a text

# How tightly the operators bind, loosest first; an opening parenthesis stops every reduction.
_OPENING, _SUM, _PRODUCT, _SIGN, _POWER = range(5)


class Dialect(NamedTuple):
    """What names mean: leaves by name, functions by name as (token, arity), and how a call becomes a node."""

    names: Mapping[str, Node]
    functions: Mapping[str, tuple[str, int]]
    build: Callable[[str, tuple[Node, ...]], Node] = Call


class _Pending(NamedTuple):
    """An operator, or an opening parenthesis, that waits for what follows it."""

    token: str  # prefix token; "" for a sign or a plain parenthesis
    level: int
    column: int
    below: int = 0  # operands read before it
    arity: int = 1  # operands that a parenthesis takes


_SPELLINGS: dict[str, str] = {
    **{name: name for name in ARITY},
    **{"log": "ln", "Abs": "abs", "sgn": "sign", "lambertw": "LambertW"},
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{f"arc{name}": f"a{name}" for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
    **{f"ar{name}": f"a{name}" for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
}
ORDINARY = Dialect(
    names={**{name: name for name in LEAVES}, "e": "E"},
    functions={
        **{name: (token, ARITY[token]) for name, token in _SPELLINGS.items()},
        **{"RootSum": ("rootsum", 2), "Lambda": ("Lambda", 2)},
    },
)
_OF_SUMS = frozenset(("rootsum", "Lambda"))
_FORM = f"write RootSum(polynomial in {BOUND}, Lambda({BOUND}, term))"
_OPERATORS = {
    "+": ("add", _SUM),
    "-": ("sub", _SUM),
    "*": ("mul", _PRODUCT),
    "/": ("div", _PRODUCT),
    "**": ("pow", _POWER),
    "^": ("pow", _POWER),
}
_WORD = re.compile(
    r"(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)|(?P<call>[A-Za-z_][A-Za-z_0-9]*[ \t\r\n]*\()"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<symbol>\*\*|[-+*/^(),])"
    r"|(?P<blank>[ \t\r\n]+)|(?P<other>.)",
    re.DOTALL,
)


def read_function(text: str) -> tuple[str, ...]:
    """The tokens of a function in prefix or in ordinary notation, whichever it is written in.

    Prefix begins with an operator or a sign, then a space, and has no parentheses and no signs of
    ordinary notation anywhere.
    """
    first, _, rest = text[:MAX_LENGTH].strip().partition(" ")
    ordinary = "(" in rest or not _OPERATORS.keys().isdisjoint(rest.split())
    if rest and (first in ARITY or first in SIGNS or first in SUMS) and not ordinary:
        return read_prefix(text)
    return read_infix(text)


def read_infix(text: str, dialect: Dialect = ORDINARY) -> tuple[str, ...]:
    """The tokens of a function in ordinary notation: x, + - * / ** ^ ( ), functions by name.

    Decimals become exact fractions. Engines write in dialects of it, with names of their own. Raises
    ParseError, with the column, on everything else.
    """
    if len(text) > MAX_LENGTH:
        raise ParseError(f"more than {MAX_LENGTH} characters: too long for a function")
    reader = _Reader(dialect)
    for kind, word, column in _words(text):
        reader.read(kind, word, column)
    return flatten(reader.finish(len(text) + 1))


def _words(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and column of each word."""
    for match in _WORD.finditer(text):
        kind, word, column = match.lastgroup or "", match.group(), match.start() + 1
        if kind == "other":
            raise ParseError(f"character {word!a} is not part of the notation", column)
        if kind != "blank":
            yield kind, word, column


class _Reader:
    """Operator precedence with two explicit stacks: nothing recurses, whatever the text."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._operands: list[Node] = []
        self._pending: list[_Pending] = []
        self._complete = False  # an operand has just ended: an operator may follow

    def read(self, kind: str, word: str, column: int) -> None:
        if self._complete:
            self._after_operand(kind, word, column)
        else:
            self._at_operand(kind, word, column)

    def finish(self, column: int) -> Node:
        """The tree of the whole text; `column` is where it ends."""
        if not self._complete:
            what = "the function ends here, but an operand is missing"
            raise ParseError(what if self._pending or self._operands else "no function here", column)
        self._reduce(_SUM)
        if self._pending:
            raise ParseError("this '(' is never closed", self._pending[-1].column)
        return self._operands[0]

    def _at_operand(self, kind: str, word: str, column: int) -> None:
        if kind == "number":
            self._push(_number(word, column))
        elif kind == "name":
            self._push(self._bound(column) if word == BOUND else _leaf(self._dialect, word, column))
        elif kind == "call":
            token, arity = _function(self._dialect, word[:-1].rstrip(), column)
            self._wait(_Pending(token, _OPENING, column, len(self._operands), arity))
        elif word == "(":
            self._wait(_Pending("", _OPENING, column))
        elif word == "-":
            self._wait(_Pending("", _SIGN, column))
        elif word != "+":
            raise ParseError(f"an operand is missing before '{word}'", column)

    def _after_operand(self, kind: str, word: str, column: int) -> None:
        if word in _OPERATORS:
            token, level = _OPERATORS[word]
            self._reduce(level + (level == _POWER))  # a power waits for the power in its exponent
            self._wait(_Pending(token, level, column))
        elif word == ")":
            self._close(column)
        elif word == ",":
            self._comma(column)
        else:
            raise ParseError(f"an operator is missing before {word[:30]!a}: write * for a product", column)

    def _push(self, node: Node) -> None:
        self._operands.append(node)
        self._complete = True

    def _wait(self, pending: _Pending) -> None:
        if len(self._pending) >= MAX_DEPTH:
            raise ParseError("nested too deeply", pending.column)
        self._pending.append(pending)
        self._complete = False

    def _reduce(self, level: int) -> None:
        """Apply the waiting operators that bind at least as tightly as `level`."""
        while self._pending and self._pending[-1].level >= level:
            token = self._pending.pop().token
            last = self._operands.pop()
            self._operands.append(
                self._dialect.build(token, (self._operands.pop(), last)) if token else _negative(last)
            )

    def _opening(self, word: str, column: int) -> _Pending:
        """The parenthesis that is open here, with all inside it applied."""
        self._reduce(_SUM)
        if not self._pending:
            raise ParseError(f"'{word}' without a '(' before it", column)
        return self._pending[-1]

    def _comma(self, column: int) -> None:
        opening = self._opening(",", column)
        if len(self._operands) - opening.below >= opening.arity:
            raise ParseError("no further operand belongs here: take out the ','", column)
        self._complete = False

    def _close(self, column: int) -> None:
        opening = self._opening(")", column)
        self._pending.pop()
        if not opening.token:
            return
        operands = tuple(self._operands[opening.below :])
        if len(operands) < opening.arity:
            raise ParseError(f"'{opening.token}' needs {opening.arity} operands", column)
        if opening.token in _OF_SUMS:
            node = self._sum(opening, operands) if opening.token in SUMS else self._term(opening, operands)
        else:
            node = self._dialect.build(opening.token, operands)
        self._operands[opening.below :] = [node]

    # -- sums over roots: RootSum(polynomial in z, Lambda(z, term)) --

    def _bound(self, column: int) -> Node:
        """The variable of a sum; ParseError outside one."""
        if not any(pending.token in _OF_SUMS for pending in self._pending):
            raise ParseError(OUTSIDE, column)
        return BOUND

    def _term(self, opening: _Pending, operands: tuple[Node, ...]) -> Node:
        """What is summed: the second operand of a sum, and nothing else."""
        outer = self._pending[-1] if self._pending else opening
        if operands[0] != BOUND or outer.token not in SUMS or opening.below != outer.below + 1:
            raise ParseError(f"this Lambda is not part of a sum: {_FORM}", opening.column)
        return Call("Lambda", operands)

    def _sum(self, opening: _Pending, operands: tuple[Node, ...]) -> Node:
        polynomial, term = operands
        if any(pending.token in SUMS for pending in self._pending):
            raise ParseError(NESTED, opening.column)
        if not isinstance(term, Call) or term.token != "Lambda":
            raise ParseError(f"this RootSum has no Lambda: {_FORM}", opening.column)
        try:
            polynomial_in_bound(flatten(polynomial))
        except ParseError as error:
            raise ParseError(str(error), opening.column) from None
        return Call(opening.token, (polynomial, term.operands[1]))


def _number(word: str, column: int) -> Node:
    """An integer, or a decimal as an exact fraction."""
    if len(word) > MAX_DIGITS:
        raise ParseError(f"a number of more than {MAX_DIGITS} digits", column)
    whole, _, part = word.partition(".")
    value = Fraction(int(whole + part), 10 ** len(part))
    if value.denominator == 1:
        return value.numerator
    return Call("div", (value.numerator, value.denominator))


def _leaf(dialect: Dialect, name: str, column: int) -> Node:
    if name in dialect.names:
        return dialect.names[name]
    if name in dialect.functions:
        raise ParseError(f"'{name}' needs its operand in parentheses: write {name}(x)", column)
    raise ParseError(
        f"unknown name {name[:30]!a}: there are x, pi, E and I, and functions such as sin(x)",
        column,
    )


def _function(dialect: Dialect, name: str, column: int) -> tuple[str, int]:
    if name in dialect.functions:
        return dialect.functions[name]
    if name in dialect.names:
        raise ParseError(f"'{name}' is no function: write {name}*( for a product", column)
    near = get_close_matches(name[:30], dialect.functions, n=1)
    hint = f": did you mean '{near[0]}'?" if near else ""
    raise ParseError(f"unknown function {name[:30]!a}{hint}", column)


def _negative(node: Node) -> Node:
    """Minus this: the sign goes into a number or a fraction's numerator if it can."""
    if isinstance(node, int) and node:  # -0 stays a product, as it is written
        return -node
    if isinstance(node, Call) and node.token == "div" and isinstance(node.operands[0], int):
        return Call("div", (-node.operands[0], node.operands[1]))
    return Call("mul", (-1, node))
