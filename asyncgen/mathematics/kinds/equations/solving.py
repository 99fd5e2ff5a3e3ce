"""Solving f = 0 for a kernel of the field: the cases in which a formula is at hand.

Of several solutions one is taken, so that what is built on it may hold on a part of the domain only.
"""

from collections.abc import Iterator
from contextlib import suppress
from math import gcd

from asyncgen.mathematics.forms.element import Element, Polynomial
from asyncgen.mathematics.forms.factors import factors_of_sum
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import root
from asyncgen.mathematics.forms.relations import Squares, by_power, reduced
from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.equations.paths import undone

DEEPEST = 12  # kernels that are opened, and roots that are squared, one after the other
LONGEST_FACTORED = 60  # terms of a polynomial

Coefficients = dict[int, Element]  # by exponents


class Solver:
    """Solves equations for one kernel, the unknown, which stands in them openly or in other kernels."""

    def __init__(self, field: Field, unknown: int) -> None:
        self.field = field
        self.unknown = unknown
        self._holds: dict[int, bool] = {unknown: True}

    def zero_of(self, f: Element, depth: int = 0) -> Element:
        """A value of the unknown, without it, for which f is 0. Raises Dropped, Undecided, Degenerate."""
        sums = [p for factor in factors_of(f) for p, _ in factor.sums if self._kernels_in(p)]
        if not sums:
            raise Dropped("one constant")
        if depth < DEEPEST:
            for p in sorted(sums, key=len):
                with suppress(Dropped):
                    return self._zero_of_sum(p, depth)
        raise Dropped("unsolved")

    def _kernels_in(self, p: Polynomial) -> list[int]:
        """The kernels of a polynomial that are the unknown, or hold it."""
        return [number for number, degree in enumerate(p.degrees()) if degree and self._held_by(number)]

    def _held_by(self, number: int) -> bool:
        holds = self._holds.get(number)
        if holds is None:
            argument = self.field.kernels[number].argument
            holds = argument is not None and self.field.contains(argument, self.unknown)
            self._holds[number] = holds
        return holds

    def _zero_of_sum(self, p: Polynomial, depth: int) -> Element:
        kernels = self._kernels_in(p)
        if len(kernels) == 1:
            return self._opened(kernels[0], _zero_in_powers(self._coefficients(p, kernels[0])), depth)
        kept = self.field.kept.intersection(kernels)
        if kept:
            return self.zero_of(self._multiplied_out(p, min(kept)), depth + 1)
        pair = next((pair for pair in self.field.squares if {pair.first, pair.second} == set(kernels)), None)
        if pair is not None and all(powers[pair.first] + powers[pair.second] == 1 for powers in p.monoms()):
            return self._by_tangent(p, pair, depth)
        return self._by_squaring(p, kernels, depth)

    def _opened(self, number: int, value: Element, depth: int) -> Element:
        """The unknown where a kernel has this value."""
        kernel = self.field.kernels[number]
        if kernel.argument is None:
            return value
        if kernel.name == "root":
            value = value**kernel.degree
        elif kernel.name != "sum":
            value = undone(kernel.name, value)
        return self.zero_of(kernel.argument - value, depth + 1)

    def _multiplied_out(self, p: Polynomial, number: int) -> Element:
        """The polynomial with the sum that a kernel stands for."""
        field = self.field
        total = field.ring.constant(0)
        for power, part in by_power(p, number).items():
            total = total + field.multiplied(field.ring.from_dict(part), field.sum_in(number), power)
        return reduced(field, total)

    def _by_tangent(self, p: Polynomial, pair: Squares, depth: int) -> Element:
        """From a sin(u) + b cos(u) = 0, tan(u) = -b/a; the same for sinh and cosh."""
        circular = pair.sign == 1
        sine, cosine = pair[:2] if circular else (pair.second, pair.first)
        parts = self._coefficients(p, sine)
        tangent = -parts[0] / (parts[1] * self.field.generator(cosine))
        argument = self.field.kernels[sine].argument
        assert argument is not None
        return self.zero_of(argument - undone("tan" if circular else "tanh", tangent), depth + 1)

    def _by_squaring(self, p: Polynomial, kernels: list[int], depth: int) -> Element:
        """From a + b sqrt(u) = 0, a**2 - b**2 u = 0."""
        degrees = p.degrees()
        for number in kernels:
            kernel = self.field.kernels[number]
            if kernel.name == "root" and kernel.degree == 2 and degrees[number] == 1:
                parts = self._coefficients(p, number)
                assert kernel.argument is not None
                return self.zero_of(parts[0] ** 2 - parts[1] ** 2 * kernel.argument, depth + 1)
        raise Dropped("unsolved")

    def _coefficients(self, p: Polynomial, number: int) -> Coefficients:
        """The polynomial as one in this kernel."""
        ring = self.field.ring
        return {power: self.field.of(ring.from_dict(part)) for power, part in by_power(p, number).items()}


def factors_of(f: Element) -> Iterator[Element]:
    """The irreducible factors of the numerator; long sums are left as they are."""
    for number, exponent in f.powers.items():
        if exponent > 0:
            yield f.field.generator(number)
    for p, exponent in f.sums:
        if exponent > 0:
            _, factors = factors_of_sum(p, LONGEST_FACTORED)
            yield from (reduced(f.field, q).monic for q, _ in factors)


def _zero_in_powers(coefficients: Coefficients) -> Element:
    """A zero of a polynomial that is linear or quadratic in a power of its variable."""
    step = gcd(*coefficients)
    degree = max(coefficients) // step
    if degree > 2 or 0 not in coefficients:
        raise Dropped("unsolved")
    b, c = coefficients[step], coefficients[0]
    if degree == 1:
        power = -c / b
    else:
        a = coefficients[2 * step]
        power = (root(b * b - (a * c).scaled(4), 2) - b) / a.scaled(2)
    return power if step == 1 else root(power, step)
