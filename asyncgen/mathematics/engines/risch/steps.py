"""Steps: the locally constant functions by which inverses of periodic functions differ from their argument.

atan(tan(x)) is x minus pi times an integer, another one in each period. In a tower log(b) of exponentials
and logarithms that are there is a sum of exponents, up to a multiple of 2 pi i/n that is constant on each
interval. Where the multiple is 0 at all places looked at, it is left out. Else i s stands for it, s a
constant of the field: an integral with s is one on every interval. Whether there is none may depend on s. So
a proof is done again with the value that s has at each place, an exact multiple of pi.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from flint import acb, ctx

from asyncgen.mathematics.engines.risch.expressions import Motion, Node, S, replaced, tokens_of
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.values import compile_tokens

PLACES = (
    0.28125,
    -0.40625,
    1.1875,
    -1.3125,
    1.9375,
    -2.21875,
    2.84375,
    -3.59375,
    4.40625,
    -5.15625,
    7.28125,
    -8.4375,
)
PRECISION = 128  # bits
LARGEST_MULTIPLE = 1 << 20
LARGEST_POWER = 60


class Elsewhere(Undecided):
    """The signs of roots, or the domain, are not those of the place that was asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """The variable s: i s = factor * node - total, and e^(n i s) = 1."""

    v: int
    n: int
    node: Node
    factor: Element
    total: Element
    multiples: list[int | None]  # of i s, of 2 pi i/n, at the places


class Steps:
    """The steps of one tower.

    place: the place at which they are to have their values; None for variables. s: what the tower's variable
    is as a function of x. names: trees for the roots of the field, each with the element that divides it.
    """

    def __init__(
        self, tower: Tower, s: Node, place: float | None, names: Mapping[int, tuple[Node, Element]]
    ) -> None:
        self.tower, self.field = tower, tower.field
        self.steps: list[Step] = []
        self.kernels: list[Kernel] = []  # exponentials of constants with steps
        self._s, self._place, self._names = s, place, names
        self._moves = Motion()

    def beside(self, total: Element, n: int, factor: Element, node: Node) -> Element:
        """factor * node - total, for a node whose n-th multiple has the exponential that n * total has."""
        field = self.field
        if self._place is not None:
            return self._value_at(self._place, total, n, factor, node)
        multiples = [self._multiple(place, total, n, factor, node) for place in PLACES]
        if not any(multiples):
            return field.zero
        n, multiples = _in_lowest_terms(n, multiples)
        for step in self.steps:
            if step.total == total and step.multiples == multiples:
                return field.variable(step.v) * field.i
        v = self.tower.new_variable()
        field.add_constant(v)
        self.steps.append(Step(v, n, node, factor, total, multiples))
        return field.variable(v) * field.i

    def _value_at(self, place: float, total: Element, n: int, factor: Element, node: Node) -> Element:
        multiple = self._multiple(place, total, n, factor, node)
        if multiple is None:
            raise Elsewhere("a constant without a value")
        if multiple == 0:
            return self.field.zero
        return self.tower.constants.pi() * self.field.i * self.field.number(2 * multiple, n)

    def _multiple(self, place: float, total: Element, n: int, factor: Element, node: Node) -> int | None:
        """The m with factor * node = total + 2 pi i m/n at a place; None where there is none."""
        with ctx.workprec(PRECISION):
            values = _Values(self, place)
            beside = values.of(factor) * values.of_tree(node) - values.of(total)
            multiple = beside * n / (acb(0, 2) * acb.pi())
            if not multiple.is_finite():
                return None
            found = multiple.real.unique_fmpz()
            if found is None or not multiple.overlaps(acb(found)) or abs(found) > LARGEST_MULTIPLE:
                return None
            return int(found)

    def different_places(self) -> list[float]:
        """Places at which the steps have different values, where all of them have one."""
        found: dict[tuple[int | None, ...], float] = {}
        for number, place in enumerate(PLACES):
            values = tuple(step.multiples[number] for step in self.steps)
            if None not in values:
                found.setdefault(values, place)
        return list(found.values())

    def taken_out(self, u: Element) -> tuple[Element, Element]:
        """(f, w) with e^u = f e^w: the part of u that is a constant with steps is taken out."""
        field, rest = self.field, u
        for step in self.steps:
            if field.contains(rest, step.v):
                if field.contains(field.of(rest.denominator), step.v):
                    return field.one, u
                rest = field.laurent(rest, step.v).get(0, field.zero)
        part = u - rest
        if not part or not field.is_constant(part):
            return field.one, u
        return self._exponential(part), rest

    def _exponential(self, part: Element) -> Element:
        """The exponential of a constant with steps: 1, a power of one that is there, or a new one."""
        field = self.field
        for step in self.steps:
            multiple = field.integer(part / (field.variable(step.v) * field.i))
            if multiple is not None and multiple % step.n == 0:
                return field.one
        for kernel in self.kernels:
            ratio = part / kernel.exponent
            if field.is_number(ratio):
                multiple = field.integer(ratio)
                if multiple is None or abs(multiple) > LARGEST_POWER:
                    raise Undecided("exponents of many parts")
                return field.power(kernel.v, multiple)
        v = self.tower.new_variable()
        field.add_constant(v)
        self.kernels.append(Kernel(v, part, field.variable(v), is_exponential=True))
        return field.variable(v)


def _in_lowest_terms(n: int, multiples: list[int | None]) -> tuple[int, list[int | None]]:
    divisor = gcd(n, *(m for m in multiples if m is not None))
    return n // divisor, [None if m is None else m // divisor for m in multiples]


class _Values:
    """The values of a tower's elements at a place, as complex balls."""

    def __init__(self, steps: Steps, place: float) -> None:
        self._steps, self._place = steps, place
        tower = steps.tower
        self._kernels: dict[int, Kernel] = {kernel.v: kernel for kernel in (*steps.kernels, *tower.kernels)}
        self._known: dict[int, acb] = tower.constants.values()
        self._known[tower.field.tower[0]] = self.of_tree(steps._s)

    def of_tree(self, node: Node) -> acb:
        return _value(replaced(node, S, self._steps._s), self._place)

    def of(self, f: Element) -> acb:
        return self._of_polynomial(f.numerator) / self._of_polynomial(f.denominator)

    def _of_polynomial(self, p: Polynomial) -> acb:
        total = acb(0)
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            term = self._steps.tower.constants.ball_of_residue(int(coefficient))
            for v, exponent in enumerate(monomial):
                if exponent:
                    term *= self._of_variable(v) ** int(exponent)
            total += term
        return total

    def _of_variable(self, v: int) -> acb:
        if v not in self._known:
            self._known[v] = self._variable(v)
        return self._known[v]

    def _variable(self, v: int) -> acb:
        for step in self._steps.steps:
            if step.v == v:
                return (self.of(step.factor) * self.of_tree(step.node) - self.of(step.total)) / acb(0, 1)
        if v in self._steps._names:
            node, divisor = self._steps._names[v]
            return self.of_tree(node) / self.of(divisor)
        kernel = self._kernels.get(v)
        if kernel is None:
            raise Undecided("a constant without a value")
        if kernel.is_exponential:
            return self.of(kernel.exponent).exp()
        if kernel.node is not None:
            return self.of_tree(kernel.node)
        factor = kernel.exponent / self._steps.field.variable(v)
        return self.of(kernel.power).log() / self.of(factor)


@lru_cache(maxsize=256)
def _program(node: Node) -> Program:
    return compile_tokens(tokens_of(node))


@lru_cache(maxsize=2048)
def _value(node: Node, place: float) -> acb:
    return _program(node).value_at(place, PRECISION)
