"""Random choices and small random elements: each a function of an endless stream of random 64-bit words."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from asyncgen.mathematics.forms.element import Element, Polynomial
from asyncgen.mathematics.kinds.construction import Dropped

T = TypeVar("T")
Words = Iterator[int]
Weighted = tuple[tuple[T, int], ...]  # values with their weights

TRIES = 16  # draws of a part of a row before the attempt is given up
LARGEST = 5  # coefficient of a polynomial, but for its sign

_TERMS: Weighted[int] = ((1, 5), (2, 5), (3, 1))  # of a function's argument
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


def drawn(draw: Callable[[], T], fits: Callable[[T], bool], otherwise: str) -> T:
    """The first of a few draws that fits. Raises Dropped, for this reason, where none does."""
    for _ in range(TRIES):
        value = draw()
        if fits(value):
            return value
    raise Dropped(otherwise)


def varying(draw: Callable[[], Element]) -> Element:
    """The first of a few draws that depends on x. Raises Dropped where none does."""
    return drawn(draw, lambda f: not f.field.is_constant(f), "constant")


def argument(words: Words, generators: Sequence[Element], name: str) -> Element:
    """An argument for this function: a short polynomial that depends on x, or a quotient of two.

    That of a root is no square, and that of a logarithm or a root is not negative everywhere.
    """

    def draw() -> Element:
        f = polynomial(words, generators, chosen(words, _TERMS), 2)
        if happens(words, 1, 4):
            return f / polynomial(words, generators[:1], 1 + next(words) % 2, 1)
        return f

    def fits(f: Element) -> bool:
        return not f.field.is_constant(f) and not (name == "sqrt" and _is_square(f))

    f = drawn(draw, fits, "constant")
    return -f if name in ("ln", "sqrt") and _is_negative(f) else f


def _is_square(f: Element) -> bool:
    """Whether f is a number times a square."""
    return all(e % 2 == 0 for e in (*f.powers.values(), *(e for _, e in f.sums)))


def _is_negative(f: Element) -> bool:
    """Whether f is, for certain, a negative number times squares and sums of squares."""
    return (
        f.coefficient < 0
        and all(e % 2 == 0 for e in f.powers.values())
        and all(e % 2 == 0 or _is_positive(p) for p, e in f.sums)
    )


def _is_positive(p: Polynomial) -> bool:
    coefficients_positive = all(coefficient > 0 for coefficient in p.coeffs())
    return coefficients_positive and all(e % 2 == 0 for monomial in p.monoms() for e in monomial)
