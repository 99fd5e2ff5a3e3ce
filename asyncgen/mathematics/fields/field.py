"""A differential field C(x, t1, ..., tn) modulo a prime p: its variables, its derivation, its normal forms.

C holds the numbers modulo p (a square root of -1 among them, the images of algebraic numbers) and the
constants that are variables. Each t is primitive (Dt lies in the field beneath) or hyperexponential (Dt/t
does): Bronstein, Symbolic Integration I, section 5.1.

Assumes: one field for one computation; it grows while its function is read, and its elements know it.
"""

import random
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Any

from flint import Ordering, fmpz_mod_mpoly_ctx, nmod_mpoly_ctx

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.modular import Univariate, fits_word, univariate
from asyncgen.mathematics.fields.numbers import Residues

MOST_WORK = 20_000  # derivations and equations before the procedure gives up; no clock decides
LARGEST_INTEGER = 1 << 40  # numbers modulo p up to this size are read as integers
POINTS = 24
SIZES = (6, 8, 12, 16, 24, 32)  # of rings: flint's operations slow down with the number of variables


class Kind(Enum):
    """What a variable of a field is."""

    CONSTANT = "constant"
    BASE = "base"  # x
    PRIMITIVE = "primitive"
    EXPONENTIAL = "hyperexponential"


@lru_cache(maxsize=512)
def _ring(prime: int, size: int) -> tuple[Any, tuple[Polynomial, ...]]:
    # whose annotations are those of their parent
    make: Any = nmod_mpoly_ctx.get if fits_word(prime) else fmpz_mod_mpoly_ctx.get
    context = make(tuple(f"v{number}" for number in range(size)), prime, Ordering.lex)
    return context, context.gens()


@lru_cache(maxsize=512)
def _points(prime: int, size: int) -> list[tuple[int, ...]]:
    """Random points, the same for a prime whatever the size."""
    source = random.Random(prime)
    return [tuple(source.randrange(prime) for _ in range(max(SIZES)))[:size] for _ in range(POINTS + 1)]


class DifferentialField:
    """The field and its derivation D.

    tower: the variables that are not constant, from x upwards; a field K_l of the tower is what the first
    l + 1 of them generate, and K_-1 is C.
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
        self.points = _points(prime, self.size)[:POINTS]
        self._constants_at = _points(prime, self.size)[POINTS]
        self._levels: list[tuple[dict[int, Polynomial], Polynomial]] = []
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
        return Element(polynomial, self.unit, self)

    def reduced(self, numerator: Polynomial, denominator: Polynomial) -> Element:
        """numerator/denominator in lowest terms."""
        if not numerator:
            return self.zero
        if not denominator.is_constant():
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
        if not (f.denominator.is_one() and f.numerator.is_constant()):
            return None
        return self.signed(int(f.numerator.leading_coefficient()))

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

    def add_monomial(self, v: int, kind: Kind, derivative: Element) -> None:
        """Put variable v on top of the tower. `derivative` lies in the field with v in it."""
        self.kind[v] = kind
        self.tower.append(v)
        self.derivatives[v] = derivative
        below, common = self._levels[-1] if self._levels else ({}, self.unit)
        larger = common * (derivative.denominator / common.gcd(derivative.denominator))
        factor = larger / common
        numerators = below if factor.is_one() else {w: n * factor for w, n in below.items()}
        numerators = {**numerators, v: derivative.numerator * (larger / derivative.denominator)}
        self._levels.append((numerators, larger))

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
        for number in range(len(self.tower) - 1, -1, -1):
            if degrees[self.tower[number]] > 0:
                return number
        return -1

    def derive_polynomial(self, p: Polynomial, level: int | None = None) -> tuple[Polynomial, Polynomial]:
        """(q, d) with Dp = q/d, not reduced."""
        if level is None:
            level = self.level(p)
        if level < 0 or not p:
            return self.null, self.unit
        total = self.null
        degrees = p.degrees()
        numerators, common = self._levels[level]
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
        bottom, _ = self.derive_polynomial(f.denominator, level)
        if not bottom:
            return self.reduced(top, common * f.denominator)
        shared = f.denominator.gcd(bottom)
        rest, bottom = f.denominator / shared, bottom / shared
        return self.reduced(top * rest - f.numerator * bottom, common * f.denominator * rest)

    # -- looking into elements ---------------------------------------------------------------------------

    def degree(self, p: Polynomial, v: int) -> int:
        """The degree of a polynomial in v, 0 for the polynomial 0."""
        return max(int(p.degrees()[v]), 0)

    def contains(self, f: Element, v: int) -> bool:
        """Whether v stands in f."""
        return self.degree(f.numerator, v) > 0 or self.degree(f.denominator, v) > 0

    def contains_any(self, f: Element, variables: Iterable[int]) -> bool:
        """Whether one of these variables stands in f."""
        above, below = f.numerator.degrees(), f.denominator.degrees()
        return any(above[v] > 0 or below[v] > 0 for v in variables)

    def is_constant(self, f: Element) -> bool:
        """Whether Df = 0: no variable of the tower stands in f, since the constants of the field are C."""
        return not self.contains_any(f, self.tower)

    def coefficients(self, p: Polynomial, v: int) -> dict[int, Polynomial]:
        """{j: coefficient of v**j}, those that are not 0."""
        if self.degree(p, v) == 0:
            return {0: p} if p else {}
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            exponents = list(monomial)
            j = int(exponents[v])
            exponents[v] = 0
            parts.setdefault(j, {})[tuple(exponents)] = coefficient
        return {j: self.ring.from_dict(part) for j, part in parts.items()}

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

    def value(self, f: Element, point: tuple[int, ...]) -> int | None:
        """The value at a point, None at a pole."""
        below = int(f.denominator(*point))
        return int(f.numerator(*point)) * pow(below, -1, self.prime) % self.prime if below else None

    def at_constants(self, number: int) -> tuple[int, ...]:
        """A random point, at which however the constants have the same values whatever its number."""
        point = list(self.points[number])
        for v in self.constants:
            point[v] = self._constants_at[v]
        return tuple(point)

    def univariate(self, p: Polynomial, v: int, point: tuple[int, ...]) -> Univariate:
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
