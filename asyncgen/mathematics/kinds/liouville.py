"""Liouville problems: the antiderivative has the form of Liouville's theorem, and the integrand follows.

After R. Barket, M. England and J. Gerhard, "The Liouville generator for producing integrable expressions"
(arXiv 2406.11631). The theorem: if f in a field K has an elementary integral, it is v + sum of c_i ln(u_i)
with constants c_i, and v and the u_i in K. Here K is a small tower over Q(x), the c_i are rational, v = N/D,
and the u_i are factors of D and some others.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.additive_constants import without_hidden_constant
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import apply
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.forms.writing import Tokens, Writer
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.mathematics.kinds.random_elements import (
    Weighted,
    Words,
    argument,
    chosen,
    drawn,
    happens,
    polynomial,
    residue,
    varying,
)
from asyncgen.mathematics.kinds.shortest import row, shortest_sum
from asyncgen.problems.kinds import Draw

SIZE = 12  # kernels: of the tower, and logarithms
SIZE_WITH_SUMS = 24  # with sums that are kept, of abandoned draws, too

_HEIGHT: Weighted[int] = ((0, 1), (1, 5), (2, 3))  # of the tower
_FUNCTIONS: Weighted[str] = (("exp", 4), ("ln", 4), ("tan", 2), ("sqrt", 2))
_FACTORS: Weighted[int] = ((0, 2), (1, 5), (2, 2))  # of D
_POWER: Weighted[int] = ((1, 4), (2, 1))  # of a factor in D
_NUMERATOR: Weighted[int] = ((1, 3), (2, 4), (3, 1))  # terms of N
_DEGREE: Weighted[int] = ((1, 3), (2, 2))  # of a factor of D in each generator
_OTHERS: Weighted[int] = ((0, 3), (1, 3), (2, 1))  # logarithms of what is no factor of D
_DEGREE_OF_OTHER: Weighted[int] = ((1, 3), (2, 1))


def attempt(draw: Draw) -> Row:
    """F' and F for a random F of that form. Raises Dropped, Undecided, Degenerate."""
    words = draw.words("liouville")
    field = Field(SIZE_WITH_SUMS, structural=True)
    generators = _tower(words, leaf(field, "x"))
    derivation = Derivation(field)
    pair = drawn(
        lambda: _pair(words, generators, derivation),
        lambda pair: not pair.integrand.is_number,
        "constant",
    )
    writer = Writer(field)
    problem = writer(pair.integrand)
    answer = shortest_sum(writer, pair.rational, pair.logarithms)
    if field.forms_differ and not draw.structural:
        with suppress(Undecided):  # the expanded form is long
            problem, answer = _shorter(problem, answer)
    return row(problem, answer)


def _tower(words: Words, x: Element) -> list[Element]:
    """The variable x and functions of it, each of an argument in those before it."""
    generators = [x]
    for _ in range(chosen(words, _HEIGHT)):
        below = generators if happens(words, 1, 3) else generators[:1]
        name = chosen(words, _FUNCTIONS)
        generators.append(apply(argument(words, below, name), name))
    return generators


class _Pair(NamedTuple):
    rational: list[Element]  # terms of v
    logarithms: list[Element]  # with their coefficients
    integrand: Element


def _pair(words: Words, generators: Sequence[Element], derivation: Derivation) -> _Pair:
    """An antiderivative v + sum of c_i ln(u_i), and its derivative."""
    rational, logarithms = _antiderivative(words, generators)
    return _Pair(rational, logarithms, derivation.field.sum(map(derivation, rational + logarithms)))


def _antiderivative(words: Words, generators: Sequence[Element]) -> tuple[list[Element], list[Element]]:
    """The terms of v, which is N/D or 0, and logarithms of factors of D and of other elements."""
    if happens(words, 1, 2):
        generators = (*generators[-1:], *generators[:1])
    factors = [_factor(words, generators, _DEGREE) for _ in range(chosen(words, _FACTORS))]
    rational = []
    if happens(words, 5, 6):
        v = polynomial(words, generators, chosen(words, _NUMERATOR), 2)
        for factor in factors:
            v = v / factor ** chosen(words, _POWER)
        rational.append(without_hidden_constant(v))
    arguments = [factor for factor in factors if happens(words, 1, 2)]
    arguments += [_factor(words, generators, _DEGREE_OF_OTHER) for _ in range(chosen(words, _OTHERS))]
    return rational, [apply(u, "ln").scaled(*residue(words)) for u in arguments]


def _factor(words: Words, generators: Sequence[Element], degrees: Weighted[int]) -> Element:
    """A sum of two terms without what divides both of them; at times a product of powers of generators."""
    degree = chosen(words, degrees)
    f = varying(lambda: polynomial(words, generators, 2, degree)).monic
    return Element(f.coefficient, {}, f.sums, f.field) if f.sums and happens(words, 5, 6) else f


def _shorter(problem: Tokens, answer: Tokens) -> tuple[Tokens, Tokens]:
    """Problem and answer, each in the expanded form where that is shorter. Raises Dropped for a constant."""
    field = Field(SIZE)
    antiderivative = read(field, answer)
    integrand = Derivation(field)(antiderivative)
    if integrand.is_number:  # which is seen only where sums are multiplied out
        raise Dropped("constant")
    writer = Writer(field)
    return min(problem, writer(integrand), key=len), min(answer, writer(antiderivative), key=len)
