"""The reader of ordinary notation: text from anywhere to tokens, without evaluating anything.

Guarantees: linear time, no recursion, bounded nesting; every text gives tokens or a ParseError.
"""

from typing import NamedTuple

from asyncgen.problems.errors import ParseError, shown
from asyncgen.problems.spellings import ORDINARY, Dialect, advice_on_function, advice_on_name
from asyncgen.problems.tokens import (
    ARITY,
    BOUND,
    MAX_LENGTH,
    NESTED,
    OUTSIDE,
    SUMS,
    polynomial_in_bound,
)
from asyncgen.problems.tree import Call, Node, flatten
from asyncgen.problems.words import Word, number, powered, raised, words

MAX_DEPTH = 500  # operators and parentheses that wait for their operands at one place of a text

# How tightly the operators bind, loosest first; an opening parenthesis stops every reduction.
_OPENING, _SUM, _PRODUCT, _SIGN, _POWER, _ROOT = range(6)


class _Pending(NamedTuple):
    """An operator, or an opening parenthesis, that waits for what follows it."""

    token: str  # prefix token; "" for a sign or a plain parenthesis
    level: int
    column: int
    below: int = 0  # operands read before it
    arity: int = 1  # operands that a parenthesis takes
    name: str = ""  # of the function, as it is written
    power: int = 1  # of the function's value


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
_NO_COMMA = "no ',' belongs into a number: write 1.5 with a decimal point, and 1000 without a sign"
_FUNCTIONS = "there are exp, log, sqrt, sin and the like, and special functions such as erf"
_INVERSES = {"ln": "exp(x)", "log": "exp(x)", "exp": "log(x)"}  # besides those with an a before the name
_UNDER_ROOT = "is the power under the root or outside it? write sqrt(x**2) or sqrt(x)**2, for instance"


def read_infix(text: str, dialect: Dialect = ORDINARY) -> tuple[str, ...]:
    """The tokens of a function in ordinary notation: x, + - * / ** ^ ( ), functions by name.

    Decimals become exact fractions. The signs of Unicode are read as what they stand for. Engines write in
    dialects of it, with names of their own. Raises ParseError, with the column, on everything else.
    """
    if len(text) > MAX_LENGTH:
        raise ParseError(f"more than {MAX_LENGTH} characters: too long for a function")
    reader = _Reader(dialect)
    for word in words(text):
        reader.read(word)
    return flatten(reader.finish(len(text) + 1))


