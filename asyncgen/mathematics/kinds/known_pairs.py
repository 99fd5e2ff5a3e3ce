"""Antiderivatives from the table of known pairs, found by the canonical text of a function."""

from flint import fmpq

from asyncgen.mathematics.forms.canonical import Canonical
from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.reading import read
from asyncgen.problems.known_pairs import Table

# Sizes count kernels and terms, those of arguments too. Larger functions are hardly in the table.
LARGEST = 18
LARGEST_KERNEL = 7
WIDEST = 24  # terms of a function that is looked for term by term


class Lookup:
    """Looks elements of one field up in a table."""

    def __init__(self, canonical: Canonical, table: Table) -> None:
        self.canonical = canonical
        self.table = table
        self._sizes: dict[int, int] = {}

    def antiderivative(self, f: Element) -> Element | None:
        """F with F' = f, where f is a known function up to a factor, or a constant."""
        field = f.field
        if field.is_constant(f):
            return f * leaf(field, "x")
        if self._size(f) > LARGEST:
            return None
        factor, text = self.canonical(f)
        known = self.table.get(text)
        if known is None:
            return None
        factor = factor / fraction(known.factor)
        primitive = read(field, known.antiderivative.split())
        return primitive.scaled(int(factor.p), int(factor.q))

    def is_beyond(self, f: Element) -> bool:
        """Whether a kernel of f is larger than any in the table: no product with f or f' is there then."""
        return any(self._size_of_kernel(number) > LARGEST_KERNEL for number in f.field.kernels_of(f))

    def _size(self, f: Element) -> int:
        """How many kernels and terms there are in an element, which costs less to know than its text."""
        size = sum(map(self._size_of_kernel, f.powers))
        for p, _ in f.sums:
            size += len(p)
            if size > LARGEST:
                break
            for monomial in p.monoms():
                size += sum([self._size_of_kernel(number) for number, e in enumerate(monomial) if e])
        return size

    def _size_of_kernel(self, number: int) -> int:
        known = self._sizes.get(number)
        if known is None:
            argument = self.canonical.field.kernels[number].argument
            known = self._sizes[number] = 1 + (0 if argument is None else self._size(argument))
        return known

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
