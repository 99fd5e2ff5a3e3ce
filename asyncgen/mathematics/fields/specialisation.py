"""A field with numbers modulo p in the place of its roots of constants, and of the constants in them.

It is the image of the field under a homomorphism, in which w^n = c holds. An elementary integral over the
field has an elementary one as its image, but for constants at which a denominator vanishes. So where the
image has none, the function has none.
"""

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind


class Specialisation:
    """The image `field` of a field, and of its elements."""

    def __init__(self, source: DifferentialField) -> None:
        point = source.points.of_constants()
        self._values = {f"v{v}": point[v] for v in _special(source)}
        self.field = DifferentialField(source.prime, source.size)
        self.field.numbers = source.numbers
        self.field.is_special = True
        for v in source.constants:
            if f"v{v}" not in self._values:
                self.field.add_constant(v)
        for v in source.tower:
            self.field.add_monomial(v, source.kind[v], self.of(source.derivatives[v]))
        for v, kind in source.kind.items():  # variables outside of the tower
            if v not in self.field.kind and f"v{v}" not in self._values:
                assert kind is Kind.CONSTANT
                self.field.kind[v] = kind

    def of(self, f: Element) -> Element:
        """The image of an element. Raises Undecided at a pole."""
        below = self._of_polynomial(f.denominator)
        if not below:
            raise Undecided("a divisor of zero")
        return self.field.reduced(self._of_polynomial(f.numerator), below)

    def _of_polynomial(self, p: Polynomial) -> Polynomial:
        return p.subs(self._values)


def _special(field: DifferentialField) -> set[int]:
    """The roots, and the constants that stand in them."""
    found = {root.v for root in field.roots}
    for root in field.roots:
        found |= {v for v in field.constants if field.contains(root.radicand, v)}
    return found
