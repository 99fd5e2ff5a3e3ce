"""The parametric Risch differential equation D y + f y = sum c_i g_i in a tower (Bronstein, ch. 6 and 7).

`solve` gives a basis of all (c, y), c constant and y in K_l. The Risch differential equation and limited
integration are instances. Its steps are those of the book, but for one: once the degree of y is bounded, the
coefficients follow from the top down, each from an equation of the same kind in the field beneath, so that
neither SPDE (6.4) nor the cases of 6.5 are needed; where an equation has a parameter, what is left at the end
are linear conditions on it.
"""

from collections.abc import Sequence

from asyncgen.mathematics.engines.risch.coupled_equations import CoupledEquation
from asyncgen.mathematics.engines.risch.denominators import (
    least_common_multiple,
    normal_part,
    primitive_part,
    repeated_part,
)
from asyncgen.mathematics.engines.risch.linear import Vector, constraints, nullspace, unit_vector
from asyncgen.mathematics.engines.risch.multiples import possible_multiple
from asyncgen.mathematics.engines.risch.places import LEFT_OPEN
from asyncgen.mathematics.engines.risch.polynomial_equations import PolynomialEquation
from asyncgen.mathematics.engines.risch.residues import integer_roots, residue_polynomials
from asyncgen.mathematics.engines.risch.solutions import Form, Solution, in_common
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.roots import components, product_of, slope_of, subsets
from asyncgen.mathematics.fields.univariate import (
    coefficients_of,
    common_divisor,
    divided,
    element_of,
    extended_euclidean,
)

WORK = 10  # that one equation counts for
LARGEST_MULTIPLICITY = 60  # of a factor of the weak normaliser


def form_of_solutions(
    field: DifferentialField, f: Element, g: Sequence[Element], level: int, *, transcendental: bool = False
) -> Form | None:
    """What each y in K_level free of its last roots would look like (6.1 to 6.3); None where they stand in f.

    None in C, too. Raises Undecided.
    """
    if level < 0 or any(field.contains_any(part, field.roots_at(level)) for part in (f, *g)):
        return None
    v = field.tower[level]
    if field.is_exponential(v) and not f and not any(field.contains(g_i, v) for g_i in g):
        return form_of_solutions(field, f, g, level - 1)
    known = transcendental and not field.contains(f, v)
    return _Equation(field, f, list(g), level, known).form()


def solve(
    field: DifferentialField, f: Element, g: Sequence[Element], level: int, *, transcendental: bool = False
) -> list[Solution]:
    """A basis of the solutions (c, y), y in K_level. f and the g_i lie in K_level.

    transcendental: whether exp(integral of f) is known to be so over K_level. Raises NeedsExtension where a
    root in f, or beneath an exponential, leaves it open.
    """
    field.work(WORK)
    if level < 0:
        return _solve_constants(field, f, g)
    v = field.tower[level]
    roots = field.roots_at(level)
    if roots and field.contains_any(f, roots):
        if len(roots) > 1 or not transcendental:
            raise NeedsExtension(LEFT_OPEN)
        return [Solution(*found) for found in CoupledEquation(field, f, g, level, roots[0]).solutions()]
    # so it is then with the values of f at v = 0 and at infinity, times powers of v and of radicands
    transcendental = transcendental and not field.contains(f, v)
    if roots:
        return _solve_by_components(field, f, g, level, roots, transcendental)
    if field.is_exponential(v) and not f and not any(field.contains(g_i, v) for g_i in g):
        return solve(field, f, g, level - 1)  # y is free of v
    return _Equation(field, f, list(g), level, transcendental).solutions()


def solve_one(
    field: DifferentialField, f: Element, g: Element, level: int, *, transcendental: bool = False
) -> Element | None:
    """y in K_level with D y + f y = g, or None: the Risch differential equation (chapter 6)."""
    for constants, y in solve(field, f, [g], level, transcendental=transcendental):
        if constants[0]:
            return y / constants[0]
    return None


def integrate_limited(
    field: DifferentialField, f: Element, w: Element, level: int
) -> tuple[Element, Element] | None:
    """(y, c) with f = D y + c w, y in K_level and c constant, or None: limited integration (7.2)."""
    for constants, y in solve(field, field.zero, [f, w], level):
        if constants[0]:
            return y / constants[0], -(constants[1] / constants[0])
    return None


def multiple_of(field: DifferentialField, f: Element, w: Element, level: int) -> int:
    """The integer m with f = D y + m w, y in K_level; 0 if there is none."""
    found = integrate_limited(field, f, w, level)
    return (field.integer(found[1]) or 0) if found else 0


