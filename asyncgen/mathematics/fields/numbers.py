"""Numbers of Q(i, sqrt(2), sqrt(3), ...), and how they are found again from their residues modulo p.

A number is {d: rational factor of sqrt(d)}, d squarefree and of either sign: sqrt(-d) = i sqrt(d).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from math import gcd, isqrt

from flint import acb, arb, fmpq, fmpz, fmpz_mat

from asyncgen.mathematics.fields import primes
from asyncgen.mathematics.fields.errors import NeedsDigits, NeedsRoot

Number = dict[int, Fraction]
SMALL = 1 << 16  # residues up to this size are read as integers at once
SPARE_BITS = 11  # of the prime: how unlikely a wrong reading is
SPARE_SHARE = 6  # of a prime with more bits, this part is spared

ZERO: Number = {}
ONE: Number = {1: Fraction(1)}
IMAGINARY: Number = {-1: Fraction(1)}


def of(value: Fraction | int) -> Number:
    """A rational number."""
    return {1: Fraction(value)} if value else {}


def is_rational(a: Number) -> bool:
    """Whether a number is rational."""
    return not a or (len(a) == 1 and 1 in a)


def conjugate(a: Number) -> Number:
    """The complex conjugate."""
    return {d: -c if d < 0 else c for d, c in a.items()}


def plus(a: Number, b: Number) -> Number:
    """a + b."""
    total = dict(a)
    for d, c in b.items():
        value = total.get(d, 0) + c
        if value:
            total[d] = value
        else:
            total.pop(d, None)
    return total


def minus(a: Number) -> Number:
    """-a."""
    return {d: -c for d, c in a.items()}


def times(a: Number, b: Number) -> Number:
    """a b."""
    if b is ONE:
        return a
    if is_rational(b):
        return {d: c * b[1] for d, c in a.items()} if b else {}
    total: Number = {}
    for d, c in a.items():
        for e, f in b.items():
            common = gcd(d, e)
            root = d * e // common**2
            value = total.get(root, Fraction(0)) + c * f * (-common if d < 0 and e < 0 else common)
            total[root] = value
    return {d: c for d, c in total.items() if c}


def power(a: Number, n: int) -> Number:
    """a^n, n positive."""
    result = a
    for _ in range(n - 1):
        result = times(result, a)
    return result


def inverse(a: Number) -> Number:
    """1/a: multiplied by its conjugates until it is rational. Raises ZeroDivisionError."""
    if not a:
        raise ZeroDivisionError
    if len(a) == 1:
        ((d, c),) = a.items()
        return a if a is ONE else {d: 1 / (c * d)}
    above = ONE
    while not is_rational(a):
        root = next(d for d in a if d != 1)
        prime = -1 if root < 0 else min(int(p) for p, _ in fmpz(root).factor())
        other = {d: -c if _moved(d, prime) else c for d, c in a.items()}
        above, a = times(above, other), times(a, other)
    return {d: c / a[1] for d, c in above.items()}


def _moved(d: int, prime: int) -> bool:
    """Whether the conjugation that changes the sign of sqrt(prime) changes that of sqrt(d)."""
    return d < 0 if prime == -1 else d % prime == 0


def ball(a: Number) -> acb:
    """The number as a complex ball, at flint's working precision."""
    total = acb(0)
    for d, c in a.items():
        root = arb(abs(d)).sqrt() * arb(fmpq(c.numerator, c.denominator))
        total += acb(0, root) if d < 0 else acb(root)
    return total


