"""The formal complex conjugation of a tower: i to -i, exp(iu) to exp(-iu), what is real to itself.

The square root of a real function is real where that is positive. Over a factor that is not real, it is
another multiple of itself: sqrt(cos(x)) = S/E for E = exp(ix), S^2 = (E^3 + E)/2, so that S goes to S/E^2.
"""

from collections.abc import Mapping
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.terms import Exponents, Terms, plus, scaled
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.constant_roots import cleared
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.roots import Root, components


class Conjugation:
    """The conjugation of one tower, with the roots that its field was extended by.

    imaginary: the variables exp(iu), u real. commutes: whether it commutes with the derivation; it does not
    where log(x + i) or exp(x + ix) is a variable. Raises Undecided for a root that is not of a real function.
    """

    def __init__(self, tower: Tower, names: Mapping[int, tuple[Node, Element]] | None = None) -> None:
        self.field = tower.field
        self.commutes = True
        self.imaginary: list[int] = []
        self._ratios: dict[int, Element] = {}  # of the roots whose conjugate is another multiple of them
        self._residues: dict[int, int] = {}
        for root in tower.constants.roots.kernels:  # the others are real, or taken as if they were
            if root.exponent is not None and self.of(root.exponent) == -root.exponent:
                self.imaginary.append(root.root.v)
        roots = list(self.field.roots) if names else []
        for kernel in (*tower.constants.kernels, *tower.step_kernels, *tower.kernels):
            if kernel.v in self.field.tower:
                level = self.field.tower.index(kernel.v)
                while roots and roots[0].level < level:
                    self._take_root(roots.pop(0), names or {})
            self._take_kernel(kernel)
        for left in roots:
            self._take_root(left, names or {})

    def _take_kernel(self, kernel: Kernel) -> None:
        if kernel.is_exponential and not self.is_real(kernel.exponent):
            if self.of(kernel.exponent) == -kernel.exponent:
                self.imaginary.append(kernel.v)
            elif kernel.slope is not None:
                self.commutes = False
        elif kernel.slope is not None and not self.is_real(self.field.derivatives[kernel.v]):
            self.commutes = False

    def _take_root(self, root: Root, names: Mapping[int, tuple[Node, Element]]) -> None:
        """factor * S is the root of a real function, so that it is real."""
        factor = names[root.v][1]
        if not self.is_real(factor * factor * self.field.of(root.radicand)):
            raise Undecided("a root that is not real")
        conjugate = self.of(factor)
        if conjugate != factor:
            self._ratios[root.v] = factor / conjugate

    def is_real(self, f: Element) -> bool:
        """Whether f is its own conjugate."""
        conjugate = self.of(f)
        return conjugate is f or conjugate == f or not cleared(self.field, conjugate - f)

    def of(self, f: Element) -> Element:
        """The conjugate of an element."""
        if self._ratios and self.field.contains_any(f, self._ratios):
            return self._of_roots(f)
        if self._is_plainly_real(f):
            return f
        above, shift_above = self._polynomial(f.numerator)
        below, shift_below = self._polynomial(f.denominator)
        result = self.field.reduced(above, below)
        for v in self.imaginary:
            exponent = shift_below[v] - shift_above[v]
            if exponent:
                result = result * self.field.power(v, exponent)
        return result

    def _of_roots(self, f: Element) -> Element:
        total = self.field.zero
        for subset, part in components(self.field, f, list(self._ratios)).items():
            term = self.of(part)
            for v in subset:
                term = term * self._ratios[v] * self.field.variable(v)
            total = total + term
        return total

    def _is_plainly_real(self, f: Element) -> bool:
        """Whether no exp(iu) and no i stand in f."""
        if self.field.contains_any(f, self.imaginary):
            return False
        residues = (int(c) for p in (f.numerator, f.denominator) for c in p.coeffs())
        return all(self._conjugate(residue) == residue for residue in residues)

    def real_part(self, f: Element) -> Element:
        """(f + its conjugate)/2."""
        conjugate = self.of(f)
        return f if conjugate is f or conjugate == f else (f + conjugate) * self.field.number(1, 2)

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

    # -- sums of terms -----------------------------------------------------------------------------------

    def of_terms(self, terms: Terms) -> Terms:
        """The conjugates of the terms."""
        imaginary = frozenset(self.imaginary)
        return {
            tuple(-e if v in imaginary else e for v, e in enumerate(exponents)): numbers.conjugate(
                coefficient
            )
            for exponents, coefficient in terms.items()
        }

    def centre(self, terms: Terms) -> Exponents:
        """The exponents by which terms are to be multiplied, so that those of each exp(iu) lie around 0."""
        shift: list[Fraction | int] = [0] * self.field.size
        for v in self.imaginary:
            exponents = [exponent[v] for exponent in terms]
            middle = Fraction(max(exponents) + min(exponents), 2)
            shift[v] = -(int(middle) if middle.denominator == 1 else middle)
        return tuple(shift)

    def factor_to_real(self, terms: Terms) -> numbers.Number | None:
        """The number that makes real what is a real polynomial but for a factor; None where it is not."""
        conjugated = self.of_terms(terms)
        total = plus(terms, conjugated)
        if not total:
            total = scaled(plus(terms, scaled(conjugated, numbers.of(-1))), numbers.minus(numbers.IMAGINARY))
        exponents = next(iter(total))
        if exponents not in terms:
            return None
        factor = numbers.times(total[exponents], numbers.inverse(terms[exponents]))
        if scaled(terms, factor) != total:
            return None
        return numbers.times(factor, numbers.of(Fraction(1, 2)))
