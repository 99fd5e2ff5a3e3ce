"""What is exported keeps its meaning on the way through SymPy: prefix, SymPy, prefix."""

from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asyncgen import spec_for
from asyncgen.datasets import stream
from asyncgen.mathematics.sympy_notation import Untranslatable, from_sympy, to_sympy
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.kinds import KINDS
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.tokens import ARBITRARY, UNKNOWNS
from asyncgen.sampler import Sampler

PLACES = (0.7109375, 1.3359375, 2.1484375, -0.4140625, 0.3 + 0.2j, -1.7 - 0.4j, 5.25 + 1.5j, 19.5)
BITS = 200
# Leaves that SymPy's notation here does not have stand for functions and constants that nothing depends on.
STANDING_FOR = dict(
    zip((*UNKNOWNS, *ARBITRARY), ("sin add x INT+ 7", "erf x", "Si x", "ln INT+ 3", "gamma pi"), strict=True)
)


def without_unknowns(text: str) -> list[str]:
    return " ".join(STANDING_FOR.get(token, token) for token in text.split()).split()


def agreeing(first: list[str], second: tuple[str, ...]) -> int:
    """At how many places both have values, which then are the same."""
    programs = [compile_tokens(tokens) for tokens in (first, second)]
    found = 0
    for place in PLACES:
        one, other = (program.value_at(place, BITS) for program in programs)
        if one.is_finite() and other.is_finite():
            assert one.overlaps(other), (" ".join(first), " ".join(second), place)
            found += one.rad() < 1e-20 * (1 + one.abs_lower())
    return found


def back(tokens: list[str]) -> tuple[str, ...] | None:
    """The tokens after SymPy; None for what has no value there, as (x - x)**(-1), or is too large for it."""
    try:
        return from_sympy(to_sympy(tokens))
    except Untranslatable:
        return None


@cache
def lines(kind: str) -> list[tuple[str, str]]:
    """Pairs as they are exported."""
    rows = stream(spec_for(kind, seed=11), columns=("input", "output"), stop=80)
    return [(row["input"], row["output"]) for row in rows if row["input"] is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_exported_pairs(kind: str):
    """Problems and answers of every kind, at places where both sides have values."""
    texts = [text.removeprefix("sub Y' ") for line in lines(kind) for text in line]
    known = 0
    for text in texts:
        tokens = without_unknowns(text)
        there = back(tokens)
        assert there is not None, text
        known += agreeing(tokens, there) > 0
    assert len(texts) > 60
    assert known > 0.95 * len(texts)


@settings(deadline=None)
@given(st.sampled_from(["lample-charton", "intclass"]), st.integers(0, 2**40))
def test_functions_as_they_are_drawn(preset: str, index: int):
    """In the published notation, before anybody has simplified them."""
    try:
        tokens = list(in_published_notation(sampler(preset).problem(index).prefix.split()))
    except ZeroDivisionError:
        assume(False)
    if (there := back(tokens)) is not None:
        agreeing(tokens, there)


@cache
def sampler(preset: str) -> Sampler:
    return Sampler(spec_for(preset=preset, seed=11, operators=(1, 12)))


def test_a_difference_is_found():
    """The rule is able to fail: x and its absolute value differ at one of the places."""
    with pytest.raises(AssertionError):
        agreeing(["x"], ("abs", "x"))
