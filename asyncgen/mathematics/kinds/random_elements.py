"""Random choices and small random elements: each a function of an endless stream of random 64-bit words."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.kinds.construction import Dropped

T = TypeVar("T")
Words = Iterator[int]
Weighted = tuple[tuple[T, int], ...]  # values with their weights

TRIES = 8  # draws before an attempt is given up, where a draw may be constant
LARGEST = 5  # coefficient of a polynomial, but for its sign

_RESIDUES: Weighted[tuple[int, int]] = (
    ((1, 1), 6),
    ((2, 1), 3),
    ((3, 1), 2),
    ((5, 1), 1),
    ((1, 2), 3),
    ((3, 2), 1),
    ((1, 3), 1),
    ((2, 3), 1),
)


class Draw(Protocol):
    """One draw: its words are all the randomness there is."""

    def words(self, part: str) -> Words:
        """An endless stream of 64-bit words, another one for each name of a part."""
        ...


def chosen(words: Words, weighted: Weighted[T]) -> T:
    """A value, in proportion to its weight."""
    place = next(words) % sum([weight for _, weight in weighted])
    for value, weight in weighted:
        if place < weight:
            return value
        place -= weight
    raise AssertionError("the weights have changed meanwhile")


def happens(words: Words, in_favour: int, of: int) -> bool:
    """Whether an event of this probability happens."""
    return next(words) % of < in_favour


def picked(words: Words, values: Sequence[T]) -> T:
    """One of these values, each as likely as the others."""
    return values[next(words) % len(values)]


def integer(words: Words, largest: int = LARGEST) -> int:
    """An integer from -largest to largest, but 0."""
    size = 1 + next(words) % largest
    return -size if happens(words, 1, 2) else size


def residue(words: Words) -> tuple[int, int]:
    """(numerator, denominator) of a rational number that is the coefficient of a logarithm."""
    numerator, denominator = chosen(words, _RESIDUES)
    return (-numerator if happens(words, 1, 2) else numerator), denominator


def monomial(words: Words, generators: Sequence[Element], degree: int) -> Element:
    """An integer times powers of some of the generators, each of at most this degree."""
    field = generators[0].field
    term = field.number(integer(words) if happens(words, 2, 3) else 1)
    for generator in generators:
        if happens(words, 1, 2):
            term = term * generator ** (next(words) % (degree + 1))
    return term


def polynomial(words: Words, generators: Sequence[Element], terms: int, degree: int) -> Element:
    """A sum, not 0, of at most so many monomials in the generators."""
    drawn = [monomial(words, generators, degree) for _ in range(terms)]
    return generators[0].field.sum(drawn) or drawn[-1]


def varying(draw: Callable[[], Element]) -> Element:
    """The first of a few draws that depends on x. Raises Dropped where none does."""
    for _ in range(TRIES):
        f = draw()
        if not f.field.is_constant(f):
            return f
    raise Dropped("constant")


def argument(words: Words, generators: Sequence[Element]) -> Element:
    """An argument for a function: a short polynomial that depends on x, or a quotient of two."""

    def draw() -> Element:
        f = polynomial(words, generators, 1 + next(words) % 2, 2)
        if happens(words, 1, 4):
            return f / polynomial(words, generators[:1], 1 + next(words) % 2, 1)
        return f

    return varying(draw)