def _solve_constants(field: DifferentialField, f: Element, g: Sequence[Element]) -> list[Solution]:
    """f y = sum c_i g_i in C, where D is 0."""
    count = len(g)
    if f:
        inverse = f.inverse()
        return [Solution(unit_vector(field, count, j), g_j * inverse) for j, g_j in enumerate(g)]
    rows = [list(g)] if any(g) else []
    found = [Solution(vector, field.zero) for vector in nullspace(field, rows, count)]
    return [*found, Solution([field.zero] * count, field.one)]


# -- with roots over the top variable --------------------------------------------------------------------


def _solve_by_components(
    field: DifferentialField,
    f: Element,
    g: Sequence[Element],
    level: int,
    roots: Sequence[int],
    transcendental: bool,
) -> list[Solution]:
    """For each product S of the roots, y's part y_S S has D y_S + (f + DS/S) y_S = sum c_i g_i,S."""
    parts = [components(field, g_i, roots) for g_i in g]
    only_zero = transcendental or not f  # the only y_S for g = 0, but for S = 1
    found: list[Solution] | None = None
    for subset in subsets(roots):
        right = [part.get(subset, field.zero) for part in parts]
        if found is not None and only_zero:
            if not any(any(constants) for constants, _ in found):
                return found
            if not any(right):
                continue
        slope = f + slope_of(field, subset)
        if field.contains_any(slope, roots):
            raise NeedsExtension("a root of a root")
        product = product_of(field, subset)
        solutions = [
            Solution(constants, y * product)
            for constants, y in _Equation(field, slope, right, level, transcendental).solutions()
        ]
        found = solutions if found is None else in_common(field, found, solutions)
    assert found is not None
    return found


