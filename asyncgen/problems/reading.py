"""A function in whichever notation somebody wrote it: ordinary, prefix, or a published line with an answer.

Lines as facebookresearch/SymbolicMathematics publishes them hold an equation and its solution, with a tab
between them: `12|sub Y' f`, where 12 counts how often the equation occurs, and then F. They say F' = f.
"""

import re
from typing import NamedTuple

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.tokens import ARITY, LEAVES, MAX_LENGTH, SIGNS, SUMS, read_prefix

Tokens = tuple[str, ...]

BEGINNINGS = ARITY.keys() | SUMS.keys() | frozenset(SIGNS)
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_FACTORS = re.compile(r"[0-9.]+[A-Za-z]")  # as in 2x
_ORDINARY = frozenset("+-*/^()√−×·÷⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BLANKS = r"[^\S\t]*+"  # a tab stands before the answer
COUNT = re.compile(rf"{_BLANKS}[0-9]++{_BLANKS}\|{_BLANKS}")
_EQUATION = re.compile(r"\s*+sub\s++Y'(?!\S)")


class Line(NamedTuple):
    """A function, and the answer that the line gives with it, if it gives one."""

    function: Tokens
    answer: Tokens | None = None


def read_line(text: str) -> Line:
    """The function of a line in any of the notations. Raises ParseError, with the column."""
    count = COUNT.match(text)
    equation = _EQUATION.match(text, count.end() if count else 0)
    if equation is not None:
        return _solved(text, equation.end())
    if count is not None and "|" not in text[count.end() :]:
        first, *_ = text[count.end() :].split(maxsplit=1) or [""]
        if first in BEGINNINGS or first in LEAVES:
            raise ParseError("a published line goes on with sub Y' and the function", count.end() + 1)
    return Line(read_function(text))


def read_function(text: str, leaves: frozenset[str] = LEAVES) -> Tokens:
    """The tokens of a function in prefix or in ordinary notation, whichever it is written in.

    Prefix begins with an operator or a sign, then a blank, and has no parentheses and no signs of ordinary
    notation anywhere. Blanks may be tabs. Ordinary notation has no other leaves than LEAVES.
    """
    first, *rest = text[:MAX_LENGTH].split() or [""]
    if rest and first in BEGINNINGS and not any(map(_is_ordinary, rest)):
        return read_prefix(text, leaves)
    if not rest and first in leaves - LEAVES:
        return (first,)
    return read_infix(text)


def _is_ordinary(word: str) -> bool:
    """Whether a word has signs that no token has; numbers are looked at where tokens are."""
    signs = not _ORDINARY.isdisjoint(word) and word not in SIGNS
    return (signs or _FACTORS.match(word) is not None) and not _NUMBER.fullmatch(word)


def _solved(text: str, start: int) -> Line:
    """What stands behind `sub Y'`: the function, a tab, and the answer."""
    function, _, answer = text[start:].partition("\t")
    if "\t" in answer.strip():
        place = start + len(function) + 1 + answer.rindex("\t", 0, len(answer.rstrip()))
        raise ParseError("a published line has one tab, before the answer", place + 1)
    tokens = _part(function, start, "the function")
    return Line(tokens, _part(answer, start + len(function) + 1, "the answer") if answer.strip() else None)


def _part(text: str, start: int, what: str) -> Tokens:
    """The tokens of a part of a line; a fault is told of this part, in the column of the line."""
    try:
        return read_prefix(text)
    except ParseError as error:
        raise ParseError(f"{what}: {error}", start + error.column) from None