class _Reader:
    """Operator precedence with two explicit stacks: nothing recurses, whatever the text."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._operands: list[Node] = []
        self._pending: list[_Pending] = []
        self._complete = False  # an operand has just ended: an operator may follow
        self._ended_by = ""  # the kind of word that ended it, or "root"

    def read(self, word: Word) -> None:
        if self._complete:
            self._after_operand(word)
        else:
            self._at_operand(word)

    def finish(self, column: int) -> Node:
        """The tree of the whole text; `column` is where it ends."""
        if not self._complete:
            what = "the function ends here, but an operand is missing"
            raise ParseError(what if self._pending or self._operands else "no function here", column)
        self._reduce(_SUM)
        if self._pending:
            raise ParseError("this '(' is never closed", self._pending[-1].column)
        return self._operands[0]

    def _at_operand(self, word: Word) -> None:
        kind, text, column = word
        if kind == "number":
            self._push(number(word), kind)
        elif kind == "name":
            self._push(self._bound(column) if text == BOUND else _leaf(self._dialect, text, column), kind)
        elif kind in ("call", "powered"):
            self._wait(_opening(self._dialect, word, len(self._operands)))
        elif text == "(":
            self._wait(_Pending("", _OPENING, column, len(self._operands)))
        elif text == "√":
            self._wait(_Pending("sqrt", _ROOT, column))
        elif text in ("-", "+"):
            self._sign(text, column)
        else:
            raise ParseError(f"an operand is missing before '{text}'", column)

    def _after_operand(self, word: Word) -> None:
        kind, text, column = word
        if text in _OPERATORS:
            token, level = _OPERATORS[text]
            self._refuse_power_of_root(level == _POWER, column)
            self._reduce(level + (level == _POWER))  # a power waits for the power in its exponent
            self._wait(_Pending(token, level, column))
        elif kind == "raised":
            self._refuse_power_of_root(True, column)
            self._push(self._dialect.build("pow", (self._operands.pop(), raised(word))), kind)
        elif text == ")":
            self._close(column)
        elif text == ",":
            self._comma(word)
        else:
            raise ParseError(self._missing_operator(word), column)

    def _push(self, node: Node, kind: str) -> None:
        """An operand has ended: the roots that stand before it are taken at once."""
        self._complete = True
        self._ended_by = kind
        while self._pending and self._pending[-1].level == _ROOT:
            node = self._dialect.build(self._pending.pop().token, (node,))
            self._ended_by = "root"
        self._operands.append(node)

    def _wait(self, pending: _Pending) -> None:
        if len(self._pending) >= MAX_DEPTH:
            raise ParseError("nested too deeply", pending.column)
        self._pending.append(pending)
        self._complete = False

    def _sign(self, sign: str, column: int) -> None:
        if self._pending and self._pending[-1].level == _ROOT:
            raise ParseError("put what is under the root in parentheses", column)
        if sign == "-":
            self._wait(_Pending("", _SIGN, column))

    def _reduce(self, level: int) -> None:
        """Apply the waiting operators that bind at least as tightly as `level`."""
        while self._pending and self._pending[-1].level >= level:
            token = self._pending.pop().token
            last = self._operands.pop()
            self._operands.append(
                self._dialect.build(token, (self._operands.pop(), last)) if token else _negative(last)
            )

    def _opened(self, text: str, column: int) -> _Pending:
        """The parenthesis that is open here, with all inside it applied."""
        self._reduce(_SUM)
        if not self._pending:
            raise ParseError(f"'{text}' without a '(' before it", column)
        return self._pending[-1]

    def _comma(self, word: Word) -> None:
        decimal = word.kind == "comma"
        if decimal and all(pending.level != _OPENING for pending in self._pending):
            raise ParseError(_NO_COMMA, word.column)
        opening = self._opened(",", word.column)
        base = opening.token in self._dialect.bases
        if len(self._operands) - opening.below >= opening.arity + base:
            raise ParseError(_no_comma(opening, decimal), word.column)
        if decimal and base:
            what = "one number or two? write '.' for a decimal point, or a blank after the ','"
            raise ParseError(what, word.column)
        self._complete = False

    def _close(self, column: int) -> None:
        opening = self._opened(")", column)
        self._pending.pop()
        operands = tuple(self._operands[opening.below :])
        del self._operands[opening.below :]
        if len(operands) < opening.arity:
            raise ParseError(f"'{opening.name}' needs {opening.arity} operands", column)
        self._push(self._applied(opening, operands), "parenthesis")

    def _applied(self, opening: _Pending, operands: tuple[Node, ...]) -> Node:
        """What a parenthesis holds, under the function before it."""
        if not opening.token:
            return operands[0]
        if opening.token in SUMS:
            return self._sum(opening, operands)
        if opening.token in _OF_SUMS:
            return self._term(opening, operands)
        node = self._dialect.build(opening.token, operands)
        return node if opening.power == 1 else self._dialect.build("pow", (node, opening.power))

    # -- faults --

    def _refuse_power_of_root(self, is_power: bool, column: int) -> None:
        if is_power and self._ended_by == "root":
            raise ParseError(_UNDER_ROOT, column)

    def _missing_operator(self, word: Word) -> str:
        """What to say where an operand follows an operand."""
        what = f"an operator is missing before {shown(word.text)}: write"
        name = word.text.rstrip("( \t\r\n")
        if self._ended_by == "number" and name in ("e", "E"):
            return f"digits are missing after '{name}': write 2e3 for 2*10**3, or 2*{name} for a product"
        if name == "dx":
            return "write the integrand alone, without dx"
        if self._ended_by == "number" and word.kind == "number":
            return f"{what} the digits of one number together and with one '.', or * for a product"
        if self._ended_by == "root":
            return f"{what} * for a product, and parentheses around all that is under the root"
        operators = (pending for pending in reversed(self._pending) if pending.level != _SIGN)
        last = next(operators, None)
        if last is not None and last.token in ("div", "pow"):
            return f"{what} * for a product, in parentheses where it is a divisor or an exponent"
        return f"{what} * for a product"

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


def _no_comma(opening: _Pending, decimal: bool) -> str:
    """What to say of a ',' where no further operand belongs."""
    if decimal:
        return _NO_COMMA
    if not opening.name:
        return "no ',' belongs here: these parentheses hold one expression"
    operands = "one operand" if opening.arity == 1 else f"{opening.arity} operands"
    base = "; write log(x, b) for the logarithm to base b" if opening.token == "ln" else ""
    return f"'{opening.name}' takes {operands}: no ',' belongs here{base}"


def _leaf(dialect: Dialect, name: str, column: int) -> Node:
    if name in dialect.names:
        return dialect.names[name]
    if name in dialect.functions:
        what = f"'{name}' needs parentheses around its operand, as in {name}(x) or {name}(x)**2"
        raise ParseError(what, column)
    raise ParseError(f"unknown name {shown(name)}: {advice_on_name(name, dialect.functions)}", column)


def _opening(dialect: Dialect, word: Word, below: int) -> _Pending:
    """The parenthesis of a function's operands, with the exponent that may stand before it."""
    name, power = powered(word) if word.kind == "powered" else (word.text[:-1].rstrip(), 1)
    if word.kind == "powered" and name in dialect.names:
        what = "write * for a product, in parentheses where it is an exponent"
        raise ParseError(f"an operator is missing before '(': {what}", word.column + len(word.text) - 1)
    token, arity = _function(dialect, name, word.column)
    if power == -1:
        inverse = f"a{token}(x)" if f"a{token}" in ARITY else _INVERSES.get(token, "the inverse function")
        what = f"is this the inverse function or a quotient? write {inverse} or 1/{name}(x)"
        raise ParseError(what, word.column)
    if power != 1 and (arity != 1 or token == "sqrt"):
        raise ParseError(f"put the exponent behind the operands of '{name}'", word.column)
    return _Pending(token, _OPENING, word.column, below, arity, name, power)


def _function(dialect: Dialect, name: str, column: int) -> tuple[str, int]:
    if name in dialect.functions:
        return dialect.functions[name]
    if name in dialect.names:
        power = ", or exp( for a power of e" if dialect.names[name] == "E" else ""
        raise ParseError(f"'{name}' is no function: write {name}*( for a product{power}", column)
    advice = advice_on_function(name, dialect.functions) or _FUNCTIONS
    raise ParseError(f"unknown function {shown(name)}: {advice}", column)


def _negative(node: Node) -> Node:
    """Minus this: the sign goes into a number or a fraction's numerator if it can.

    -0 and -(-1) stay products, as they are written.
    """
    if isinstance(node, int) and node > 0:
        return -node
    if isinstance(node, Call) and node.token == "div":
        dividend, divisor = node.operands
        if isinstance(dividend, int) and dividend > 0:
            return Call("div", (-dividend, divisor))
    return Call("mul", (-1, node))
