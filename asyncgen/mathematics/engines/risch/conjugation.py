"""The formal complex conjugation of a tower: i to -i, exp(iu) to exp(-iu), what is real to itself."""

from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.constant_roots import cleared
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided


class Conjugation:
    """The conjugation of one tower.

    imaginary: the variables exp(iu), u real. Raises Undecided where an exponent is neither real nor
    imaginary.
    """

    def __init__(self, tower: Tower) -> None:
        self.field = tower.field
        self.imaginary: list[int] = []
        self._residues: dict[int, int] = {}
        for root in tower.constants.roots.kernels:  # the others are real, or taken as if they were
            if root.exponent is not None and self.of(root.exponent) == -root.exponent:
                self.imaginary.append(root.root.v)
        for kernel in (*tower.constants.kernels, *tower.step_kernels, *tower.kernels):
            if kernel.is_exponential and not self.is_real(kernel.exponent):
                if self.of(kernel.exponent) != -kernel.exponent:
                    raise Undecided("an exponent that is neither real nor imaginary")
                self.imaginary.append(kernel.v)

    def is_real(self, f: Element) -> bool:
        """Whether f is its own conjugate."""
        conjugate = self.of(f)
        return conjugate == f or not cleared(self.field, conjugate - f)

    def of(self, f: Element) -> Element:
        """The conjugate of an element."""
        above, shift_above = self._polynomial(f.numerator)
        below, shift_below = self._polynomial(f.denominator)
        result = self.field.reduced(above, below)
        for v in self.imaginary:
            exponent = shift_below[v] - shift_above[v]
            if exponent:
                result = result * self.field.power(v, exponent)
        return result

    def real_part(self, f: Element) -> Element:
        """(f + its conjugate)/2."""
        conjugate = self.of(f)
        return f if conjugate == f else (f + conjugate) * self.field.number(1, 2)

    def imaginary_part(self, f: Element) -> Element:
        """(f - its conjugate)/2i."""
        return self.real_part(-(f * self.field.i))

    def _polynomial(self, p: Polynomial) -> tuple[Polynomial, dict[int, int]]:
        """(q, shift): the conjugate of p is q over the monomial with these exponents."""
        shift = {v: self.field.degree(p, v) for v in self.imaginary}
        terms = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            exponents = [int(e) for e in monomial]
            for v, highest in shift.items():
                exponents[v] = highest - exponents[v]
            terms[tuple(exponents)] = self._conjugate(int(coefficient))
        return self.field.ring.from_dict(terms), shift

    def _conjugate(self, residue: int) -> int:
        known = self._residues.get(residue)
        if known is None:
            number = self.field.numbers.number(residue)
            known = residue
            if any(d < 0 for d in number):
                known = self.field.numbers.residue(numbers.conjugate(number))
            self._residues[residue] = known
        return known
