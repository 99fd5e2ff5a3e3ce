"""Tokens <-> SymPy expressions: the only place where one becomes the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy
from sympy import Dummy, Integer, Lambda, Piecewise, Rational, S, Symbol
from sympy.polys.rootoftools import RootSum

from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import ARITY, BOUND, SPECIAL, fold, polynomial_in_bound

Expression = Any  # SymPy annotates too little of itself to be checked against

X = Symbol("x")
Z = Symbol(BOUND)  # the variable of sums over roots, on the way to SymPy
_ROOT = Dummy(BOUND)  # the same on the way back: a Symbol of this name elsewhere has no notation
LARGEST_EXPONENT = 10_000  # a larger constant exponent makes numbers that SymPy cannot hold
LARGEST_WRITTEN_OUT = 2  # degree of the polynomials whose roots are written out, in radicals
LONGEST = 5_000  # tokens of an expression worth writing


class Untranslatable(Exception):
    """An expression has no place in the notation; `head` names what stands in the way."""

    def __init__(self, head: str) -> None:
        super().__init__(f"no notation for {head}")
        self.head = head


def to_sympy(tokens: Sequence[str]) -> Expression:
    """The expression of a function in prefix notation, evaluated bottom-up as SymPy does.

    Raises ParseError for what is no prefix, Untranslatable("huge") for numbers too large to hold.
    """
    return fold(tokens, _leaf, _apply)


def _leaf(token: str | int) -> Expression:
    return Integer(token) if isinstance(token, int) else _LEAVES[token]


def _apply(name: str, operands: list[Expression]) -> Expression:
    if name in ("pow", "rac"):
        base, exponent = operands
        return _power(base, exponent if name == "pow" else 1 / exponent)
    if name in _FIXED_POWERS:
        return _power(operands[0], Integer(_FIXED_POWERS[name]))
    return _MAKERS[name](*operands)


def _power(base: Expression, exponent: Expression) -> Expression:
    if exponent.is_Rational and abs(exponent.p) > LARGEST_EXPONENT:
        raise Untranslatable("huge")
    if base.is_Rational and base.p.bit_length() + base.q.bit_length() > LARGEST_EXPONENT:
        raise Untranslatable("huge")
    return base**exponent


def _hypergeometric(upper: int) -> Callable[..., Expression]:
    hyper: Callable[..., Expression] = sympy.hyper
    return lambda *u: hyper(u[:upper], u[upper:-1], u[-1])


def _root_sum(polynomial: Expression, term: Expression) -> Expression:
    return RootSum(polynomial, Lambda(Z, term), Z)


_LEAVES: dict[str, Expression] = {"x": X, BOUND: Z, "pi": S.Pi, "E": S.Exp1, "I": S.ImaginaryUnit}
_FIXED_POWERS = {"inv": -1, "pow2": 2, "pow3": 3, "pow4": 4, "pow5": 5}
_SPELLINGS = {"ln": "log", "abs": "Abs"}  # where SymPy's name differs from the token
_ARITHMETIC: dict[str, Callable[..., Expression]] = {
    "add": lambda u, v: u + v,
    "sub": lambda u, v: u - v,
    "mul": lambda u, v: u * v,
    "div": lambda u, v: u / v,
}
_NAMED = [name for name in ARITY if hasattr(sympy, _SPELLINGS.get(name, name))]
_NAMED = [name for name in _NAMED if name not in (*_ARITHMETIC, *_FIXED_POWERS, "pow")]
_MAKERS: dict[str, Callable[..., Expression]] = {
    **_ARITHMETIC,
    **{name: getattr(sympy, _SPELLINGS.get(name, name)) for name in _NAMED},
    **{name: _hypergeometric(int(name[3])) for name in SPECIAL if name.startswith("hyp")},
    "rootsum": _root_sum,
}
_HEADS = {_SPELLINGS.get(name, name): name for name in _NAMED if name != "sqrt"}
# Points on the Riemann surface of the logarithm, as their values: the check judges the answer.
_HEADS["exp_polar"] = "exp"


def from_sympy(expression: Expression) -> tuple[str, ...]:
    """An expression in x as tokens. Raises Untranslatable, naming the first head without a token.

    Sums and products of many terms nest to the right, in SymPy's order of arguments.
    """
    tokens: list[str] = []
    _write(expression, tokens)
    return tuple(tokens)


def _write(expression: Expression, out: list[str]) -> None:
    if len(out) > LONGEST:
        raise Untranslatable("long")
    if expression.is_Rational:
        _write_rational(expression, out)
    elif expression in _LEAF_TOKENS:
        out.append(_LEAF_TOKENS[expression])
    elif expression.is_Add or expression.is_Mul:
        _write_many("add" if expression.is_Add else "mul", expression.args, out)
    elif expression.is_Pow:
        _write_power(expression, out)
    else:
        _write_function(expression, out)


def _write_many(operator: str, operands: Sequence[Expression], out: list[str]) -> None:
    for operand in operands[:-1]:
        out.append(operator)
        _write(operand, out)
    _write(operands[-1], out)


def _write_power(power: Expression, out: list[str]) -> None:
    base, exponent = power.as_base_exp() if power.base is S.Exp1 else power.args
    if exponent is S.Half:
        out.append("sqrt")
        _write(base, out)
        return
    if base is S.Exp1:
        out.append("exp")
    else:
        out.append("pow")
        _write(base, out)
    _write(exponent, out)


def _write_function(function: Expression, out: list[str]) -> None:
    head = type(function).__name__
    arguments = function.args
    if head == "polar_lift":
        _write(arguments[0], out)
        return
    if head == "hyper":
        upper, lower, argument = arguments
        head, arguments = f"hyp{len(upper)}f{len(lower)}", (*upper, *lower, argument)
    if head == "RootSum":
        _write_root_sum(function, out)
        return
    token = _HEADS.get(head, head)
    if ARITY.get(token) != len(arguments):
        raise Untranslatable(head)
    out.append(token)
    for argument in arguments:
        _write(argument, out)


def _write_root_sum(root_sum: Expression, out: list[str]) -> None:
    """A sum over the roots of a polynomial with rational coefficients; sums inside sums are refused."""
    variable, term = root_sum.fun.variables[0], root_sum.fun.expr
    polynomial: list[str] = []
    try:
        _write_polynomial(root_sum.poly.terms(), polynomial)
        polynomial_in_bound(polynomial)
    except ParseError:
        raise Untranslatable("RootSum") from None
    if term.has(RootSum):
        raise Untranslatable("RootSum")
    out += ["rootsum", *polynomial]
    _write(term.xreplace({variable: _ROOT}), out)


def _write_polynomial(terms: list[tuple[tuple[int], Expression]], out: list[str]) -> None:
    """A polynomial as people write it: the highest power first, no factors of 1."""
    for number, ((power,), coefficient) in enumerate(terms, start=1):
        if number < len(terms):
            out.append("add")
        if coefficient != 1 and power:
            out.append("mul")
        if coefficient != 1 or not power:
            _write(coefficient, out)
        if power:
            _write(_ROOT**power, out)


def _write_rational(number: Rational, out: list[str]) -> None:
    if number.q != 1:
        out.append("div")
    _write_integer(number.p, out)
    if number.q != 1:
        _write_integer(number.q, out)


def _write_integer(number: int, out: list[str]) -> None:
    if number.bit_length() > LARGEST_EXPONENT:  # int() and str() refuse more digits than 4300
        raise Untranslatable("huge")
    out.append("INT-" if number < 0 else "INT+")
    out.extend(str(abs(number)))


_LEAF_TOKENS = {expression: token for token, expression in _LEAVES.items() if token != BOUND}
_LEAF_TOKENS[_ROOT] = BOUND


def candidates(answer: Expression) -> Iterator[tuple[str, ...]]:
    """What an engine's answer may be in tokens, each to be checked: one for each Piecewise branch.

    Raises Untranslatable if the answer, or its only branch, has no notation.
    """
    answer = answer.xreplace({sum_: _written_out(sum_) for sum_ in answer.atoms(RootSum)})
    branches = max((len(p.args) for p in answer.atoms(Piecewise)), default=1)
    failed: Untranslatable | None = None
    for number in range(branches):
        try:
            yield from_sympy(_branch(answer, number))
        except Untranslatable as error:
            failed = error
    if failed and branches == 1:
        raise failed


def _branch(answer: Expression, number: int) -> Expression:
    """The answer with every Piecewise replaced by this branch of it, or by its last."""
    return answer.replace(
        lambda e: isinstance(e, Piecewise), lambda p: p.args[min(number, len(p.args) - 1)].expr
    )


def _written_out(root_sum: Expression) -> Expression:
    """A sum over the roots of a quadratic, with its roots in radicals: short, and real where the sum is.

    From degree three on radicals are long: those of z**3 + z + 1 make 500 tokens of a sum of 22, and those of
    a polynomial of degree four 3000 of one of 39.
    """
    return root_sum.doit() if root_sum.poly.degree() <= LARGEST_WRITTEN_OUT else root_sum
