"""a D q + b q = sum c_i g_i for polynomials q in the top variable of a tower (Bronstein 6.3 to 6.5, 7.1).

The degree of q is bounded; then its coefficients follow from the highest down.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from asyncgen.mathematics.engines.risch.linear import Vector, constraints, nullspace, unit_vector
from asyncgen.mathematics.engines.risch.logarithmic import Logarithmic, logarithmic_derivative
from asyncgen.mathematics.engines.risch.multiples import is_excluded, possible_multiple
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind

LARGEST_DEGREE = 60  # of a solution that is worth looking for

Polynomial = dict[int, Element]  # {j: coefficient of v**j}, none of them 0


class _Candidate(NamedTuple):
    """sum constants_i g_i - (a D q + b q) = rest, for a q whose highest coefficients are known."""

    constants: Vector
    q: Polynomial
    rest: Polynomial


class PolynomialEquation:
    """The equation in K_level; `solve` and `multiple_of` are those of `equations`, for the fields beneath."""

    def __init__(
        self,
        field: DifferentialField,
        a: Polynomial,
        b: Polynomial,
        g: Sequence[Polynomial],
        level: int,
        solve: Callable[..., Any],
        multiple_of: Callable[..., int],
        *,
        transcendental: bool,
    ) -> None:
        self.field, self.a, self.b, self.g, self.level = field, a, b, g, level
        self.v = field.tower[level]
        self.kind = field.kind[self.v]
        self._solve, self._multiple_of = solve, multiple_of
        self.transcendental = transcendental  # of exp(integral of b/a), b/a free of v but for its poles
        self.degree_a, self.degree_b = max(a), max(b, default=-1)
        self.slope = field.derivatives[self.v]
        exponential = self.kind is Kind.EXPONENTIAL
        self.exponent = field.logarithmic_derivative(self.v) if exponential else field.zero

    def solutions(self, vectors: Sequence[Vector]) -> list[tuple[Vector, Polynomial]]:
        """A basis of the (c, q), c among the combinations of these vectors."""
        degree = self.degree_bound()
        if degree > LARGEST_DEGREE:
            raise Undecided("a solution of large degree")
        count = len(self.g)
        start = [_Candidate(unit_vector(self.field, count, j), {}, dict(g)) for j, g in enumerate(self.g)]
        candidates = [self._combined(start, vector) for vector in vectors] if count else []
        for j in range(degree, -1, -1):
            candidates = self._with_coefficient(candidates, j)
        return [(c, {j: y for j, y in q.items() if y}) for c, q, _ in self._without_rest(candidates)]

    # -- the degree (6.3) --------------------------------------------------------------------------------

    def degree_bound(self) -> int:
        """A bound for the degree of q."""
        highest_g = max((max(g, default=-1) for g in self.g), default=-1)
        if self.kind is Kind.BASE:
            return self._bound_in_x(highest_g)
        if self.kind is Kind.PRIMITIVE:
            return self._bound_in_primitive(highest_g)
        bound = max(0, highest_g - max(self.degree_b, self.degree_a))
        if self.b and self.degree_b == self.degree_a and not self.transcendental:
            bound = max(bound, possible_multiple(self.field, self._leading(), self.level, self.v) or 0)
        return bound

    def _leading(self) -> Element:
        """-lc(b)/lc(a)."""
        return -(self.b[self.degree_b] / self.a[self.degree_a])

    def _bound_in_x(self, highest_g: int) -> int:
        bound = max(0, highest_g - max(self.degree_b, self.degree_a - 1))
        if self.b and self.degree_b == self.degree_a - 1:
            bound = max(bound, self.field.integer(self._leading()) or 0)
        return bound

    def _bound_in_primitive(self, highest_g: int) -> int:
        above = self.degree_b > self.degree_a
        bound = max(0, highest_g - self.degree_b if above else highest_g - self.degree_a + 1)
        if self.b and self.degree_b == self.degree_a - 1:
            return max(bound, self._multiple(self._leading()))
        if self.b and self.degree_b == self.degree_a and not self.transcendental:
            found = self._logarithmic(self._leading())
            return max(bound, self._multiple(self._next(found.z))) if found else bound
        return bound

    def _logarithmic(self, f: Element) -> Logarithmic | None:
        if self.field.roots_beneath(self.level) and is_excluded(self.field, f, self.level):
            return None
        return logarithmic_derivative(self.field, f, self.level)

    def _multiple(self, f: Element) -> int:
        return self._multiple_of(self.field, f, self.slope, self.level - 1)

    def _next(self, z: Element) -> Element:
        """-lc(a Dz + b z)/(z lc(a)), the leading terms having cancelled."""
        below, zero = self.degree_a - 1, self.field.zero
        leading = self.a.get(below, zero) * self.field.derive(z) + self.b.get(below, zero) * z
        return -(leading / (z * self.a[self.degree_a]))

    # -- the coefficients --------------------------------------------------------------------------------

    def _with_coefficient(self, candidates: list[_Candidate], j: int) -> list[_Candidate]:
        """The candidates with the coefficient of v**j, each way that there is."""
        if self.kind is Kind.BASE:
            factor, top = self._algebraic_in_x(j)
        elif self.degree_b > self.degree_a:
            factor, top = self.b[self.degree_b], j + self.degree_b
        else:
            return self._by_equation(candidates, j)
        if factor:
            return self._by_division(candidates, j, factor, top)
        return self._free(candidates, j, top)

    def _algebraic_in_x(self, j: int) -> tuple[Element, int]:
        """The factor of q_j in the highest term that it reaches, where the coefficients are constants."""
        highest = max(self.degree_b, self.degree_a - 1)
        factor = self.b.get(highest, self.field.zero)
        if highest == self.degree_a - 1:
            factor = factor + self.a[self.degree_a].scaled(j)
        return factor, j + highest

    def _by_division(
        self, candidates: list[_Candidate], j: int, factor: Element, top: int
    ) -> list[_Candidate]:
        """factor * q_j = the rest's coefficient of v**top."""
        inverse = factor.inverse()
        found = []
        for candidate in candidates:
            term = candidate.rest.get(top)
            found.append(self._extended(candidate, j, term * inverse) if term else candidate)
        return found

    def _free(self, candidates: list[_Candidate], j: int, top: int) -> list[_Candidate]:
        """q_j does not reach v**top: there the rests must cancel, and q_j is a parameter."""
        row = [candidate.rest.get(top, self.field.zero) for candidate in candidates]
        if any(row):
            vectors = nullspace(self.field, [row], len(candidates))
            candidates = [self._combined(candidates, vector) for vector in vectors]
        return [*candidates, self._extended(self._nothing(), j, self.field.one)]

    def _by_equation(self, candidates: list[_Candidate], j: int) -> list[_Candidate]:
        """D q_j + f_j q_j = the rest's coefficient of v**top, in the field beneath."""
        inverse = self.a[self.degree_a].inverse()
        f = self.b[self.degree_b] * inverse if self.degree_b == self.degree_a else self.field.zero
        if self.kind is Kind.EXPONENTIAL and j:
            f = f + self.exponent.scaled(j)
        top = j + max(self.degree_a, self.degree_b)
        live = [candidate for candidate in candidates if candidate.rest.get(top)]
        found = [candidate for candidate in candidates if not candidate.rest.get(top)]
        right = [candidate.rest[top] * inverse for candidate in live]
        transcendental = self.transcendental or self._is_power(f)
        for constants, y in self._solve(self.field, f, right, self.level - 1, transcendental=transcendental):
            candidate = self._combined(live, constants) if any(constants) else self._nothing()
            found.append(self._extended(candidate, j, y) if y else candidate)
        return found

    def _is_power(self, f: Element) -> bool:
        """Whether exp(integral of f) is a power of v, which is transcendental over the field beneath."""
        return bool(f) and self.kind is Kind.EXPONENTIAL and bool(self.field.integer(f / self.exponent))

    def _nothing(self) -> _Candidate:
        """The candidate 0, to which a parameter is added."""
        return _Candidate([self.field.zero] * len(self.g), {}, {})

    def _extended(self, candidate: _Candidate, j: int, y: Element) -> _Candidate:
        """The candidate with q_j = y: its rest loses a D(y v**j) + b y v**j."""
        rest = dict(candidate.rest)
        zero = self.field.zero
        for e, term in self._derivative(j, y).items():
            for i, a in self.a.items():
                rest[i + e] = rest.get(i + e, zero) - a * term
        for i, b in self.b.items():
            rest[i + j] = rest.get(i + j, zero) - b * y
        rest = {i: c for i, c in rest.items() if c}
        return _Candidate(candidate.constants, {**candidate.q, j: y}, rest)

    def _derivative(self, j: int, y: Element) -> Polynomial:
        """D(y v**j)."""
        slope = self.field.zero if self.level == 0 else self.field.derive(y)
        terms = {j: slope}
        if j and self.kind is Kind.EXPONENTIAL:
            terms[j] = slope + y * self.exponent.scaled(j)
        elif j:
            terms[j - 1] = y * self.slope.scaled(j)
        return {e: term for e, term in terms.items() if term}

    def _combined(self, candidates: Sequence[_Candidate], factors: Vector) -> _Candidate:
        """The combination of the candidates with these constant factors."""
        constants, q, rest = self._nothing()
        for candidate, factor in zip(candidates, factors, strict=True):
            if factor:
                constants = [
                    x + factor * y if y else x for x, y in zip(constants, candidate.constants, strict=True)
                ]
                self._add(q, candidate.q, factor)
                self._add(rest, candidate.rest, factor)
        return _Candidate(constants, q, {j: c for j, c in rest.items() if c})

    def _add(self, total: Polynomial, part: Polynomial, factor: Element) -> None:
        one = factor == self.field.one
        for j, c in part.items():
            term = c if one else factor * c
            total[j] = total[j] + term if j in total else term

    def _without_rest(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """The combinations of the candidates whose rest is 0."""
        left = sorted({j for candidate in candidates for j in candidate.rest})
        rows: list[Vector] = []
        for j in left:
            row = [candidate.rest.get(j, self.field.zero) for candidate in candidates]
            rows += constraints(self.field, row)
        if not rows:
            return candidates
        vectors = nullspace(self.field, rows, len(candidates))
        return [self._combined(candidates, vector) for vector in vectors]
