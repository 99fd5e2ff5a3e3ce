"""A differential field C(x, t1, ..., tn) modulo a prime p: its variables, its derivation, its normal forms.

C holds the numbers modulo p (a square root of -1 among them, the images of algebraic numbers) and the
constants that are variables. Each t is primitive (Dt lies in the field beneath) or hyperexponential (Dt/t
does): Bronstein, Symbolic Integration I, section 5.1. Square roots of its elements may be adjoined.

Assumes: one field for one computation; it grows while its function is read, and its elements know it.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from math import factorial
from typing import Any

from flint import Ordering, fmpz_mod_mpoly_ctx, nmod_mpoly_ctx

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.modular import Univariate, fits_word, univariate
from asyncgen.mathematics.fields.numbers import Number, Residues
from asyncgen.mathematics.fields.points import LARGEST_SIZE, ConstantRoot, Point, Points, value_at
from asyncgen.mathematics.fields.primes import square_root
from asyncgen.mathematics.fields.roots import Root, folded, rationalised

MOST_WORK = 20_000  # derivations and equations before the procedure gives up; no clock decides
MOST_TERMS = 6_000  # of a fraction that is reduced
LARGEST_INTEGER = 1 << 40  # numbers modulo p up to this size are read as integers
POINTS = 24  # random ones that are tried; with roots more, as half of them have no root modulo p
SIZES = (
    6,
    8,
    12,
    16,
    24,
    LARGEST_SIZE,
)  # of rings: flint's operations slow down with the number of variables


class Kind(Enum):
    """What a variable of a field is."""

    CONSTANT = "constant"
    BASE = "base"  # x
    PRIMITIVE = "primitive"
    EXPONENTIAL = "hyperexponential"
    ROOT = "algebraic"


@lru_cache(maxsize=512)
def _ring(prime: int, size: int) -> tuple[Any, tuple[Polynomial, ...]]:
    # whose annotations are those of their parent
    make: Any = nmod_mpoly_ctx.get if fits_word(prime) else fmpz_mod_mpoly_ctx.get
    context = make(tuple(f"v{number}" for number in range(size)), prime, Ordering.lex)
    return context, context.gens()


_Derivatives = tuple[dict[int, Polynomial], Polynomial]  # {v: n} and d with Dv = n/d


class DifferentialField:
    """The field and its derivation D.

    tower: the variables that are neither constant nor roots, from x upwards; a field K_l of the tower is what
    the first l + 1 of them generate, with the roots of its elements, and K_-1 is C.
    roots: each with a radicand that holds earlier ones only. constant_roots: constants that are roots of
    constants before them.
    """

    def __init__(self, prime: int, variables: int) -> None:
        if variables > SIZES[-1]:
            raise Undecided("too many kernels")
        self.prime = prime
        self._fits_word = fits_word(prime)
        self.size = next(size for size in SIZES if size >= variables)
        self.ring, self.generators = _ring(prime, self.size)
        self.unit: Polynomial = self.ring.constant(1)
        self.null: Polynomial = self.ring.constant(0)
        self.zero = Element(self.null, self.unit, self)
        self.one = Element(self.unit, self.unit, self)
        self.numbers = Residues(prime)
        self.i = self.residue(self.numbers.root(-1))
        self.tower: list[int] = []
        self.constants: list[int] = []
        self.kind: dict[int, Kind] = {}
        self.derivatives: dict[int, Element] = {}
        self.arguments: dict[int, Element] = {}  # of the variables that are logarithms, up to a factor
        self.roots: list[Root] = []
        self.constant_roots: list[ConstantRoot] = []
        self.points = Points(prime, self.size)
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

    # -- its elements ------------------------------------------------------------------------------------

    def number(self, numerator: int, denominator: int = 1) -> Element:
        """The image of a rational number. Raises ZeroDivisionError where p divides the denominator."""
        value = numerator if denominator == 1 else numerator * pow(denominator, -1, self.prime)
        return self.residue(value)

    def residue(self, value: int) -> Element:
        """The number with this residue modulo p."""
        return Element(self.ring.constant(value % self.prime), self.unit, self)

    def variable(self, v: int) -> Element:
        """The variable itself."""
        return Element(self.generators[v], self.unit, self)

    def power(self, v: int, exponent: int) -> Element:
        """A power of a variable, of either sign."""
        if exponent >= 0:
            return Element(self.generators[v] ** exponent, self.unit, self)
        return Element(self.unit, self.generators[v] ** -exponent, self)

    def of(self, polynomial: Polynomial) -> Element:
        """A polynomial as an element."""
        return Element(folded(self, polynomial) if self.roots else polynomial, self.unit, self)

    def reduced(self, numerator: Polynomial, denominator: Polynomial) -> Element:
        """numerator/denominator in lowest terms, without roots in the denominator."""
        if self.roots:
            numerator, denominator = rationalised(self, numerator, denominator)
        if not numerator:
            return self.zero
        if not denominator.is_constant():
            if len(numerator) + len(denominator) > MOST_TERMS:
                raise Undecided("too much work")
            common = numerator.gcd(denominator)
            if not common.is_constant():
                numerator, denominator = numerator / common, denominator / common
        return self.monic(numerator, denominator)

    def monic(self, numerator: Polynomial, denominator: Polynomial) -> Element:
        """numerator/denominator, already in lowest terms, with a monic denominator."""
        leading = denominator.leading_coefficient()
        if leading != 1:
            factor = 1 / leading if self._fits_word else pow(int(leading), -1, self.prime)
            numerator, denominator = numerator * factor, denominator * factor
        return Element(numerator, denominator, self)

    def integer(self, f: Element) -> int | None:
        """The integer that a number is, if it is one of at most LARGEST_INTEGER."""
        if not f.numerator:
            return 0
        if not self.is_number(f):
            return None
        return self.signed(int(f.numerator.leading_coefficient()))

    def number_of(self, f: Element) -> Number | None:
        """The number that an element is, if it is one. Raises Undecided where it has many digits."""
        if not f.numerator:
            return {}
        if not self.is_number(f):
            return None
        return self.numbers.number(int(f.numerator.leading_coefficient()))

    def is_number(self, f: Element) -> bool:
        """Whether no variable stands in it."""
        return bool(f.denominator.is_one() and f.numerator.is_constant())

    def signed(self, residue: int) -> int | None:
        """The small integer with this residue modulo p, or None."""
        if residue > self.prime // 2:
            residue -= self.prime
        bound = min(LARGEST_INTEGER, self.prime >> 8)
        return residue if abs(residue) <= bound else None

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

    # -- looking into elements ---------------------------------------------------------------------------

    def degree(self, p: Polynomial, v: int) -> int:
        """The degree of a polynomial in v, 0 for the polynomial 0."""
        degree = int(p.degrees()[v])
        return degree if degree > 0 else 0

    def contains(self, f: Element, v: int) -> bool:
        """Whether v stands in f."""
        return self.degree(f.numerator, v) > 0 or self.degree(f.denominator, v) > 0

    def contains_any(self, f: Element, variables: Iterable[int]) -> bool:
        """Whether one of these variables stands in f."""
        above, below = f.numerator.degrees(), f.denominator.degrees()
        return any(above[v] > 0 or below[v] > 0 for v in variables)

    def is_constant(self, f: Element) -> bool:
        """Whether Df = 0: only constants stand in f, since the constants of the field are C."""
        return not self.contains_any(f, self.moving)

    def coefficients(self, p: Polynomial, v: int) -> dict[int, Polynomial]:
        """{j: coefficient of v**j}, those that are not 0."""
        degree = self.degree(p, v)
        if degree == 0:
            return {0: p} if p else {}
        if len(p) == 1:
            return {degree: p / self.generators[v] ** degree}
        if degree == 1 or len(p) > 6 * degree:  # whichever is faster
            return self._coefficients_by_derivatives(p, v, degree)
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            exponents = list(monomial)
            j = int(exponents[v])
            exponents[v] = 0
            parts.setdefault(j, {})[tuple(exponents)] = coefficient
        return {j: self.ring.from_dict(part) for j, part in parts.items()}

    def _coefficients_by_derivatives(self, p: Polynomial, v: int, degree: int) -> dict[int, Polynomial]:
        """The same from the highest down: that of v**n is the n-th derivative over n!."""
        found = {}
        while degree:
            leading = p
            for _ in range(degree):
                leading = leading.derivative(v)
            if degree > 1:
                leading = leading * pow(factorial(degree), -1, self.prime)
            found[degree] = leading
            p = p - leading * self.generators[v] ** degree
            degree = self.degree(p, v)
        if p:
            found[0] = p
        return found

    def laurent(self, f: Element, v: int) -> dict[int, Element]:
        """{j: coefficient of v**j} of an element whose denominator holds v as a power of it only."""
        denominator = f.denominator
        shift = self.degree(denominator, v)
        if shift:
            denominator = denominator / self.generators[v] ** shift
        parts = self.coefficients(f.numerator, v)
        return {j - shift: self.reduced(part, denominator) for j, part in parts.items()}

    def from_laurent(self, coefficients: dict[int, Element], v: int) -> Element:
        """The sum of coefficient * v**j."""
        total = self.zero
        for j, coefficient in coefficients.items():
            total = total + (coefficient * self.power(v, j) if j else coefficient)
        return total

    def composed(self, f: Element, v: int, value: Element) -> Element:
        """f with a value for the variable v."""
        if not self.contains(f, v):
            return f
        return self._composed(f.numerator, v, value) / self._composed(f.denominator, v, value)

    def _composed(self, p: Polynomial, v: int, value: Element) -> Element:
        total = self.zero
        for j, coefficient in self.coefficients(p, v).items():
            total = total + (self.of(coefficient) * value**j if j else self.of(coefficient))
        return total

    # -- values modulo p ---------------------------------------------------------------------------------

    def value(self, f: Element, point: Point) -> int | None:
        """The value at a point, None at a pole."""
        return value_at(f, point, self.prime)

    def places(self, *, constants_move: bool = True) -> Iterator[Point]:
        """Random points with values of the roots; the constants have the same values at all, or move."""
        fixed = () if constants_move else self.constants
        first = self.points.of_constants()
        for number in range(1, 1 + POINTS * 2 ** len(self.roots)):
            point = list(self.points[number])
            for v in fixed:
                point[v] = first[v]
            if all(self._has_root(root, point) for root in self.roots):
                yield tuple(point)

    def _has_root(self, root: Root, point: list[int]) -> bool:
        """Whether the root has a value at a point, which then is put in."""
        value = square_root(int(root.radicand(*point)), self.prime)
        point[root.v] = value or 0
        return bool(value)

    def univariate(self, p: Polynomial, v: int, point: Point) -> Univariate:
        """The polynomial in v alone, all other variables put to their values at a point."""
        prime = self.prime
        values: dict[int, int] = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            term = int(coefficient)
            for w, exponent in enumerate(monomial):
                if exponent and w != v:
                    term = term * pow(point[w], int(exponent), prime) % prime
            j = int(monomial[v])
            values[j] = (values.get(j, 0) + term) % prime
        return univariate([values.get(j, 0) for j in range(max(values, default=0) + 1)], prime)

    def from_univariate(self, p: Univariate, v: int) -> Polynomial:
        """A polynomial in v alone."""
        monomial = [0] * self.size
        terms = {}
        for j, coefficient in enumerate(p.coeffs()):
            monomial[v] = j
            terms[tuple(monomial)] = int(coefficient)
        return self.ring.from_dict(terms)


def _with_derivative(below: _Derivatives, v: int, derivative: Element) -> _Derivatives:
    """The derivatives of some variables and of v, over one denominator."""
    numerators, common = below
    larger = common * (derivative.denominator / common.gcd(derivative.denominator))
    factor = larger / common
    if not factor.is_one():
        numerators = {w: n * factor for w, n in numerators.items()}
    return {**numerators, v: derivative.numerator * (larger / derivative.denominator)}, larger
