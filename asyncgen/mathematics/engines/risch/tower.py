"""The tower of a function: exponentials and logarithms, each new only where it is independent."""

from dataclasses import dataclass
from dataclasses import field as field_
from math import gcd
from typing import TYPE_CHECKING

from asyncgen.mathematics.engines.risch.constants import Constants
from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.fields.constant_roots import normalised
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.relations import integer_relation

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.steps import Steps

FINEST = 60  # into how many parts an exponent may have to be divided
LARGEST_POWER = 60
LARGE_POWER = "a large power"
MOST_TERMS = 20_000  # of a power, by a rough count


class Refined(Exception):
    """The tower is built again with what `Known` says: an exponential gives way to a root of it, say."""


@dataclass(slots=True)
class Known:
    """What outlives a tower that is built again: how fine its exponentials are, and its numbers.

    scales: by whether a kernel is constant, and its number. primes: those whose square roots are numbers.
    """

    scales: dict[tuple[bool, int], int] = field_(default_factory=dict)
    primes: set[int] = field_(default_factory=set)


class Tower:
    """A field with its kernels."""

    def __init__(self, prime: int, variables: int, known: Known) -> None:
        self.field = DifferentialField(prime, variables)
        self.field.add_monomial(0, Kind.BASE, self.field.one)
        self.kernels: list[Kernel] = []
        self._known = known
        for p in known.primes:
            self.field.numbers.root(p)
        self._next_variable = 1
        self.constants = Constants(self)
        self.steps: Steps | None = None

    @property
    def x(self) -> Element:
        """The variable."""
        return self.field.variable(0)

    @property
    def step_kernels(self) -> list[Kernel]:
        """The exponentials of constants with steps."""
        return [] if self.steps is None else self.steps.kernels

    def new_variable(self) -> int:
        """A variable that is not used yet."""
        v = self._next_variable
        if v >= self.field.size:
            raise Undecided("too many kernels")
        self._next_variable += 1
        return v

    def scale_of(self, number: int, constant: bool) -> int:
        """Into how many parts the exponent of this kernel is divided."""
        return self._known.scales.get((constant, number), 1)

    def refine(self, kernel: Kernel, parts: int) -> None:
        """Start again with an exponential that has a root of this degree. Raises Refined, or Undecided."""
        constant = kernel.slope is None
        number = (self.constants.kernels if constant else self.kernels).index(kernel)
        scale = self.scale_of(number, constant) * parts
        if scale > FINEST:
            raise Undecided("exponents of many parts")
        self._known.scales[constant, number] = scale
        raise Refined

    def know_numbers(self) -> None:
        """Start again with the square roots of integers that were met late. Raises Refined if any were."""
        late = {p for p in self.field.numbers.met if p > 0} - self._known.primes
        if late:
            self._known.primes |= late
            raise Refined

    # -- exponentials ------------------------------------------------------------------------------------

    def exp(self, u: Element) -> Element:
        """e^u: of kernels that are there, or a new one."""
        factor, u = self._without_logarithms(u)
        if self.steps is not None:
            of_steps, u = self.steps.taken_out(u)
            factor = factor * of_steps
        if self.field.is_constant(u):
            return factor * self.constants.exp(u)
        slope = self.field.derive(u)
        relation = self._relation(slope)
        if relation is None:
            return factor * self._new_exponential(u, slope)
        n, *multiples = relation
        self._refine_for(n, multiples)
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            if multiple:
                exponent = -multiple // n
                factor = factor * self.power(kernel.power, exponent)
                u = u - kernel.exponent.scaled(exponent)
        return factor * self.constants.exp(normalised(self.field, u))

    def _without_logarithms(self, u: Element) -> tuple[Element, Element]:
        """(f, w) with e^u = f e^w: integer multiples of logarithms are taken out."""
        field, factor = self.field, self.field.one
        for kernel in self.kernels:
            if kernel.is_exponential or field.degree(u.numerator, kernel.v) != 1:
                continue
            if field.degree(u.denominator, kernel.v):
                continue
            coefficient = field.laurent(u, kernel.v)[1] * field.variable(kernel.v) / kernel.exponent
            multiple = field.integer(coefficient)
            if multiple and abs(multiple) < LARGEST_POWER:
                factor = factor * self.power(kernel.power, multiple)
                u = u - kernel.exponent.scaled(multiple)
        return factor, u

    def _refine_for(self, n: int, multiples: list[int]) -> None:
        """See to it that each multiple is one of n. Raises Refined where an exponential is too coarse."""
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            if multiple % n:
                if not kernel.is_exponential:
                    raise NeedsExtension("the root of a logarithm's argument", of_logarithm=True)
                self.refine(kernel, abs(n) // gcd(n, multiple))

    def _new_exponential(self, u: Element, slope: Element) -> Element:
        field, v = self.field, self.new_variable()
        scale = self.scale_of(len(self.kernels), constant=False)
        part = field.number(1, scale)
        power = field.variable(v)
        field.add_monomial(v, Kind.EXPONENTIAL, slope * part * power)
        self.kernels.append(Kernel(v, u * part, power, is_exponential=True, slope=slope * part))
        return field.power(v, scale)

    # -- logarithms --------------------------------------------------------------------------------------

    def log(self, b: Element, factor: Element | None = None, node: Node = None) -> Element:
        """An element whose exponential is b, up to a constant: of kernels that are there, or a new one.

        If it is new, its variable is the logarithm over `factor`, which the function calls `node`.
        """
        field = self.field
        if not b:
            raise Degenerate("the logarithm of 0")
        if field.is_constant(b):
            return self.constants.log(b, factor, node)
        slope = field.derive(b) / b
        relation = self._relation(slope)
        if relation is None:
            return self._new_logarithm(b, slope, factor or field.one, node)
        n, *multiples = relation
        constant = self.power(b, n)
        total = field.zero
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            if multiple:
                constant = constant * self.power(kernel.power, multiple)
                total = total - kernel.exponent.scaled(multiple)
        constant = normalised(field, constant)
        if not field.is_constant(constant):
            raise Undecided("an unclear relation of kernels")
        total = (total + self.constants.log(constant)) * field.number(1, n)
        if node is None or self.steps is None:
            return total
        return total + self.steps.beside(total, abs(n), factor or field.one, node)

    def _new_logarithm(self, b: Element, slope: Element, factor: Element, node: Node) -> Element:
        field, v = self.field, self.new_variable()
        exponent = field.variable(v) * factor
        field.add_monomial(v, Kind.PRIMITIVE, slope / factor)
        field.arguments[v] = b
        self.kernels.append(Kernel(v, exponent, b, is_exponential=False, node=node, slope=slope))
        return exponent

    def _relation(self, slope: Element) -> list[int] | None:
        """(n, m_1, m_2, ...) with n slope + sum m_j slope_j = 0."""
        slopes = [kernel.slope for kernel in self.kernels if kernel.slope is not None]
        return integer_relation(self.field, [slope, *slopes])

    # -- powers and roots --------------------------------------------------------------------------------

    def power(self, base: Element, exponent: int) -> Element:
        """base**exponent. Raises Undecided where it would be very large, Degenerate for 1/0."""
        terms = len(base.numerator) + len(base.denominator)
        if (abs(exponent) > LARGEST_POWER and terms > 2) or terms ** min(abs(exponent), 4) > MOST_TERMS:
            raise Undecided(LARGE_POWER)
        if not base and exponent < 0:
            raise Degenerate("division by zero")
        return base**exponent

    def root_of_power(self, u: Element, n: int) -> Element | None:
        """An n-th root of an element free of roots that is an n-th power times a number, else None."""
        above, below = self._root_of_polynomial(u.numerator, n), self._root_of_polynomial(u.denominator, n)
        if above is None or below is None:
            return None
        leading = u.numerator.leading_coefficient()
        number = self.field.residue(int(leading))
        return self.constants.roots.root(number, n) * self.field.reduced(above, below)

    def _root_of_polynomial(self, p: Polynomial, n: int) -> Polynomial | None:
        """The monic n-th root of a polynomial's monic multiple."""
        root = self.field.unit
        for factor, multiplicity in squarefree_factors(self.field, p):
            if multiplicity % n:
                return None
            root = root * factor ** (multiplicity // n)
        return root / root.leading_coefficient()
