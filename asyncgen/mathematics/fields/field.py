"""A differential field C(x, t1, ..., tn) modulo a prime p: its variables, its derivation, its normal forms.

C holds the numbers modulo p (a square root of -1 among them, the images of algebraic numbers) and the
constants that are variables. Each t is primitive (Dt lies in the field beneath) or hyperexponential (Dt/t
does): Bronstein, Symbolic Integration I, section 5.1. Square roots of its elements may be adjoined.

Assumes: one field for one computation; it grows while its function is read, and its elements know it.
"""

from enum import Enum

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.fraction_field import FractionField
from asyncgen.mathematics.fields.points import ConstantRoot
from asyncgen.mathematics.fields.roots import Root

MOST_WORK = 20_000  # derivations and equations before the procedure gives up; no clock decides


class Kind(Enum):
    """What a variable of a field is."""

    CONSTANT = "constant"
    BASE = "base"  # x
    PRIMITIVE = "primitive"
    EXPONENTIAL = "hyperexponential"
    ROOT = "algebraic"


_Derivatives = tuple[dict[int, Polynomial], Polynomial]  # {v: n} and d with Dv = n/d


class DifferentialField(FractionField):
    """The field and its derivation D.

    tower: the variables that are neither constant nor roots, from x upwards; a field K_l of the tower is what
    the first l + 1 of them generate, with the roots of its elements, and K_-1 is C.
    """

    def __init__(self, prime: int, variables: int) -> None:
        super().__init__(prime, variables)
        self.tower: list[int] = []
        self.kind: dict[int, Kind] = {}
        self.derivatives: dict[int, Element] = {}
        self.arguments: dict[int, Element] = {}  # of the variables that are logarithms, up to a factor
        self.is_special = False  # whether numbers stand for constants that are none
        self.moving: list[int] = []  # variables whose derivative is not 0
        self._levels: list[_Derivatives] = []
        self._with_roots: list[_Derivatives] = []  # the same with the roots of each level
        self._work = 0

    def work(self, amount: int = 1) -> None:
        """Count what is done. Raises Undecided after MOST_WORK."""
        self._work += amount
        if self._work > MOST_WORK:
            raise Undecided("too much work")

    # -- its variables -----------------------------------------------------------------------------------

    def add_constant(self, v: int) -> None:
        """Make variable v a constant."""
        self.kind[v] = Kind.CONSTANT
        self.constants.append(v)

    def add_constant_root(self, v: int, degree: int, radicand: Element) -> ConstantRoot:
        """Make variable v a root of a constant. Assumes that v^degree - radicand is irreducible.

        Raises NeedsAnotherPrime where the radicand has no such root modulo p.
        """
        self.add_constant(v)
        root = ConstantRoot(v, degree, radicand)
        self.points.add(root)
        self.constant_roots.append(root)
        return root

    def add_monomial(self, v: int, kind: Kind, derivative: Element) -> None:
        """Put variable v on top of the tower. `derivative` lies in the field with v in it."""
        self.kind[v] = kind
        self.tower.append(v)
        self.moving.append(v)
        self.derivatives[v] = derivative
        for levels in (self._levels, self._with_roots):
            below = levels[-1] if levels else ({}, self.unit)
            levels.append(_with_derivative(below, v, derivative))

    def add_root(self, v: int, radicand: Polynomial) -> None:
        """Adjoin v with v**2 = radicand, which is no square and not constant."""
        r = self.of(radicand)
        slope = self.derive(r) / r.scaled(2) * self.variable(v)
        root = Root(v, radicand, self.level(radicand))
        self.kind[v] = Kind.ROOT
        self.roots.append(root)
        self.moving.append(v)
        self.derivatives[v] = slope
        for level in range(root.level, len(self.tower)):
            self._with_roots[level] = _with_derivative(self._with_roots[level], v, slope)

    def roots_at(self, level: int) -> list[int]:
        """The variables of the roots that lie in K_level, but not in the field beneath."""
        return [root.v for root in self.roots if root.level == level]

    def roots_beneath(self, level: int) -> list[int]:
        """The variables of the roots of the fields beneath K_level."""
        return [root.v for root in self.roots if root.level < level]

    def logarithmic_derivative(self, v: int) -> Element:
        """Dv/v."""
        return self.derivatives[v] / self.variable(v)

    def is_exponential(self, v: int) -> bool:
        """Whether v is hyperexponential."""
        return self.kind[v] is Kind.EXPONENTIAL

    def is_constant(self, f: Element) -> bool:
        """Whether Df = 0: only constants stand in f, since the constants of the field are C."""
        return not self.contains_any(f, self.moving)

    # -- its derivation ----------------------------------------------------------------------------------

    def level(self, p: Polynomial) -> int:
        """The least l with p in K_l."""
        degrees = p.degrees()
        least = max((root.level for root in self.roots if degrees[root.v] > 0), default=-1)
        for number in range(len(self.tower) - 1, least, -1):
            if degrees[self.tower[number]] > 0:
                return number
        return least

    def derive_polynomial(self, p: Polynomial, level: int | None = None) -> tuple[Polynomial, Polynomial]:
        """(q, d) with Dp = q/d, not reduced."""
        if level is None:
            level = self.level(p)
        if level < 0 or not p:
            return self.null, self.unit
        total = self.null
        degrees = p.degrees()
        has_roots = any(degrees[root.v] > 0 for root in self.roots)
        numerators, common = (self._with_roots if has_roots else self._levels)[level]
        for v, numerator in numerators.items():
            if degrees[v] > 0 and numerator:
                total = total + p.derivative(v) * numerator
        return total, common

    def derive(self, f: Element) -> Element:
        """Df."""
        self.work()
        if not f.numerator:
            return f
        if f.denominator.is_one():
            return self.reduced(*self.derive_polynomial(f.numerator))
        level = max(self.level(f.numerator), self.level(f.denominator))
        top, common = self.derive_polynomial(f.numerator, level)
        bottom, common_below = self.derive_polynomial(f.denominator, level)
        if not bottom:
            return self.reduced(top, common * f.denominator)
        if common_below != common:  # where the numerator holds roots
            bottom = bottom * (common / common_below)
        shared = f.denominator.gcd(bottom)
        rest, bottom = f.denominator / shared, bottom / shared
        return self.reduced(top * rest - f.numerator * bottom, common * f.denominator * rest)


def _with_derivative(below: _Derivatives, v: int, derivative: Element) -> _Derivatives:
    """The derivatives of some variables and of v, over one denominator."""
    numerators, common = below
    larger = common * (derivative.denominator / common.gcd(derivative.denominator))
    factor = larger / common
    if not factor.is_one():
        numerators = {w: n * factor for w, n in numerators.items()}
    return {**numerators, v: derivative.numerator * (larger / derivative.denominator)}, larger
