"""Fractions of polynomials over residues modulo a prime p, with roots: their arithmetic and their values.

The variables stand for whatever a differential field puts in their place.

Assumes: one field for one computation; it grows while its function is read, and its elements know it.
"""

from collections.abc import Iterable, Iterator
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
from asyncgen.mathematics.fields.remembered import Remembered
from asyncgen.mathematics.fields.roots import Root, folded, rationalised

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


@lru_cache(maxsize=512)
def _ring(prime: int, size: int) -> tuple[Any, tuple[Polynomial, ...]]:
    # whose annotations are those of their parent
    make: Any = nmod_mpoly_ctx.get if fits_word(prime) else fmpz_mod_mpoly_ctx.get
    context = make(tuple(f"v{number}" for number in range(size)), prime, Ordering.lex)
    return context, context.gens()


class FractionField:
    """The field of fractions in `variables` variables at least.

    constants: the variables that derivations send to 0. roots: each with a radicand that holds earlier ones
    only. constant_roots: constants that are roots of constants before them.
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
        self.constants: list[int] = []
        self.roots: list[Root] = []
        self.constant_roots: list[ConstantRoot] = []
        self.points = Points(prime, self.size)
        self._places: dict[tuple[bool, int, int], Remembered[Point]] = {}

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

    def over_constants(self, p: Polynomial) -> dict[tuple[int, ...], Polynomial]:
        """{exponents of the variables that are not constant: coefficient, a polynomial in the constants}."""
        constants = frozenset(self.constants)
        parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            outer = tuple(0 if v in constants else int(e) for v, e in enumerate(monomial))
            inner = tuple(int(e) if v in constants else 0 for v, e in enumerate(monomial))
            parts.setdefault(outer, {})[inner] = coefficient
        return {outer: self.ring.from_dict(part) for outer, part in parts.items()}

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

    # -- values modulo p ---------------------------------------------------------------------------------

    def value(self, f: Element, point: Point) -> int | None:
        """The value at a point, None at a pole."""
        return value_at(f, point, self.prime)

    def places(self, *, constants_move: bool = True) -> Iterator[Point]:
        """Random points with values of the roots; the constants have the same values at all, or move."""
        key = constants_move, len(self.roots), len(self.constants)
        if key not in self._places:
            self._places[key] = Remembered(self._new_places(constants_move))
        return iter(self._places[key])

    def _new_places(self, constants_move: bool) -> Iterator[Point]:
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
