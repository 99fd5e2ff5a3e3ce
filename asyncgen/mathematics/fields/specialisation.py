"""A field with numbers modulo p in the place of its roots of constants, and of the constants in them.

It is the image of the field under a homomorphism, in which w^n = c holds, if the images of its roots are
independent. An elementary integral over the field has an elementary one as its image, but for constants at
which a denominator vanishes. So where the image has none, the function has none.
"""

from collections.abc import Sequence

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
        radicand = self._of_polynomial(root.radicand)
        if self._may_be_square(radicand, self.field.roots):
            raise Undecided("a divisor of zero")
        self.field.add_root(root.v, radicand)

    def _may_be_square(self, p: Polynomial, roots: Sequence[Root]) -> bool:
        """Whether a polynomial may be a constant times a square in the field with these roots.

        In F(S), a in F is one only if a or a S^2 is one in F, and other elements only if their norms are.
        """
        if not roots:
            return all(multiplicity % 2 == 0 for _, multiplicity in p.factor_squarefree()[1])
        *others, last = roots
        if p.degrees()[last.v] > 0:
            norm = folded(self.field, p * conjugate(self.field, p, last.v))
            return self._may_be_square(norm, others)
        return any(self._may_be_square(q, others) for q in (p, folded(self.field, p * last.radicand)))

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
