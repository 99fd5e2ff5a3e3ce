"""Numbers and signs as people write them: what they mean, by Python's fractions and by SymPy."""

import re
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.tokens import fold


def value(text: str) -> Fraction:
    """The number that a text is read as."""
    return fold(read_infix(text), Fraction, lambda _, operands: Fraction(operands[0]) / operands[1])


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, places=6).map(str),
    st.sampled_from(["e", "E"]),
    st.sampled_from(["", "+", "-", "−"]),
    st.integers(0, 300).map(str),
)
def test_scientific_notation_is_exact(digits: str, letter: str, sign: str, exponent: str) -> None:
    """The value is the one that Python's Fraction finds in the same text."""
    text = f"{digits}{letter}{sign}{exponent}"
    assert value(text) == Fraction(text.replace("−", "-"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1e-05*x", "1/100000*x"),
        ("2.5e3*x", "2500*x"),
        ("1E5", "100000"),
        (".5e-2", "1/200"),
        ("2.e1", "20"),
        ("-1e-1", "-1/10"),
        ("x**1e0", "x**1"),
        ("0e-7", "0"),
        ("1e-0000000000000000005", "1/100000"),
        ("½*x + x^¾", "1/2*x + x**(3/4)"),
        ("2*e - 3*E", "2*E - 3*E"),
    ],
)
def test_numbers_are_read(text: str, read: str) -> None:
    """An exponent of ten needs digits on both sides of the e; e alone is Euler's number."""
    assert to_infix(read_infix(text)) == read


DIGITS_ARE_MISSING = "digits are missing after '{}': write 2e3 for 2*10**3, or 2*{} for a product"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        *((text, 2, DIGITS_ARE_MISSING.format("e", "e")) for text in ("2e", "3e*x", "2e-x", "2e(x)", "1e+")),
        ("3E*x", 2, DIGITS_ARE_MISSING.format("E", "E")),
        ("1e5.5", 4, "write the digits of one number together and with one '.'"),
        ("1 000*x", 3, "write the digits of one number together"),
        ("1.000.000*x", 6, "write the digits of one number together"),
        ("0,5*x", 2, "write 1.5 with a decimal point, and 1000 without a sign"),
        ("1,000*x", 2, "write 1.5 with a decimal point, and 1000 without a sign"),
        ("sin(0,5*x)", 6, "no ',' belongs into a number"),
        ("(0,5)*x", 3, "no ',' belongs into a number"),
        ("log(2,5*x)", 6, "one number or two?"),
        ("1e999999999*x", 1, "more than 1000 digits"),
        ("1e-1000", 1, "more than 1000 digits"),
        ("9" * 990 + "e11", 1, "more than 1000 digits"),
        ("1e" + "9" * 90_000, 1, "more than 1000 digits"),
        ("x" + "²" * 1001, 2, "more than 1000 digits"),
    ],
)
def test_what_is_no_number_is_refused(text: str, column: int, message: str) -> None:
    """In one line, at once, whose advice changes no value."""
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read_infix(text)
    assert raised.value.column == column


