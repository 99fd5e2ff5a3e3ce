"""Roots of numbers of Q(i, sqrt(2), ...) that are such numbers themselves: by formulas, and by lattices."""

from collections.abc import Collection
from fractions import Fraction

from flint import acb, arb, ctx, fmpq, fmpz, fmpz_mat

from asyncgen.mathematics.fields import numbers

LATTICE_BITS = 320  # of the balls by which a number is found from its value
LARGEST_BASIS = 16  # of numbers that are found so


def root_of_rational(q: Fraction) -> numbers.Number:
    """The square root of a rational number."""
    if not q:
        return numbers.ZERO
    square, d = numbers.square_part(q.numerator * q.denominator)
    return {d: Fraction(square, q.denominator)}


def square_root_of(a: numbers.Number) -> numbers.Number | None:
    """A square root of a rational number or of one with a single root in it, where it is a number, too."""
    if numbers.is_rational(a):
        return root_of_rational(a.get(1, Fraction(0)))
    roots = [d for d in a if d != 1]
    if len(roots) != 1:
        return None
    # sqrt(a + b sqrt(d)) = sqrt((a + r)/2) + sqrt((a - r)/2) for r = sqrt(a^2 - b^2 d), up to a sign
    rational, b, d = a.get(1, Fraction(0)), a[roots[0]], roots[0]
    r = numbers.rational_square_root(rational * rational - b * b * d)
    if r is None:
        return None
    first, second = root_of_rational((rational + r) / 2), root_of_rational((rational - r) / 2)
    candidates = numbers.plus(first, second), numbers.plus(first, numbers.minus(second))
    return next((found for found in candidates if numbers.times(found, found) == a), None)


def root_of(a: numbers.Number, q: int) -> numbers.Number | None:
    """A q-th root of a rational number times a square root, if it is of this form; q an odd prime."""
    if len(a) != 1:
        return None
    ((d, c),) = a.items()
    rest = c / Fraction(d) ** ((q - 1) // 2)  # (s sqrt(d))^q = s^q d^((q-1)/2) sqrt(d)
    above, below = _integer_root(rest.numerator, q), _integer_root(rest.denominator, q)
    return None if above is None or below is None else {d: Fraction(above, below)}


def root_by_lattice(a: numbers.Number, q: int, primes: Collection[int]) -> numbers.Number | None:
    """A q-th root of a number in the field of the square roots of these primes, -1 among them, if found."""
    basis = [1]
    for p in primes:
        basis += [d * p for d in basis]
    if len(basis) > LARGEST_BASIS:
        return None
    with ctx.workprec(LATTICE_BITS + 64):
        values = [numbers.ball({d: Fraction(1)}) for d in basis]
        value = (numbers.ball(a).log() / q).exp()
        for k in range(q):
            root = value * (acb(0, 2 * k) * acb.pi() / q).exp()
            found = _in_terms_of(basis, [root, *values])
            if found is not None and numbers.power(found, q) == a:
                return found
    return None


def _in_terms_of(basis: list[int], values: list[acb]) -> numbers.Number | None:
    """The first value as a number, by the shortest integer relation to those of the basis."""
    rows = []
    for j, value in enumerate(values):
        parts = [_rounded(part) for part in (value.real, value.imag)]
        rows.append([int(i == j) for i in range(len(values))] + parts)
    shortest = fmpz_mat(rows).lll()
    denominator, *row = (int(shortest[0, j]) for j in range(len(values)))
    if denominator == 0:
        return None
    return {d: Fraction(-c, denominator) for d, c in zip(basis, row, strict=True) if c}


def _rounded(part: arb) -> int:
    found = (part.mid() * fmpq(1 << LATTICE_BITS)).floor().unique_fmpz()
    assert found is not None
    return int(found)


def _integer_root(n: int, q: int) -> int | None:
    """The integer whose q-th power is n, if there is one; q odd."""
    root = int(fmpz(abs(n)).root(q))
    return (root if n > 0 else -root) if root**q == abs(n) else None
