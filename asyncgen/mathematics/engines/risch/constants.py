"""The constants of a function: exact numbers, and what is transcendental modulo Schanuel's conjecture.

Each new e^c or log(c) is looked at as a ball of many digits. Where its exponent is an integer combination of
those that are known (found by a lattice), this is verified exactly, and it is no new constant. Otherwise the
exponents are linearly independent over the rationals, and the new constant is an independent variable of the
field. Where neither can be shown, the function stays undecided.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from flint import acb, ctx, fmpq, fmpz, fmpz_mat

from asyncgen.mathematics.engines.risch.constant_roots import PRECISION, ConstantRoots
from asyncgen.mathematics.engines.risch.expressions import Node, tokens_of
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.constant_roots import normalised
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.values import compile_tokens

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.tower import Tower

LATTICE_BITS = 384  # of them used to find relations
LARGEST_COEFFICIENT = 1 << 24  # of a relation; a random one needs LATTICE_BITS / (number of constants)
LARGEST_POWER = 200


class Constants:
    """The constant kernels of a tower."""

    def __init__(self, tower: "Tower") -> None:
        self.tower = tower
        self.field = tower.field
        self.numbers = tower.field.numbers
        self.kernels: list[Kernel] = []
        self.roots = ConstantRoots(self)

    # -- numbers -----------------------------------------------------------------------------------------

    def number_of(self, c: Element) -> numbers.Number | None:
        """The number that an element is, None where constants that are variables stand in it."""
        return self.field.number_of(c)

    def element_of(self, number: numbers.Number) -> Element:
        """A number as an element."""
        return self.field.residue(self.numbers.residue(number))

    def ball(self, c: Element) -> acb:
        """A constant as a complex ball. Raises Undecided where its numbers cannot be read."""
        with ctx.workprec(PRECISION):
            return self._ball(c.numerator) / self._ball(c.denominator)

    def values(self) -> dict[int, acb]:
        """The values of the constants that are variables."""
        values = {kernel.v: kernel.value for kernel in self.kernels if kernel.value is not None}
        return values | {kernel.root.v: kernel.value for kernel in self.roots.kernels}

    def ball_of_residue(self, residue: int) -> acb:
        """The number with this residue as a ball, at flint's working precision."""
        return numbers.ball(self.numbers.number(residue))

    def _ball(self, p: Polynomial) -> acb:
        values = self.values()
        total = acb(0)
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            term = self.ball_of_residue(int(coefficient))
            for v, exponent in enumerate(monomial):
                if exponent:
                    if v not in values:  # it stands for a step
                        raise Undecided("a constant without a value")
                    term *= values[v] ** int(exponent)
            total += term
        return total

    # -- roots -------------------------------------------------------------------------------------------

    def square_root(self, c: Element) -> Element:
        """A square root of a constant. Raises Undecided."""
        return self.roots.root(c, 2)

    def principal(self, c: Element, node: Node) -> Element:
        """The value of a root, a logarithm or an inverse function at a constant: c, but for its branch."""
        true = compile_tokens(tokens_of(node)).value_at(0, PRECISION)
        ours = self.ball(c)
        if not true.is_finite() or not ours.is_finite():
            raise Undecided("a constant without a value")
        if true.overlaps(ours):
            return c
        if true.overlaps(-ours):
            return -c
        for element, value in ((c, ours), (-c, -ours)):
            with ctx.workprec(PRECISION):
                quarters = (true - value) / (acb(0, 1) * acb.pi()) * 4
            multiple = quarters.real.unique_fmpz()
            if multiple is not None and quarters.overlaps(acb(multiple)):
                return element + self.pi() * self.field.i * self.field.number(int(multiple), 4)
        raise Undecided("the branch of a constant")

    # -- exponentials and logarithms ---------------------------------------------------------------------

    def exp(self, c: Element) -> Element:
        """e^c."""
        if not c:
            return self.field.one
        value = self.ball(c)
        relation = self._relation(value)
        if relation is None:
            return self._new_exponential(c, value)
        n, multiples = relation
        exponents = [kernel.exponent for kernel in self.kernels]
        if self._sum([(n, c), *zip(multiples, exponents, strict=True)]):
            raise Undecided("constants that may depend on each other")
        result = self.field.one
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            if multiple:
                result = result * self._root_of_power(kernel, Fraction(-multiple, n))
        return result

    def _root_of_power(self, kernel: Kernel, exponent: Fraction) -> Element:
        """kernel.power ** exponent."""
        if kernel.node == "pi":  # its power is -1
            exponent %= 2
        if exponent.denominator == 1:
            return kernel.power ** self._bounded(int(exponent))
        n = exponent.denominator
        if kernel.is_exponential:
            self.tower.refine(kernel, n)
        part = kernel.exponent * self.field.number(1, n)
        with ctx.workprec(PRECISION):
            value = self.ball(part).exp()
        return self.roots.root(kernel.power, n, value, part) ** self._bounded(exponent.numerator)

    @staticmethod
    def _bounded(exponent: int) -> int:
        if abs(exponent) > LARGEST_POWER:
            raise Undecided("a large power")
        return exponent

    def log(self, c: Element, factor: Element | None = None, node: Node = None) -> Element:
        """An element whose exponential is c: the logarithm up to a multiple of 2 pi i.

        If it is a new constant, its variable is the logarithm over `factor`, and called `node`.
        """
        if not c:
            raise Degenerate("the logarithm of 0")
        number = self.number_of(c)
        if number is not None and len(number) == 1:
            ((d, rational),) = number.items()
            if d == 1:
                return self._log_of_rational(rational)
            if d > 0:  # log(r sqrt(d)) = log(r) + log(d)/2
                return self._log_of_rational(rational) + self._log_of_rational(
                    Fraction(d)
                ) * self.field.number(1, 2)
        ball = self.ball(c)
        if ball.imag.contains(0) and ball.real < 0:  # so that each logarithm that is a variable is real
            return self.log(-c) + self.pi() * self.field.i
        with ctx.workprec(PRECISION):
            value = ball.log()
        relation = self._relation(value)
        if relation is None:
            return self._new_logarithm(c, value, factor or self.field.one, node).exponent
        return self._logarithm_by(c, *relation)

    def _logarithm_by(self, c: Element, n: int, multiples: list[int]) -> Element:
        """A logarithm of c, of which n is one of c^n = 1/product of power_j^multiples_j."""
        product = c**n
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            product = product * kernel.power ** self._bounded(multiple)
        if normalised(self.field, product) != self.field.one:
            raise Undecided("constants that may depend on each other")
        exponents = [kernel.exponent for kernel in self.kernels]
        return -(self._sum(list(zip(multiples, exponents, strict=True))) * self.field.number(1, n))

    def _log_of_rational(self, q: Fraction) -> Element:
        """By the logarithms of primes, which are independent, and pi."""
        total = self.field.zero
        for sign, integer in ((1, abs(q.numerator)), (-1, q.denominator)):
            for p, e in fmpz(integer).factor():
                total = total + self._log_of_prime(int(p)).scaled(sign * int(e))
        return total + self.pi() * self.field.i if q < 0 else total

    def _log_of_prime(self, p: int) -> Element:
        node = ("ln", p)
        for kernel in self.kernels:
            if kernel.node == node:
                return kernel.exponent
        with ctx.workprec(PRECISION):
            value = acb(p).log()
        relation = self._relation(value)  # as that of log(2) to log(1 + sqrt(2)) and log(2 + sqrt(2))
        if relation is not None:
            return self._logarithm_by(self.field.number(p), *relation)
        return self._new_logarithm(self.field.number(p), value, self.field.one, node).exponent

    def pi(self) -> Element:
        """The constant pi: e^(i pi) = -1."""
        for kernel in self.kernels:
            if kernel.node == "pi":
                return self.field.variable(kernel.v)
        with ctx.workprec(PRECISION):
            value = acb.pi()
        v = self.tower.new_variable()
        self.field.add_constant(v)
        pi = self.field.variable(v)
        self.kernels.append(
            Kernel(v, pi * self.field.i, -self.field.one, is_exponential=False, node="pi", value=value)
        )
        return pi

    def _new_exponential(self, c: Element, value: acb) -> Element:
        v = self.tower.new_variable()
        scale = self.tower.scale_of(len(self.kernels), constant=True)
        self.field.add_constant(v)
        power = self.field.variable(v)
        with ctx.workprec(PRECISION):
            ball = (value / scale).exp()
        self.kernels.append(
            Kernel(v, c * self.field.number(1, scale), power, is_exponential=True, value=ball)
        )
        return power**scale

    def _new_logarithm(self, c: Element, value: acb, factor: Element, node: Node) -> Kernel:
        v = self.tower.new_variable()
        self.field.add_constant(v)
        with ctx.workprec(PRECISION):
            ball = value / self.ball(factor)
        exponent = self.field.variable(v) * factor
        kernel = Kernel(v, exponent, c, is_exponential=False, node=node, value=ball)
        self.kernels.append(kernel)
        return kernel

    def _sum(self, terms: Sequence[tuple[int, Element]]) -> Element:
        total = self.field.zero
        for multiple, element in terms:
            if multiple:
                total = total + element.scaled(multiple)
        return normalised(self.field, total)

    # -- relations ---------------------------------------------------------------------------------------

    def _relation(self, value: acb) -> tuple[int, list[int]] | None:
        """(n, m) with n value + sum m_j exponent_j = 0, n > 0, or None where there is none of moderate size.

        pi becomes a kernel where the relation needs it.
        """
        exponents = [self.ball(kernel.exponent) for kernel in self.kernels]
        has_pi = any(kernel.node == "pi" for kernel in self.kernels)
        candidates = [value, *exponents]
        if not has_pi:
            with ctx.workprec(PRECISION):
                candidates.append(acb(0, 1) * acb.pi())
        relation = _integer_relation(candidates)
        if relation is None:
            return None
        if not has_pi:
            *relation, of_pi = relation
            if of_pi:
                self.pi()
                relation.append(of_pi)
        n, *multiples = relation
        return (n, multiples) if n > 0 else (-n, [-m for m in multiples])


def _integer_relation(values: Sequence[acb]) -> list[int] | None:
    """Integers of moderate size with sum c_j values_j = 0 to all digits, c_0 != 0."""
    scale = 1 << LATTICE_BITS
    count = len(values)
    rows = []
    for j, value in enumerate(values):
        with ctx.workprec(PRECISION):
            parts = [_rounded(part, scale) for part in (value.real, value.imag)]
        rows.append([int(i == j) for i in range(count)] + parts)
    reduced = fmpz_mat(rows).lll()
    for r in range(count):
        row = [int(reduced[r, j]) for j in range(count + 2)]
        if row[0] and max(map(abs, row[:count])) <= LARGEST_COEFFICIENT and _is_small(row[count:]):
            divisor = gcd(*row[:count])
            return [c // divisor for c in row[:count]]
    return None


def _rounded(part: object, scale: int) -> int:
    middle = part.mid() * fmpq(scale)  # type: ignore[attr-defined]
    return int(middle.floor().unique_fmpz())


def _is_small(rest: list[int]) -> bool:
    """Whether what is left is no more than rounding."""
    return max(map(abs, rest)) < 1 << 48
