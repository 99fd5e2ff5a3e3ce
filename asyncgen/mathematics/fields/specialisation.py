"""A field with numbers modulo p in the place of its roots of constants, and of the constants in them.

It is the image of the field under a homomorphism, in which w^n = c holds. An elementary integral over the
field has an elementary one as its image, but for constants at which a denominator vanishes. So where the
image has none, the function has none.
"""

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.roots import Root, conjugate, folded


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
        roots = {root.v: root for root in source.roots}
        for v in source.moving:
            if source.kind[v] is Kind.ROOT:
                self._add_root(roots[v])
            else:
                self.field.add_monomial(v, source.kind[v], self.of(source.derivatives[v]))

    def _add_root(self, root: Root) -> None:
        """A root of what is no square in the image, either. Raises Undecided where that is unclear."""
        radicand = norm = self._of_polynomial(root.radicand)
        for other in reversed(self.field.roots):
            if norm.degrees()[other.v] > 0:
                norm = folded(self.field, norm * conjugate(self.field, norm, other.v))
        if all(multiplicity % 2 == 0 for _, multiplicity in norm.factor_squarefree()[1]):
            raise Undecided("a divisor of zero")
        self.field.add_root(root.v, radicand)

    def of(self, f: Element) -> Element:
        """The image of an element. Raises Undecided at a pole."""
        below = self._of_polynomial(f.denominator)
        if not below:
            raise Undecided("a divisor of zero")
        return self.field.reduced(self._of_polynomial(f.numerator), below)

    def _of_polynomial(self, p: Polynomial) -> Polynomial:
        return p.subs(self._values)


def _special(field: DifferentialField) -> set[int]:
    """The roots of constants, and the constants that stand in them."""
    found = {root.v for root in field.constant_roots}
    for root in field.constant_roots:
        found |= {v for v in field.constants if field.contains(root.radicand, v)}
    return found
