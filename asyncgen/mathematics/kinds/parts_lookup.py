"""By parts with a table: F and G are drawn, and the integral of F'G or F G' is looked up.

Lample & Charton, arXiv 1912.01412, section 3.1, with a table that never grows, so that a row does not depend
on those before it: where F'G is known, F G' has the antiderivative F G less that of F'G.
"""

from asyncgen.mathematics.forms.additive_constants import without_constant
from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.mathematics.kinds.known_pairs import Lookup
from asyncgen.mathematics.kinds.pairs import moving, shorter_pair
from asyncgen.problems.kinds import Draw
from asyncgen.problems.known_pairs import Table, known_pairs


def attempt(draw: Draw) -> Row:
    """A product whose integral by parts is known. Raises Dropped, Undecided, Degenerate."""
    first, second = draw.function(), draw.second()

    def make(field: Field) -> tuple[Element, Element]:
        factors = (without_constant(moving(read(field, tokens))) for tokens in (first, second))
        return by_parts(known_pairs(), *factors)

    pair = shorter_pair([*first, *second], make, structural=draw.structural)
    return Row(*pair, draw.operators)


def by_parts(table: Table, first: Element, second: Element) -> tuple[Element, Element]:
    """F G' and its antiderivative, or F' G and its own, whichever is known. Raises Dropped."""
    lookup = Lookup(Canonical(first.field), table)
    if lookup.is_beyond(first):
        raise Dropped("not known")
    derivative = Derivation(first.field)
    slopes = derivative(first), derivative(second)
    parts = slopes[0] * second, first * slopes[1]
    for asked, integrand in (parts, parts[::-1]):
        known = lookup.by_terms(asked)
        if known is not None:
            return moving(integrand), without_constant(first * second - known)
    raise Dropped("not known")
