"""By parts without a search: a known integral is split, so that another one follows.

H is drawn, and h = H' is split over its factors into a G, where a = A' is in the table of known pairs, or 1.
Then A G' has the antiderivative A G - H. No search can fail, as that for F'G in `parts_lookup` can.
"""

from collections.abc import Iterator
from itertools import islice, product

from flint import fmpq

from asyncgen.mathematics.forms.additive_constants import without_constant, without_constant_term
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.kinds.construction import Row
from asyncgen.mathematics.kinds.known_pairs import Lookup
from asyncgen.mathematics.kinds.pairs import expanded_pair, moving
from asyncgen.problems.kinds import Draw
from asyncgen.problems.known_pairs import Table, known_pairs

MOST_SPLITS = 64
MOST_EXPONENTS = 4  # of one factor: all of them are tried where there are no more
PLAIN_SPLITS = 4  # one split in so many is that with a = 1, where there are others
SHIFTS = (0, 0, 0, 0, 0, 0, 1, -1, 2, -2, 3, -3)  # what is added to A, each as often


def attempt(draw: Draw) -> Row:
    """A G' and A G - H. Raises Dropped, Undecided, Degenerate."""
    tokens = draw.function()
    choices = list(islice(draw.words("split"), 3))

    def make(field: Field) -> tuple[Element, Element]:
        return split_pair(without_constant_term(moving(read(field, tokens))), choices, known_pairs())

    pair = expanded_pair(tokens, make, structural=draw.structural)
    return Row(*pair, draw.operators)


def split_pair(primitive: Element, choices: list[int], table: Table) -> tuple[Element, Element]:
    """A G' and A G - H for H, by choices among the splits. Raises Dropped."""
    field = primitive.field
    derivative = Derivation(field)
    integrand = moving(derivative(primitive))
    first, factor = _chosen(integrand, choices, table)
    first = first + field.number(SHIFTS[choices[2] % len(SHIFTS)])
    second = integrand / factor
    return moving(first * derivative(second)), without_constant(first * second - primitive)


def _chosen(integrand: Element, choices: list[int], table: Table) -> tuple[Element, Element]:
    """(A, a) with A' = a, a factor of the integrand."""
    field = integrand.field
    lookup = Lookup(Canonical(field), table)
    known = []
    for factor in islice(splits(integrand), MOST_SPLITS):
        primitive = lookup.antiderivative(factor)
        if primitive is not None and not field.is_constant(integrand / factor):
            known.append((primitive, factor))
    if known and choices[0] % PLAIN_SPLITS:
        return known[choices[1] % len(known)]
    return leaf(field, "x"), field.one


def splits(f: Element) -> Iterator[Element]:
    """The products of some factors of f, to some powers, that depend on x."""
    field = f.field
    factors: list[tuple[Element, int]] = [
        (field.generator(number), e) for number, e in sorted(f.powers.items())
    ]
    factors += [(Element(fmpq(1), {}, [(p, 1)], field), e) for p, e in f.sums]
    for exponents in product(*(_exponents(e) for _, e in factors)):
        if any(exponents):
            part = field.one
            for (factor, _), exponent in zip(factors, exponents, strict=True):
                part = part * factor**exponent
            if not field.is_constant(part):
                yield part


def _exponents(exponent: int) -> list[int]:
    """The exponents between 0 and this one, or the outer ones where there are many."""
    sign = 1 if exponent > 0 else -1
    if abs(exponent) < MOST_EXPONENTS:
        return [sign * e for e in range(abs(exponent) + 1)]
    return [0, sign, exponent - sign, exponent]
