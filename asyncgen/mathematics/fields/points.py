"""Points modulo p at which a field's elements are evaluated: each root of a constant is a root there, too.

A point gives each variable a value. Where w^n = c, the value of w is an n-th root of the value of c, any of
them: as w^n - c is irreducible, each is a homomorphism to the numbers modulo p.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsAnotherPrime
from asyncgen.mathematics.fields.modular import distinct_roots, univariate
from asyncgen.mathematics.fields.primes import square_root

Point = tuple[int, ...]

LARGEST_SIZE = 32  # of a ring
MOST_TRIES = 64  # for values of the constants that have the roots; a number is the same each time


@dataclass(frozen=True, slots=True)
class ConstantRoot:
    """The variable v with v^degree = radicand, an element of the constants before v."""

    v: int
    degree: int
    radicand: Element


@lru_cache(maxsize=4096)
def _random_point(prime: int, number: int) -> Point:
    """A point of the largest size."""
    source = random.Random(f"{prime} {number}")
    return tuple(source.randrange(prime) for _ in range(LARGEST_SIZE))


@lru_cache(maxsize=4096)
def nth_roots(value: int, n: int, prime: int) -> tuple[int, ...]:
    """The n-th roots of a number modulo a prime; none of 0, which is the value of no root."""
    if value == 0 or pow(value, (prime - 1) // gcd(n, prime - 1), prime) != 1:
        return ()
    if n == 2:
        root = square_root(value, prime)
        assert root is not None
        return root, prime - root
    return tuple(distinct_roots(univariate([-value % prime] + [0] * (n - 1) + [1], prime)))


class Points:
    """Points without end. The constants of the first count where they must not move."""

    def __init__(self, prime: int, size: int) -> None:
        self._prime, self._size = prime, size
        self._roots: list[ConstantRoot] = []
        self._found: dict[int, Point] = {}

    def add(self, root: ConstantRoot) -> None:
        """Demand of all points that this root is one. Raises NeedsAnotherPrime where none can be."""
        self._roots.append(root)
        self._found.clear()
        self.of_constants()

    def of_constants(self) -> Point:
        """The point whose values of constants count where they are the same at all points."""
        return self[0]

    def __getitem__(self, number: int) -> Point:
        if not self._roots:
            return _random_point(self._prime, number)[: self._size]
        if number not in self._found:
            self._found[number] = self._point(number)
        return self._found[number]

    def _point(self, number: int) -> Point:
        source = random.Random(f"roots {self._prime} {number}")
        point = list(_random_point(self._prime, number)[: self._size])
        for _ in range(MOST_TRIES):
            if self._take_roots(point, source):
                return tuple(point)
            point = [source.randrange(self._prime) for _ in range(self._size)]
        raise NeedsAnotherPrime

    def _take_roots(self, point: list[int], source: random.Random) -> bool:
        """Give the roots their values at a point, if they have any."""
        for root in self._roots:
            value = value_at(root.radicand, tuple(point), self._prime)
            roots = () if value is None else nth_roots(value, root.degree, self._prime)
            if not roots:
                return False
            point[root.v] = source.choice(roots)
        return True


def value_at(f: Element, point: Point, prime: int) -> int | None:
    """The value of an element at a point, None at a pole."""
    below = int(f.denominator(*point))
    return int(f.numerator(*point)) * pow(below, -1, prime) % prime if below else None
