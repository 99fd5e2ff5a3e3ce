"""Tower problems: integrands over a logarithm or an exponential theta that Risch's algorithm integrates.

After R. Barket, M. England and J. Gerhard, "Generating elementary integrable expressions" (arXiv 2306.15572).
An integrand in Q(x, theta) is put together from the parts into which the algorithm takes it, and multiplied
out: it is one fraction, in which the parts are not seen. At times there are two thetas, one over the other.
"""

from collections.abc import Callable

from asyncgen.mathematics.forms.additive_constants import without_hidden_constant
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Row
from asyncgen.mathematics.kinds.extensions import Extension, Normal, normal_polynomial, tower
from asyncgen.mathematics.kinds.random_elements import Weighted, Words, chosen, drawn, happens
from asyncgen.mathematics.kinds.shortest import row, shortest_sum
from asyncgen.mathematics.kinds.tower_parts import (
    Part,
    base_part,
    conjugate_residues_part,
    hermite_part,
    polynomial_part,
    residue_part,
)
from asyncgen.problems.kinds import Draw

SIZE = 12  # kernels: of the tower and of the answer

_HEIGHT: Weighted[int] = ((1, 2), (2, 1))
_PARTS: dict[int, Weighted[int]] = {  # by the height
    1: ((1, 4), (2, 6), (3, 4), (4, 2)),
    2: ((1, 5), (2, 4), (3, 1)),
}
_FRACTIONS: Weighted[Callable[[Words, Extension, Normal], Part]] = ((residue_part, 2), (hermite_part, 1))
_OTHERS: Weighted[Callable[[Words, Extension], Part]] = (
    (polynomial_part, 4),
    (base_part, 3),
    (conjugate_residues_part, 3),
)


def attempt(draw: Draw) -> Row:
    """A sum of random parts, and the sum of their integrals. Raises Dropped, Undecided, Degenerate."""
    words = draw.words("tower")
    field = Field(SIZE)
    extension = tower(words, leaf(field, "x"), chosen(words, _HEIGHT))
    parts, integrand = drawn(
        lambda: _sum(words, extension),
        lambda pair: extension.number in field.kernels_of(pair[1]),
        "constant",
    )
    writer = Writer(field)
    rational = [without_hidden_constant(part.rational) for part in parts]
    return row(writer(integrand), shortest_sum(writer, rational, [part.function for part in parts]))


def _sum(words: Words, extension: Extension) -> tuple[list[Part], Element]:
    """The parts of an integrand, and the integrand."""
    parts = _parts(words, extension)
    return parts, extension.theta.field.sum(part.integrand for part in parts)


def _parts(words: Words, extension: Extension) -> list[Part]:
    """A few parts of an integrand."""
    height = len(extension.generators)
    normal: list[Normal] = []
    return [_part(words, extension, normal) for _ in range(chosen(words, _PARTS[height]))]


def _part(words: Words, extension: Extension, normal: list[Normal]) -> Part:
    """One part; it often has the denominator of one before, as the fractions that the algorithm meets do."""
    if happens(words, 1, 3):
        return chosen(words, _OTHERS)(words, extension)
    if not normal or happens(words, 2, 3):
        normal.append(normal_polynomial(words, extension))
    return chosen(words, _FRACTIONS)(words, extension, normal[-1])
