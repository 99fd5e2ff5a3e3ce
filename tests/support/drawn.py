"""Functions drawn by seed, with what helps to compare how they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.spec import OperatorCount, Spec
from asyncgen.sampler import Sampler

PLACES = (0.7109375, 2.328125, -1.2890625, 0.109375, 5.6171875, -0.3359375)
NARROW = 1e-12  # of a value's ball, beside its size


def drawn(
    number: int, *, preset: str = "lample-charton", most: int = 15, seed: int = 0
) -> Iterator[list[str]]:
    """The tokens of so many functions with 1..most operators."""
    law = replace(PRESETS[preset], operators=(OperatorCount(1, most),))
    for problem in Sampler(Spec(law, seed=seed)).stream([range(number)]):
        yield problem.prefix.split()


def element(tokens: Sequence[str], *, structural: bool = False, room: int = 8) -> Element:
    """A function in a field of its own, which has room for more kernels."""
    return read(field_for(tokens, extra=room, structural=structural), tokens)


def field_with_room() -> Field:
    """An empty field for small examples."""
    return Field(16)


def agree(first: Sequence[str], second: Sequence[str]) -> int:
    """At how many places both are known and real; AssertionError where they differ there.

    Where the first function is not real the second may have another branch.
    """
    return agreeing(compile_tokens(first), compile_tokens(second))


def agreeing(first: Program, second: Program) -> int:
    """The same of programs."""
    known = 0
    for place in PLACES:
        a, b = first.value_at(place, 256), second.value_at(place, 256)
        if a.is_finite() and b.is_finite() and a.imag.contains(0):
            assert a.overlaps(b), (place, a, b)
            known += bool(a.rad() <= NARROW * (1 + a.abs_upper()))
    return known