def square_part(n: int) -> tuple[int, int]:
    """(s, d) with n = s*s*d, d squarefree and of n's sign."""
    s, d = 1, 1 if n > 0 else -1
    for p, e in fmpz(abs(n)).factor():
        s *= int(p) ** (int(e) // 2)
        d *= int(p) ** (int(e) % 2)
    return s, d


def rational_square_root(q: Fraction) -> Fraction | None:
    """The root of a rational number that is a square of one."""
    if q < 0:
        return None
    above, below = isqrt(q.numerator), isqrt(q.denominator)
    return Fraction(above, below) if above**2 == q.numerator and below**2 == q.denominator else None


def square_root(q: Fraction) -> Number:
    """The square root of a rational number: positive, or i times what is."""
    if not q:
        return ZERO
    square, d = square_part(q.numerator * q.denominator)
    return {d: Fraction(square, q.denominator)}


def _digits(a: Number) -> int:
    """How many bits the fractions in a number have."""
    return sum(c.numerator.bit_length() + c.denominator.bit_length() for c in a.values())


class Residues:
    """The numbers as residues modulo a prime: the roots that occur have one each."""

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self._bits = prime.bit_length() - max(SPARE_BITS, prime.bit_length() // SPARE_SHARE)
        root = primes.square_root(-1, prime)
        assert root is not None
        self._primes: dict[int, int] = {-1: root}  # p -> its root; -1 stands for i
        self._basis: dict[int, int] = {1: 1, -1: root}
        self._found: dict[int, Number] = {}
        self._inverses: dict[int, int] = {}

    def root(self, d: int) -> int:
        """The residue of sqrt(d), d squarefree. Raises NeedsRoot where there is none modulo this prime."""
        value = self._primes[-1] if d < 0 else 1
        for p, _ in fmpz(abs(d)).factor():
            value = value * self._root_of_prime(int(p)) % self.prime
        return value

    def _root_of_prime(self, p: int) -> int:
        if p not in self._primes:
            root = primes.square_root(p, self.prime)
            if root is None:
                raise NeedsRoot(p)
            self._primes[p] = root
            self._basis = dict(self._products())
            self._found.clear()
        return self._primes[p]

    def _products(self) -> Iterable[tuple[int, int]]:
        """The squarefree products of the primes with their roots."""
        basis = [(1, 1)]
        for p, root in self._primes.items():
            basis += [(d * p, value * root % self.prime) for d, value in basis]
        return basis

    @property
    def met(self) -> frozenset[int]:
        """The primes whose square roots belong to the numbers."""
        return frozenset(self._primes)

    def exist(self, prime: int) -> bool:
        """Whether the roots of all of them exist modulo another prime."""
        return all(primes.square_root(p, prime) is not None for p in self._primes)

    def residue(self, a: Number) -> int:
        """The residue of a number."""
        total = 0
        for d, c in a.items():
            factor = c.numerator * pow(c.denominator, -1, self.prime)
            total += factor * (1 if d == 1 else self.root(d))
        return total % self.prime

    def number(self, residue: int) -> Number:
        """The simplest number with this residue. Raises NeedsDigits where none is surely simple enough."""
        known = self._found.get(residue)
        if known is None:
            known = self._found[residue] = self._number(residue)
        return known

    def _number(self, residue: int) -> Number:
        signed = residue if residue <= self.prime // 2 else residue - self.prime
        if abs(signed) < SMALL:
            return of(signed)
        long = []  # one residue in some hundreds is by chance that of a long fraction times a root
        for d, root in self._basis.items():
            multiple = self._rational(residue if d == 1 else residue * self._inverse(root) % self.prime)
            if multiple is not None:
                found = {d: multiple}
                if _digits(found) <= self._bits // 2:
                    return found
                long.append(found)
        for basis in self._bases():
            of_basis = self._in_basis(residue, basis)
            if of_basis is not None:
                long.append(of_basis)
                break
        if not long:
            raise NeedsDigits
        return min(long, key=_digits)

    def bits_of_parts(self) -> int:
        """How long the parts of a number with all roots may be so that it is read."""
        return self._bits // (len(self._basis) + 1)

    def _inverse(self, root: int) -> int:
        known = self._inverses.get(root)
        if known is None:
            known = self._inverses[root] = pow(root, -1, self.prime)
        return known

    def _rational(self, residue: int) -> Fraction | None:
        """The rational number of few digits with this residue, by Euclid's algorithm (Wang 1981)."""
        bound = 1 << self._bits // 2
        above, next_above, below, next_below = self.prime, residue, 0, 1
        while next_above >= bound:
            quotient = above // next_above
            above, next_above = next_above, above - quotient * next_above
            below, next_below = next_below, below - quotient * next_below
        return Fraction(next_above, next_below) if abs(next_below) < bound else None

    def _bases(self) -> Iterable[dict[int, int]]:
        """What is tried in turn: Gaussian numbers, those with two roots, all."""
        yield {1: 1, -1: self._basis[-1]}
        if len(self._basis) > 2:
            for roots in combinations(self._basis, 2):
                if roots != (1, -1):
                    yield {d: self._basis[d] for d in roots}
            yield self._basis

    def _in_basis(self, residue: int, basis: dict[int, int]) -> Number | None:
        """The number whose parts are shortest, if they are much shorter than those of a random residue."""
        size = len(basis)
        first, *roots = basis.values()
        unit = pow(first, -1, self.prime)  # so that the first of the basis is 1
        rows = [[self.prime] + [0] * size, [residue * unit % self.prime] + [0] * (size - 1) + [1]]
        rows += [
            [-root * unit % self.prime] + [int(j == k) for k in range(size)] for j, root in enumerate(roots)
        ]
        shortest = fmpz_mat(rows).lll()
        row = [int(shortest[0, j]) for j in range(size + 1)]
        denominator = row[-1]
        bits = self._bits // (size + 1)
        if denominator == 0 or max(map(abs, row)) >> bits:
            return None
        parts = dict(zip(basis, row[:-1], strict=True))
        return {d: Fraction(c, denominator) for d, c in parts.items() if c}
