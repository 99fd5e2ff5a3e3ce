"""Rules of the notation of the published files."""

import pytest
from drawn import agree, drawn

from asyncgen.problems.infix import read_infix
from asyncgen.problems.published import in_published_notation, nested_exponentials, operators_of
from asyncgen.problems.tokens import ALL_LEAVES, fold


def published(text: str) -> str:
    return " ".join(in_published_notation(read_infix(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x - 2", "add x INT- 2"),
        ("x - x**2", "add x mul INT- 1 pow x INT+ 2"),
        ("1/x", "pow x INT- 1"),
        ("x/2", "mul div INT+ 1 INT+ 2 x"),
        ("3/sqrt(x)", "mul INT+ 3 pow x div INT- 1 INT+ 2"),
        ("sqrt(x)", "sqrt x"),
        ("sqrt(x)**3", "pow x div INT+ 3 INT+ 2"),
        ("x**(2/3)", "pow x div INT+ 2 INT+ 3"),
        ("x + x**2 - x**3 + 1", "add x add pow x INT+ 2 add mul INT- 1 pow x INT+ 3 INT+ 1"),
        ("x*sin(x)*exp(x)", "mul x mul sin x exp x"),
        ("x/(2*sin(x))", "mul div INT+ 1 INT+ 2 mul x pow sin x INT- 1"),
        ("x**x", "pow x x"),
        ("(2*x)**2", "mul INT+ 4 pow x INT+ 2"),
        ("3/4", "div INT+ 3 INT+ 4"),
        ("x/sqrt(2)", "mul div INT+ 1 INT+ 2 mul x sqrt INT+ 2"),
    ],
)
def test_notation(text: str, expected: str) -> None:
    """Examples as in the published files."""
    assert published(text) == expected


def test_values_are_kept() -> None:
    """The notation changes, the function does not, by balls."""
    compared = 0
    for tokens in drawn(300, seed=9):
        try:
            compared += agree(tokens, in_published_notation(tokens)) > 0
        except ZeroDivisionError:  # 1/0, which nobody publishes
            continue
    assert compared > 200


def test_vocabulary() -> None:
    """No subtraction, no fixed powers, and quotients of integers only."""
    for tokens in drawn(200, seed=10):
        try:
            found = in_published_notation(tokens)
        except ZeroDivisionError:
            continue
        assert not {"sub", "inv", "pow2", "pow3", "pow4", "pow5"} & set(found)

        def check(token: str, operands: list[object]) -> object:
            assert token != "div" or all(isinstance(operand, int) for operand in operands)
            return token

        fold(found, lambda leaf: leaf, check, ALL_LEAVES)


def test_equations() -> None:
    """The unknown function and the constants of its solutions are kept as they are."""
    found = in_published_notation(("sub", "Y'", "div", "Y", "x"))
    assert " ".join(found) == "add Y' mul INT- 1 mul Y pow x INT- 1"


def test_counts() -> None:
    """Operators, and exponentials inside each other."""
    assert operators_of(read_infix("exp(sinh(x)) + x**2")) == 4
    assert nested_exponentials(read_infix("exp(sinh(x)) + cosh(exp(exp(x)))")) == 3
