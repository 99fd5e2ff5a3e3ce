"""The tower of a function: exponentials and logarithms, each new only where it is independent."""

from math import gcd

from asyncgen.mathematics.engines.risch.constants import Constants
from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.expressions import Node
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Degenerate, NeedsExtension, Undecided
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.relations import integer_relation

FINEST = 60  # into how many parts an exponent may have to be divided
LARGEST_POWER = 60
MOST_TERMS = 20_000  # of a power, by a rough count


class Refined(Exception):
    """An exponential is to be replaced by a root of it: the tower is built again."""


class Tower:
    """A field with its kernels. `scales` outlives the tower: it says how fine its exponentials have to be."""

    def __init__(self, prime: int, variables: int, scales: dict[tuple[bool, int], int]) -> None:
        self.field = DifferentialField(prime, variables)
        self.field.add_monomial(0, Kind.BASE, self.field.one)
        self.kernels: list[Kernel] = []
        self._scales = scales
        self._next_variable = 1
        self.constants = Constants(self)

    @property
    def x(self) -> Element:
        """The variable."""
        return self.field.variable(0)

    def new_variable(self) -> int:
        """A variable that is not used yet."""
        v = self._next_variable
        if v >= self.field.size:
            raise Undecided("too many kernels")
        self._next_variable += 1
        return v

    def scale_of(self, number: int, constant: bool) -> int:
        """Into how many parts the exponent of this kernel is divided."""
        return self._scales.get((constant, number), 1)

    def refine(self, kernel: Kernel, parts: int) -> None:
        """Start again with an exponential that has a root of this degree. Raises Refined, or Undecided."""
        constant = kernel.slope is None
        number = (self.constants.kernels if constant else self.kernels).index(kernel)
        scale = self.scale_of(number, constant) * parts
        if scale > FINEST:
            raise Undecided("exponents of many parts")
        self._scales[constant, number] = scale
        raise Refined

    # -- exponentials ------------------------------------------------------------------------------------

    def exp(self, u: Element) -> Element:
        """e^u: of kernels that are there, or a new one."""
        factor, u = self._without_logarithms(u)
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
        return factor * self.constants.exp(u)

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
        if not field.is_constant(constant):
            raise Undecided("an unclear relation of kernels")
        return (total + self.constants.log(constant)) * field.number(1, n)

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
            raise Undecided("a large power")
        if not base and exponent < 0:
            raise Degenerate("division by zero")
        return base**exponent

    def root_of_square(self, u: Element) -> Element | None:
        """A square root of an element free of roots that is a square of one, else None."""
        above, below = self._root_of_polynomial(u.numerator), self._root_of_polynomial(u.denominator)
        if above is None or below is None:
            return None
        leading = u.numerator.leading_coefficient()
        number = self.field.residue(int(leading))
        return self.constants.square_root(number) * self.field.reduced(above, below)

    def _root_of_polynomial(self, p: Polynomial) -> Polynomial | None:
        """The monic square root of a polynomial's monic multiple."""
        root = self.field.unit
        for factor, multiplicity in squarefree_factors(self.field, p):
            if multiplicity % 2:
                return None
            root = root * factor ** (multiplicity // 2)
        return root / root.leading_coefficient()
