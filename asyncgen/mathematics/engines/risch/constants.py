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

from asyncgen.mathematics.engines.risch.expressions import Node, tokens_of
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.values import compile_tokens

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.tower import Tower

PRECISION = 512  # bits of the balls
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
        self.unknowns: dict[int, tuple[Node, acb]] = {}

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

    def _ball(self, p: Polynomial) -> acb:
        values = {kernel.v: kernel.value for kernel in self.kernels if kernel.value is not None}
        values |= {v: value for v, (_, value) in self.unknowns.items()}
        total = acb(0)
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            term = numbers.ball(self.numbers.number(int(coefficient)))
            for v, exponent in enumerate(monomial):
                if exponent and v not in values:
                    raise Undecided("a constant without a value")
                if exponent:
                    term *= values[v] ** int(exponent)
            total += term
        return total

    # -- roots -------------------------------------------------------------------------------------------

    def square_root(self, c: Element) -> Element:
        """A square root of a constant, a number where there is one. Raises Undecided."""
        number = self.number_of(c)
        if number is not None:
            return self.element_of(self._root_of_number(number))
        root = self.tower.root_of_square(c)
        if root is None:
            raise Undecided("the root of a constant")
        return root

    def _root_of_number(self, number: numbers.Number) -> numbers.Number:
        if numbers.is_rational(number):
            return numbers.square_root(number.get(1, Fraction(0)))
        roots = [d for d in number if d != 1]
        if len(roots) != 1:
            raise Undecided("a root in a root")
        # sqrt(a + b sqrt(d)) = sqrt((a + r)/2) + sqrt((a - r)/2) for r = sqrt(a^2 - b^2 d), up to a sign
        a, b, d = number.get(1, Fraction(0)), number[roots[0]], roots[0]
        r = numbers.rational_square_root(a * a - b * b * d)
        if r is None:
            raise Undecided("a root in a root")
        first, second = numbers.square_root((a + r) / 2), numbers.square_root((a - r) / 2)
        for candidate in (numbers.plus(first, second), numbers.plus(first, numbers.minus(second))):
            if numbers.times(candidate, candidate) == number:
                return candidate
        raise Undecided("a root in a root")

    def unknown(self, node: Node) -> Element | None:
        """A variable for a constant of which only the value is known; None where that is not finite."""
        value = compile_tokens(tokens_of(node)).at(0, PRECISION).value
        if not value.is_finite() or value.contains(0):
            return None
        v = self.tower.new_variable()
        self.field.add_constant(v)
        self.unknowns[v] = node, value
        return self.field.variable(v)

    def principal(self, c: Element, node: Node) -> Element:
        """The value of a root, a logarithm or an inverse function at a constant: c, but for its branch."""
        true = compile_tokens(tokens_of(node)).at(0, PRECISION).value
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
        if exponent.denominator == 1:
            return kernel.power ** self._bounded(int(exponent))
        if kernel.is_exponential:
            self.tower.refine(kernel, exponent.denominator)
        if exponent.denominator == 2:
            return self.square_root(kernel.power) ** self._bounded(exponent.numerator)
        raise Undecided("the root of a constant")

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
        if number is not None and numbers.is_rational(number):
            return self._log_of_rational(number[1])
        ball = self.ball(c)
        if ball.imag.contains(0) and ball.real < 0:  # so that each logarithm that is a variable is real
            return self.log(-c) + self.pi() * self.field.i
        with ctx.workprec(PRECISION):
            value = ball.log()
        relation = self._relation(value)
        if relation is None:
            return self._new_logarithm(c, value, factor or self.field.one, node).exponent
        n, multiples = relation
        product = c**n
        for kernel, multiple in zip(self.kernels, multiples, strict=True):
            product = product * kernel.power ** self._bounded(multiple)
        if product != self.field.one:
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
        relation = self._relation(value)  # with an exponential, as in exp(log(2)*x) at a number
        if relation is not None:
            raise Undecided("constants that may depend on each other")
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
        return total

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
