"""Is a constant no q-th power in its field? One place modulo a prime of which q divides p - 1 can show it.

A homomorphism from the constants to the numbers modulo p takes q-th powers to q-th powers. So if the value of
c is none, c is none. If c is none, it shows at a share 1 - 1/q of all places (Chebotarev): after MOST_PLACES
without it c is taken for a power, which nothing rests upon but that an answer is looked for in another way.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsRoot
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.points import nth_roots
from asyncgen.mathematics.fields.primes import SMALL_BITS, primes

MOST_PLACES = 24
MOST_PRIMES = 600  # that are looked at for these places
TRIES = 4  # of values of the constants, for one prime

Terms = list[tuple[tuple[int, ...], numbers.Number]]


@lru_cache(maxsize=1)
def _primes() -> tuple[int, ...]:
    return tuple(islice(primes(SMALL_BITS, seed=3), MOST_PRIMES))


class Exact:
    """An element of the constants with its numbers read, so that it has a value modulo any prime."""

    def __init__(self, field: DifferentialField, c: Element) -> None:
        self._field = field
        self._above, self._below = self._terms(c.numerator), self._terms(c.denominator)

    def _terms(self, p: Polynomial) -> Terms:
        read = self._field.numbers.number
        return [
            (tuple(int(e) for e in monomial), read(int(coefficient)))
            for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True)
        ]

    def at(self, point: Sequence[int], residues: numbers.Residues) -> int | None:
        """The value at a point, None at a pole. Raises NeedsRoot, ZeroDivisionError."""
        below = self._value(self._below, point, residues)
        if below == 0:
            return None
        return self._value(self._above, point, residues) * pow(below, -1, residues.prime) % residues.prime

    @staticmethod
    def _value(terms: Terms, point: Sequence[int], residues: numbers.Residues) -> int:
        total = 0
        for exponents, coefficient in terms:
            value = residues.residue(coefficient)
            for v, e in enumerate(exponents):
                if e:
                    value = value * pow(point[v], e, residues.prime) % residues.prime
            total += value
        return total % residues.prime


def is_shown_no_power(field: DifferentialField, c: Element, q: int, count: int | None = None) -> bool:
    """Whether a place shows that c is no q-th power in the field that the first `count` roots generate.

    The square roots of integers that the field has met belong to it. Raises Undecided where a number of c
    cannot be read.
    """
    roots = field.constant_roots[:count]
    exact = Exact(field, c)
    radicands = [Exact(field, root.radicand) for root in roots]
    for value, prime in islice(_values(field, exact, radicands, q), MOST_PLACES):
        if value and pow(value, (prime - 1) // q, prime) != 1:
            return True
    return False


def _values(
    field: DifferentialField, exact: Exact, radicands: list[Exact], q: int
) -> Iterator[tuple[int | None, int]]:
    """The values at places of the field, each with its prime."""
    for prime in _primes():
        if (prime - 1) % q or not field.numbers.exist(prime):
            continue
        residues, source = numbers.Residues(prime), random.Random(prime)
        for _ in range(TRIES):
            point = [source.randrange(prime) for _ in range(field.size)]
            try:
                if _take_roots(field, point, radicands, residues, source):
                    yield exact.at(point, residues), prime
                    break
            except (ZeroDivisionError, ValueError, NeedsRoot):  # a denominator that p divides
                break


def _take_roots(
    field: DifferentialField,
    point: list[int],
    radicands: list[Exact],
    residues: numbers.Residues,
    source: random.Random,
) -> bool:
    for root, radicand in zip(field.constant_roots, radicands, strict=False):
        value = radicand.at(point, residues)
        found = () if value is None else nth_roots(value, root.degree, residues.prime)
        if not found:
            return False
        point[root.v] = source.choice(found)
    return True
