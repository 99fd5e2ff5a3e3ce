"""Rules of `plain_numbers`: what is plain in numbers is worked out, and nothing else changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncgen.mathematics.engines.plain_numbers import with_plain_numbers
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.infix import read_infix
from asyncgen.problems.infix_text import to_infix


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("-3/1*(-1)**(1/3)*x", "-3*(-1)**(1/3)*x"),
        ("1**(1/4)*x", "x"),
        ("2*x/2", "x"),
        ("sqrt(-1)*x", "I*x"),
        ("(-1)**(1/2)*x", "I*x"),
        ("(x + 0)*1", "x"),
        ("sqrt(4)*x - -3", "2*x + 3"),
        ("log(1) + x", "x"),
        ("I**2*x", "-x"),
        ("x*(1/3)*3", "x"),
        ("0*x + sin(x)*1", "sin(x)"),
        ("-(-x)", "x"),
        ("exp(0)*x**1", "x"),
        ("5/0 + x", "5/0 + x"),  # for the check to refuse
        ("3**100*x", "3**100*x"),  # worked out, it would be longer
        ("RootSum(1*z**2 - 2/1, Lambda(z, z*log(x - z)))", None),
    ],
)
def test_numbers_are_worked_out(text: str, plain: str | None) -> None:
    """Signs, quotients, powers and roots of numbers, as far as they come out."""
    tokens = tuple(read_infix(text))
    assert to_infix(with_plain_numbers(tokens)) == (to_infix(tokens) if plain is None else plain)


LEAVES = st.sampled_from(
    [("x",), ("INT+", "1"), ("INT+", "0"), ("INT-", "1"), ("INT+", "4"), ("I",), ("pi",)]
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "div", "pow"]), inner, inner).map(
            lambda t: (t[0], *t[1], *t[2])
        ),
        st.tuples(st.sampled_from(["sqrt", "exp", "ln", "inv", "pow2", "sin"]), inner).map(
            lambda t: (t[0], *t[1])
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_the_value_stays(tokens: tuple[str, ...]) -> None:
    """Wherever both have one, in ball arithmetic; and it never gets longer."""
    plain = with_plain_numbers(tokens)
    assert len(plain) <= len(tokens)
    before, after = compile_tokens(tokens), compile_tokens(plain)
    for place in (0.7109375, -1.2890625, 0.5 + 0.75j):
        first, second = before.value_at(place), after.value_at(place)
        assert not (first.is_finite() and second.is_finite()) or first.overlaps(second)
