"""The primes modulo which fields are computed: 1 modulo 4, so that i = sqrt(-1) is a number.

What holds for a function over Q(i) holds modulo all primes but finitely many; what two primes drawn
independently of the function agree on is taken for true. docs/labels.md bounds the error.
"""

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from flint import fmpz

from asyncgen.mathematics.fields.modular import distinct_roots, univariate
from asyncgen.mathematics.fields.remembered import Remembered

LARGE_BITS = 61  # the largest for which sums of two products do not need a third word in flint
SMALL_BITS = 30  # flint factors multivariate polynomials below 2**31 only
WIDE_BITS = (256, 768)  # for numbers that a large prime does not tell apart


def primes(bits: int, seed: int) -> Iterator[int]:
    """Primes p = 1 modulo 4 of so many bits, drawn at random, without end.

    Beyond 64 bits they passed the test of Baillie, Pomerance, Selfridge and Wagstaff, to which no exception
    is known.
    """
    source = random.Random(seed)
    while True:
        number = source.getrandbits(bits) | (1 << (bits - 1)) | 1
        number -= (number - 1) % 4
        if number >> (bits - 1) == 1 and fmpz(number).is_probable_prime():
            yield number


LARGE = tuple(islice(primes(LARGE_BITS, seed=1), 40))
SMALL = tuple(islice(primes(SMALL_BITS, seed=2), 40))
_WIDE = {bits: Remembered(primes(bits, seed=bits)) for bits in WIDE_BITS}


def wide(bits: int) -> Iterator[int]:
    """The primes of so many bits, always the same and without end; each is looked for once in a process."""
    return iter(_WIDE[bits])


@lru_cache(maxsize=4096)
def square_root(number: int, prime: int) -> int | None:
    """A square root of a number modulo a prime, the smaller of the two, or None."""
    number %= prime
    if pow(number, (prime - 1) // 2, prime) not in (0, 1):
        return None
    root = distinct_roots(univariate([-number % prime, 0, 1], prime))[0]
    return min(root, prime - root)


def are_squares(radicands: frozenset[int], prime: int) -> bool:
    """Whether each number has a square root modulo the prime."""
    return all(square_root(number, prime) is not None for number in radicands)
