"""A function in whichever notation it is written, and the lines that are published with answers."""

import re

import pytest

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.reading import read_function, read_line


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "sin x",
        "add x INT+ 1",
        "INT- 1 2",
        "pow2 x",
        "  mul x x ",
        "add\tx\tINT+\t1",
        "mul\u00a0x\u2009x",
    ],
)
def test_prefix_is_recognised(text: str) -> None:
    """Text that begins with an operator or a sign token and a blank, of whatever kind, is prefix notation."""
    assert read_function(text) == tuple(text.split())


@pytest.mark.parametrize("text", ["sin (x)", "sin(x)", "add (x, 1)", "ln (x) + 1", "exp( x )"])
def test_functions_with_parentheses_are_ordinary(text: str) -> None:
    """A name before a parenthesis is a call, with or without a space between them."""
    assert read_function(text) == read_infix(text)


@pytest.mark.parametrize("text", ["sin 2*x", "sin x²", "sin 2x", "sin √x", "sin x + 1"])
def test_a_function_without_parentheses_is_told_of_them(text: str) -> None:
    """Signs of ordinary notation show that a text is no prefix notation."""
    with pytest.raises(ParseError, match="'sin' needs parentheses around its operand") as raised:
        read_function(text)
    assert raised.value.column == 1


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("INT+ 12", 6, "write INT+ 1 2"),
        ("mul INT- 12 x", 10, "write INT- 1 2"),
        ("mul 12 x", 5, "write INT+ 1 2"),
        ("mul -3 x", 5, "write INT- 3"),
        ("mul\t\t+34 x", 6, "write INT+ 3 4"),
        ("mul INT+ 1234567890123 x", 10, "write INT+ 1 2 3 4 5 6 7 8 9 0 1 2 ..."),
    ],
)
def test_integers_in_one_piece_are_told_apart(text: str, column: int, told: str) -> None:
    """The line says how the integer is written, with its own sign."""
    with pytest.raises(ParseError, match=f"digits of an integer stand apart, {re.escape(told)}$") as raised:
        read_function(text)
    assert raised.value.column == column


def test_columns_of_prefix_notation_are_those_of_the_text() -> None:
    """Several blanks between two tokens are several columns."""
    with pytest.raises(ParseError, match="unknown token 'π'") as raised:
        read_function("add  x\t\tπ")
    assert raised.value.column == 9


@pytest.mark.parametrize(
    ("text", "function", "answer"),
    [
        ("12|sub Y' mul INT+ 2 x\tpow x INT+ 2", "mul INT+ 2 x", "pow x INT+ 2"),
        ("sub Y' mul INT+ 2 x\tpow x INT+ 2", "mul INT+ 2 x", "pow x INT+ 2"),
        ("1|sub Y' x", "x", None),
        ("1|sub Y' x\t", "x", None),
        (" 3| sub  Y' exp x\texp x \t", "exp x", "exp x"),
        ("mul INT+ 1 0 x", "mul INT+ 1 0 x", None),
    ],
)
def test_published_lines_are_read_as_they_stand(text: str, function: str, answer: str | None) -> None:
    """A count and a bar, `sub Y'`, the function, a tab, the answer; count and answer may be missing."""
    line = read_line(text)
    assert (line.function, line.answer) == (tuple(function.split()), answer and tuple(answer.split()))


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1|sub Y' \tx", 9, "the function: no expression"),
        ("1|sub Y' foo x\tx", 10, "the function: unknown token 'foo'"),
        ("1|sub Y' x\tmul x foo", 18, "the answer: unknown token 'foo'"),
        ("1|sub Y' x x\tx", 10, "the function: more than one expression"),
        ("1|sub Y' mul x\tx x", 10, "the function: 'mul' needs 2 operands"),
        ("1|sub Y' x\tx\tx", 13, "one tab, before the answer"),
        ("1|sub Y' x\tx**2", 12, "the answer: unknown token 'x**2'"),
        ("1|mul x Y'\tx", 3, "goes on with sub Y'"),
        ("1|", 2, "character '|'"),
        ("2|x|", 2, "write abs(x)"),
        ("sub Y'", 7, "the function: no expression"),
    ],
)
def test_faults_of_published_lines_have_a_column(text: str, column: int, message: str) -> None:
    """It says which part is meant; an operand that is missing is never taken from the answer."""
    with pytest.raises(ParseError, match=re.escape(message)) as raised:
        read_line(text)
    assert raised.value.column == column