class _Equation:
    """One equation on its way: each step changes the unknown, and notes what has to be undone at the end."""

    def __init__(
        self,
        field: DifferentialField,
        f: Element,
        g: list[Element],
        level: int,
        transcendental: bool,
    ) -> None:
        self.field, self.f, self.g, self.level = field, f, g, level
        self.v = field.tower[level]
        self.transcendental = transcendental
        self.divisor = field.one  # y = unknown / divisor * v**shift
        self.shift = 0
        self.vectors = [unit_vector(field, len(g), j) for j in range(len(g))]  # the c that are still possible

    def solutions(self) -> list[Solution]:
        equation = self._for_polynomials()
        if equation is None:
            return []
        return [self._undone(constants, q) for constants, q in equation.solutions(self.vectors)]

    def form(self) -> Form:
        equation = self._for_polynomials()
        bound = equation.degree_bound() if equation is not None and self.vectors else None
        return Form(self.v, self.shift, self.divisor, bound)

    def _for_polynomials(self) -> PolynomialEquation | None:
        """The equation for a polynomial in v, or None where no denominator of y can fit."""
        self._normalise_weakly()
        a, b = self._clear_normal_denominators()
        if not self._cancel_normal_parts() and self.f:
            return None
        if self.field.is_exponential(self.v):
            a, b = self._clear_special_denominators(a, b)
        laurent = self.field.laurent
        right = [laurent(g, self.v) for g in self.g]
        return PolynomialEquation(
            self.field,
            laurent(a, self.v),
            laurent(b, self.v),
            right,
            self.level,
            solve,
            multiple_of,
            transcendental=self.transcendental,
        )

    def _undone(self, constants: Vector, q: dict[int, Element]) -> Solution:
        y = self.field.from_laurent({j + self.shift: c for j, c in q.items()}, self.v)
        return Solution(constants, y if self.divisor == self.field.one else y / self.divisor)

    def _normalise_weakly(self) -> None:
        """y = z/q so that f - Dq/q has no positive integer among its residues (6.1)."""
        q = self._weak_normaliser()
        if q is None:
            return
        factor = q
        self.f = self.f - self.field.derive(factor) / factor
        self.g = [g * factor for g in self.g]
        self.divisor = self.divisor * factor

    def _weak_normaliser(self) -> Element | None:
        field, v = self.field, self.v
        normal = normal_part(field, self.f.denominator, v)
        if field.degree(normal, v) == 0:
            return None
        repeated = repeated_part(field, normal, v)
        squarefree = normal / repeated
        simple = primitive_part(field, squarefree / squarefree.gcd(repeated), v)  # the poles of order one
        if field.degree(simple, v) == 0:
            return None
        numerator = field.reduced(self.f.numerator, self.f.denominator / simple)
        (polynomial,) = residue_polynomials(field, numerator, simple, v, wanted=1)
        slope = field.derive(field.of(simple))
        q = None
        for m in integer_roots(field, polynomial):
            if m > LARGEST_MULTIPLICITY:
                raise Undecided("a solution of large degree")
            if m > 0:
                factor = common_divisor(field, field.of(simple), numerator - slope.scaled(m), v)
                q = factor**m if q is None else q * factor**m
        return q

    def _clear_normal_denominators(self) -> tuple[Element, Element]:
        """(a, b) with a D q + b q = sum c_i g_i for q = y h, h the normal part of y's denominator (6.1)."""
        field, v = self.field, self.v
        normal = normal_part(field, self.f.denominator, v)
        all_normal = self._normal_denominator_of_g()
        h = field.unit
        if field.degree(all_normal, v) > 0:
            # with roots, the denominator of f may be a multiple of the true one
            exact = not field.contains_any(self.f, field.roots_beneath(self.level))
            shared = normal.gcd(all_normal) if exact else field.unit
            above = all_normal.gcd(all_normal.derivative(v))
            below = shared.gcd(shared.derivative(v)) if field.degree(shared, v) > 0 else field.unit
            h = primitive_part(field, above / above.gcd(below), v)
        factor, d = field.of(h), field.of(normal)
        a = d * factor
        b = a * self.f
        if field.degree(h, v) > 0:
            b = b - d * field.derive(factor)
        self.g = [g * a * factor for g in self.g]
        self.divisor = self.divisor * factor
        return a, b

    def _normal_denominator_of_g(self) -> Polynomial:
        common = self.field.unit
        for g in self.g:
            common = least_common_multiple(common, normal_part(self.field, g.denominator, self.v))
        return common

    def _cancel_normal_parts(self) -> bool:
        """Keep the c for which the normal denominators left in sum c_i g_i cancel; whether there are any."""
        field, v = self.field, self.v
        left = self._normal_denominator_of_g()
        if field.degree(left, v) > 0:
            parts = [self._parted(g, left) for g in self.g]
            self.g = [whole for whole, _ in parts]
            rows = constraints(field, [fraction for _, fraction in parts])
            self.vectors = nullspace(field, rows, len(parts))
        return bool(self.vectors) or not self.g

    def _parted(self, g: Element, left: Polynomial) -> tuple[Element, Element]:
        """(q, r) with g = q + r/left, q without a normal denominator and r a polynomial of less degree."""
        field, v = self.field, self.v
        if field.degree(normal_part(field, g.denominator, v), v) == 0:
            return g, field.zero
        divisor = coefficients_of(field, field.of(left), v)
        numerator = g * field.of(left)
        order = field.degree(numerator.denominator, v)  # of its pole at v = 0, for a hyperexponential v
        if order == 0:
            quotient, remainder = divided(field, coefficients_of(field, numerator, v), divisor)
            return element_of(field, quotient, v), element_of(field, remainder, v)
        monomial = field.power(v, order)
        above, rest = extended_euclidean(
            field,
            divisor,
            coefficients_of(field, monomial, v),
            coefficients_of(field, numerator * monomial, v),
        )
        quotient, remainder = divided(field, rest, divisor)
        whole = element_of(field, above, v) / monomial + element_of(field, quotient, v)
        return whole, element_of(field, remainder, v)

    def _clear_special_denominators(self, a: Element, b: Element) -> tuple[Element, Element]:
        """(a, b) for q = unknown * v**shift, a polynomial in the hyperexponential v (6.2)."""
        field, v = self.field, self.v
        b_parts, a_parts = field.laurent(b, v), field.laurent(a, v)
        lowest_b = min(b_parts, default=None)
        orders = [min(parts) for parts in (field.laurent(g, v) for g in self.g) if parts]
        lowest_g = min(orders, default=0)
        self.shift = min(0, lowest_g - min(0, lowest_b or 0))
        if lowest_b == 0 and not self.transcendental:
            multiple = possible_multiple(field, -(b_parts[0] / a_parts[0]), self.level, v)
            if multiple is not None:
                self.shift = min(self.shift, multiple)
        if self.shift:
            b = b + a * field.logarithmic_derivative(v).scaled(self.shift)
        return self._without_negative_powers(a, b, lowest_g)

    def _without_negative_powers(self, a: Element, b: Element, lowest_g: int) -> tuple[Element, Element]:
        field, v = self.field, self.v
        lowest_b = min(field.laurent(b, v), default=0)
        up = max(0, -lowest_b, self.shift - lowest_g if self.g else 0)
        if up:
            a, b = a * field.power(v, up), b * field.power(v, up)
        if up - self.shift:
            self.g = [g * field.power(v, up - self.shift) for g in self.g]
        return a, b
