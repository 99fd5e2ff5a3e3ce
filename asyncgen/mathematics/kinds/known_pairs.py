"""Antiderivatives from the table of known pairs, found by the canonical text of a function."""

from flint import fmpq

from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.problems.known_pairs import Table

WIDEST = 24  # terms of a function that is looked for term by term


class Lookup:
    """Looks elements of one field up in a table."""

    def __init__(self, canonical: Canonical, table: Table) -> None:
        self.canonical = canonical
        self.table = table

    def antiderivative(self, f: Element) -> Element | None:
        """F with F' = f, where f is a known function up to a factor, or a constant."""
        field = f.field
        if field.is_constant(f):
            return f * leaf(field, "x")
        factor, text = self.canonical(f)
        known = self.table.get(text)
        if known is None:
            return None
        factor = factor / fraction(known.factor)
        primitive = read(field, known.antiderivative.split())
        return primitive.scaled(int(factor.p), int(factor.q))

    def by_terms(self, f: Element) -> Element | None:
        """The same, or the sum of those of its terms where each is known."""
        whole = self.antiderivative(f)
        if whole is not None:
            return whole
        found = []
        for term in terms_of(f):
            primitive = self.antiderivative(term)
            if primitive is None:
                return None
            found.append(primitive)
        return f.field.sum(found) if found else None


def terms_of(f: Element) -> list[Element]:
    """The terms of the numerator over the denominator; none where there is one only, or very many."""
    field = f.field
    numerator = field.unit
    for p, exponent in f.sums:
        if exponent > 0:
            numerator = field.multiplied(numerator, p, exponent)
    if not 1 < len(numerator) <= WIDEST:
        return []
    rest = Element(f.coefficient, f.powers, [(p, e) for p, e in f.sums if e < 0], field)
    return [rest * field.of(field.ring.from_dict({m: c})) for m, c in numerator.to_dict().items()]


def fraction(text: str) -> fmpq:
    """A fraction such as -3/2."""
    return fmpq(*map(int, text.split("/")))