def test_the_longest_numbers_are_read() -> None:
    """1000 digits above and below the line."""
    assert value("1e999") == 10**999
    assert value("1e-999") == Fraction(1, 10**999)
    assert value("." + "0" * 998 + "1") == Fraction(1, 10**999)


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("−x − 1 – 2", "-x - 1 - 2"),
        ("2×x·3⋅x∙4•x", "2*x*3*x*4*x"),
        ("x÷2∕x", "x/2/x"),
        ("2⁢x", "2*x"),
        ("sin⁡(x)", "sin(x)"),
        ("x\u00a0+\u202f1\u2009−\u20072\u3000*\u200bx", "x + 1 - 2 * x"),
        ("π*x + 2*π²", "pi*x + 2*pi**2"),
        ("x² + x³ − x⁻¹ + x¹⁰", "x**2 + x**3 - x**(-1) + x**10"),
        ("−x²", "-x**2"),
        ("2^x²", "2**(x**2)"),
        ("x²^3", "(x**2)**3"),
        ("(x + 1)² / 2²", "(x + 1)**2 / 2**2"),
        ("sin(x)²", "sin(x)**2"),
        ("√x + √(x+1) + √2*x", "sqrt(x) + sqrt(x+1) + sqrt(2)*x"),
        ("√√x + √sin(x)", "sqrt(sqrt(x)) + sqrt(sin(x))"),
        ("2*√x", "2*sqrt(x)"),
        ("x^√2", "x**sqrt(2)"),
        ("-√x/2", "-sqrt(x)/2"),
        ("ℯ^x + ⅇ", "e^x + e"),
        ("ⅈ*x", "I*x"),
        ("𝑥² + 𝜋", "x**2 + pi"),
        ("（ｘ＋１）＊２", "(x+1)*2"),
        ("√(𝑥)−1", "sqrt(x)-1"),
    ],
)
def test_signs_are_read_as_what_they_are(text: str, ascii_text: str) -> None:
    """A text with signs of Unicode is the function of the text that is typed on a keyboard."""
    assert to_infix(read_infix(text)) == to_infix(read_infix(ascii_text))


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x + ∞", 5, "character '∞' (INFINITY, U+221E) is not part of the notation: infinity is no number"),
        (
            "∛x",
            1,
            "write x**(1/3), which is complex for x < 0, or sign(x)*abs(x)**(1/3), which is real there",
        ),
        ("x — 1", 3, "character '—' (EM DASH, U+2014) is not part of the notation: write - for minus"),
        ("|x|", 1, "write abs(x)"),
        ("[x + 1]*2", 1, "write ( and )"),
        ("\\sin(x)", 1, "LaTeX is not read"),
        ("x! + 1", 2, "write gamma(x + 1)"),
        ("eˣ", 2, "write ^ before an exponent"),
        ("sin(30°)", 7, "angles are in radians"),
        ("∫x", 1, "write the integrand alone"),
        ("x = 1", 3, "without an equals sign"),
        ("𝔼*x", 1, "character '𝔼' (MATHEMATICAL DOUBLE-STRUCK CAPITAL E, U+1D53C)"),
        ("\u202ex", 1, r"character '\u202e' is not part"),
        ("α*x", 1, "unknown name 'α'"),
        ("√x²", 3, "is the power under the root or outside it?"),
        ("√x^2", 3, "is the power under the root or outside it?"),
        ("√(x)²", 5, "is the power under the root or outside it?"),
        ("√2x", 3, "parentheses around all that is under the root"),
        ("√-x", 2, "put what is under the root in parentheses"),
        ("2√x", 2, "write * for a product"),
        ("√", 2, "an operand is missing"),
        ("²", 1, "an operand is missing before '²'"),
        ("2πx", 2, "an operator is missing before 'π'"),
    ],
)
def test_other_signs_are_refused_by_name(text: str, column: int, message: str) -> None:
    """The line shows the character, if it can be shown, with its name and what to write."""
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read_infix(text)
    assert raised.value.column == column
    assert str(raised.value).isprintable()


@given(st.text(alphabet=st.characters(max_codepoint=0x1FFFF), max_size=30))
def test_no_character_is_passed_over(text: str) -> None:
    """What is read holds blanks and signs, digits and letters, and nothing else."""
    try:
        read_infix(text)
    except ParseError:
        return
    assert all(char.isspace() or unicodedata.category(char)[0] in "LNSPC" for char in text)


@pytest.mark.parametrize(
    "text",
    [
        "x^" + " " * 99_000,
        "x ^ ( " * 10_000,
        "sin" + " " * 99_000,
        "x" * 50_000 + "²" * 49_000,
        "sin^" + "2" * 90_000 + "(x)",
        "1e" * 40_000,
    ],
)
def test_reading_takes_linear_time(text: str) -> None:
    """What might be a power of a function, and is none, is looked at once."""
    with pytest.raises(ParseError):
        read_infix(text)
