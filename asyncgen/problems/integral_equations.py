"""Differential equations that ask for an integral: Y' = f(x), however its terms are arranged."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.problems.tokens import ALL_LEAVES, SIGNS, fold

Tokens = tuple[str, ...]
_Terms = tuple[tuple[bool, Tokens], ...]  # of a sum; whether they are subtracted

_DERIVATIVE = "Y'"
_OTHER_UNKNOWNS = frozenset(("Y", "Y''"))
_ONE: Tokens = ("INT+", "1")
_MINUS_ONE: Tokens = ("INT-", "1")
_MINUS: Tokens = ("mul", *_MINUS_ONE)  # the published notation subtracts so
_ZERO: Tokens = ("INT+", "0")


class _NotLinearError(Exception):
    """Y' stands where no rule here follows it."""


class _Part(NamedTuple):
    """slope * Y' + rest; or `tokens`, in which there is no Y'."""

    tokens: Tokens
    slope: _Terms = ()
    rest: _Terms = ()

    @property
    def terms(self) -> _Terms:
        """The rest, as terms of a sum."""
        if not self.tokens:
            return self.rest
        minus = self.tokens[:3] == _MINUS and not self.tokens[3].isdigit()
        return ((minus, self.tokens[3:] if minus else self.tokens),)


def asked(tokens: Sequence[str]) -> Tokens:
    """The function whose integral an equation asks for; any other problem as it is. Raises ParseError."""
    return integrand_of(tokens) or tuple(tokens)


def integrand_of(tokens: Sequence[str]) -> Tokens | None:
    """The f of an equation a(x) Y' = b(x), which asks for the integral of f = b/a, up to a constant factor.

    None for a function, and for every other equation. Raises ParseError.
    """
    if _DERIVATIVE not in tokens or not _OTHER_UNKNOWNS.isdisjoint(tokens):
        return None
    try:
        equation = fold(tokens, _leaf, _apply, ALL_LEAVES)
    except _NotLinearError:
        return None
    above, below = _sum(equation.rest), _sum(equation.slope)
    return above if "x" not in below else ("div", *above, *below)


def _leaf(value: str | int) -> _Part:
    if value == _DERIVATIVE:
        return _Part((), slope=((False, _ONE),))
    if isinstance(value, str):
        return _Part((value,))
    return _Part((SIGNS[value < 0], *str(abs(value))))


def _apply(name: str, operands: list[_Part]) -> _Part:
    if not any(operand.slope for operand in operands):
        return _Part((name, *(token for operand in operands for token in operand.tokens)))
    first, *others = operands
    if name in ("add", "sub"):
        second = _negated(others[0]) if name == "sub" else others[0]
        return _Part((), first.slope + second.slope, first.terms + second.terms)
    if name == "mul" and not (first.slope and others[0].slope):
        held, factor = (first, others[0]) if first.slope else (others[0], first)
        return _negated(held) if factor.tokens == _MINUS_ONE else _times(held, "mul", factor.tokens)
    if name == "div" and not others[0].slope:
        return _times(first, "div", others[0].tokens)
    raise _NotLinearError


def _negated(part: _Part) -> _Part:
    slope, rest = (tuple((not minus, term) for minus, term in terms) for terms in (part.slope, part.terms))
    return _Part((), slope, rest)


def _times(part: _Part, name: str, factor: Tokens) -> _Part:
    """A part with Y' in it times a function, or divided by one."""

    def times(term: Tokens) -> Tokens:
        if name == "mul":
            return factor if term == _ONE else ("mul", *factor, *term)
        return ("div", *term, *factor)

    slope, rest = (tuple((minus, times(term)) for minus, term in terms) for terms in (part.slope, part.rest))
    return _Part((), slope, rest)


def _sum(terms: _Terms) -> Tokens:
    """The sum of terms, those that are added first; its negative where all are subtracted."""
    if not terms:
        return _ZERO
    if all(minus for minus, _ in terms):
        terms = tuple((False, term) for _, term in terms)
    (_, total), *others = sorted(terms, key=lambda term: term[0])
    for minus, term in others:
        total = ("sub" if minus else "add", *total, *term)
    return total
