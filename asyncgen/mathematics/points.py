"""The points at which answers are checked: they follow from a seed, alike on every machine."""

from collections.abc import Iterator
from itertools import cycle

from asyncgen.problems.trees import random_words

EXPONENTS = (0, 1, -1, 2, 3, -2, 4, -3, 5, -4, 6)  # of 2: the scales of the points, in turn


def real_points(seed: int) -> Iterator[complex]:
    """Real points of either sign in turn, over several scales, from 1/16 to 128; `seed` has 64 bits."""
    words = seeded_words(seed, b"real")
    for exponent in cycle(EXPONENTS):
        yield magnitude(next(words), exponent)
        yield -magnitude(next(words), exponent)


def complex_points(seed: int) -> Iterator[complex]:
    """Points off both axes, from one quadrant after the other, over a few scales."""
    words = seeded_words(seed, b"complex")
    signs = cycle(((1, 1), (-1, 1), (1, -1), (-1, -1)))
    for exponent in cycle(EXPONENTS[:5]):
        across, up = next(signs)
        yield complex(across * magnitude(next(words), exponent), up * magnitude(next(words), -1))


def seeded_words(seed: int, stream: bytes = b"") -> Iterator[int]:
    """An endless stream of 64-bit words, one for each name."""
    return random_words(seed.to_bytes(8, "little"), stream)


def magnitude(word: int, exponent: int) -> float:
    """A number of 20 random bits in [2**exponent, 2**(exponent + 1)); exact as a float."""
    return (2**20 + (word & (2**20 - 1))) * 2.0 ** (exponent - 20)
