"""The words of ordinary notation: numbers, names, calls and signs, with the signs of Unicode among them.

Guarantees: linear time; every character of a text belongs to one word, or is named in a ParseError.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from asyncgen.problems.errors import ParseError
from asyncgen.problems.tokens import MAX_DIGITS
from asyncgen.problems.tree import Call, Node


class Word(NamedTuple):
    """A word, what it is, and the column in which it begins, from 1."""

    kind: str  # the last group of _WORD that it has
    text: str
    column: int


# One character for one, so that columns stay.
_SAME = {
    **dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-"),
    **dict.fromkeys("\N{MULTIPLICATION SIGN}\N{MIDDLE DOT}\N{GREEK ANO TELEIA}\N{DOT OPERATOR}", "*"),
    **dict.fromkeys("\N{BULLET OPERATOR}\N{BULLET}\N{ASTERISK OPERATOR}\N{INVISIBLE TIMES}", "*"),
    **dict.fromkeys("\N{DIVISION SIGN}\N{DIVISION SLASH}", "/"),
    **dict.fromkeys("\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{FUNCTION APPLICATION}\ufeff", " "),
    "\N{DOUBLE-STRUCK ITALIC SMALL I}": "I",
}
_SHAPES = ("<font> ", "<wide> ", "<small> ")  # a character in another shape: 𝑥, a letter of full width
_FRACTIONS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

_LETTERS = "A-Za-z_\u00c0-\u024f\u0370-\u03bf\u03c1-\u03ff"  # pi, which is left out, is a word alone
_NAME = f"(?:π|[{_LETTERS}][{_LETTERS}0-9₀-₉]*+)"
_RAISED_NUMBER = "[⁺⁻]?[⁰¹²³⁴-⁹]++"
_EXPONENT = r"(?:\*\*|\^)\s*+(?:-?\s*+[0-9]++|\(\s*+-?\s*+[0-9]++\s*+\))"
_WORD = re.compile(
    rf"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[{''.join(_FRACTIONS)}])"
    rf"|(?P<name>{_NAME})(?:\s*+(?:(?P<call>\()|(?P<powered>(?:{_EXPONENT}|{_RAISED_NUMBER})\s*+\()))?+"
    rf"|(?P<raised>{_RAISED_NUMBER})"
    r"|(?P<comma>(?<=[0-9]),(?=[0-9]))"  # which may have been meant for a decimal point
    r"|(?P<symbol>\*\*|[-+*/^(),√])"
    r"|(?P<blank>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_POWERED = re.compile(rf"(?P<name>{_NAME})[\s*^(]*(?P<exponent>[-⁺⁻]?\s*[0-9⁰¹²³⁴-⁹]+)")

_BRACKETS = "write ( and ) for parentheses"
CUBE_ROOT = "write x**(1/3), which is complex for x < 0, or sign(x)*abs(x)**(1/3), which is real there"
_RAISED_NAME = "write ^ before an exponent that is no number"
_ADVICE = {
    **dict.fromkeys("[]{}", _BRACKETS),
    **dict.fromkeys("\\$", "LaTeX is not read: write exp(x)/(x + 1), for instance"),
    **dict.fromkeys("ˣⁿ", _RAISED_NAME),
    **dict.fromkeys("\"'`", "write the function without quotation marks"),
    "|": "write abs(x) for an absolute value",
    "=": "write one function of x, without an equals sign",
    "!": "write gamma(x + 1) for the factorial of x",
    "°": "angles are in radians",
    "∛": CUBE_ROOT,
    "∞": "infinity is no number",
    "∫": "write the integrand alone",
    "—": "write - for minus",
}


def words(text: str) -> Iterator[Word]:
    """Each word that is not blank. Raises ParseError at a character that is not part of the notation."""
    for match in _WORD.finditer(text if text.isascii() else "".join(map(_plain, text))):
        word = Word(match.lastgroup or "", match.group(), match.start() + 1)
        if word.kind == "other":
            advice = _ADVICE.get(word.text)
            what = f"character {_described(word.text)} is not part of the notation"
            raise ParseError(f"{what}: {advice}" if advice else what, word.column)
        if word.kind != "blank":
            yield word


def _plain(char: str) -> str:
    """The character that this one stands for; itself, if it stands for no other."""
    if char in _SAME:
        return _SAME[char]
    shape = unicodedata.decomposition(char)
    if not shape.startswith(_SHAPES) or "DOUBLE-STRUCK CAPITAL" in unicodedata.name(char):
        return char
    return chr(int(shape.split()[1], 16))


def _described(char: str) -> str:
    """A character so that people can tell which one it is."""
    if char.isascii() or not char.isprintable():
        return ascii(char)
    return f"'{char}' ({unicodedata.name(char, 'without a name')}, U+{ord(char):04X})"


def number(word: Word) -> Node:
    """An integer, or a decimal as an exact fraction: 0.5, 1e-05, ½."""
    if word.text in _FRACTIONS:
        return Call("div", _FRACTIONS[word.text])
    digits, _, exponent = word.text.lower().partition("e")
    if len(digits) > MAX_DIGITS or len(exponent.lstrip("+-0")) > len(str(MAX_DIGITS)):
        raise ParseError(f"a number of more than {MAX_DIGITS} digits", word.column)
    if digits == word.text and digits.isdigit():
        return int(digits)  # by far the most
    whole, _, part = digits.partition(".")
    shift = _integer(exponent) - len(part)
    if max(len(digits) + shift, 1 - shift) > MAX_DIGITS:
        raise ParseError(f"a number of more than {MAX_DIGITS} digits", word.column)
    value = int(whole + part) * Fraction(10) ** shift
    if value.denominator == 1:
        return value.numerator
    return Call("div", (value.numerator, value.denominator))


def _integer(text: str) -> int:
    """The integer, 0 for no text; a sign and leading zeros may be any number of characters."""
    value = int(text.lstrip("+-0") or 0)
    return -value if text.startswith("-") else value


def raised(word: Word) -> int:
    """The exponent that is written above the line, as in x⁻¹."""
    return _short(word.text.translate(_RAISED), word.column)


def powered(word: Word) -> tuple[str, int]:
    """The name of a function and the exponent between it and its operand, as in sin^2(x) and sin²(x)."""
    match = _POWERED.match(word.text)
    assert match is not None
    exponent = "".join(match["exponent"].split()).translate(_RAISED)
    return match["name"], _short(exponent, word.column)


def _short(digits: str, column: int) -> int:
    if len(digits) > MAX_DIGITS:
        raise ParseError(f"a number of more than {MAX_DIGITS} digits", column)
    return int(digits)
