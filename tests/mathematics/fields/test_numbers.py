"""Rules of numbers of Q(i, sqrt 2, ...), and of reading them from residues."""

import cmath
import random
from fractions import Fraction

import pytest

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.errors import NeedsDigits, NeedsRoot
from asyncgen.mathematics.fields.numbers import Number, Residues
from asyncgen.mathematics.fields.primes import LARGE, WIDE_BITS, are_squares, wide

RADICANDS = (1, -1, 2, -2, 3, -3, 6, -6)
WITH_ROOTS = next(prime for prime in LARGE if are_squares(frozenset({2, 3}), prime))
WITHOUT_TWO = next(prime for prime in LARGE if not are_squares(frozenset({2}), prime))


def value(a: Number) -> complex:
    """The number in floating point."""
    return sum((float(c) * cmath.sqrt(d) for d, c in a.items()), 0j)


def random_number(seed: int) -> Number:
    source = random.Random(seed)
    roots = source.sample(RADICANDS, source.randrange(1, 5))
    return {d: Fraction(source.choice((-7, -2, 1, 3)), source.randrange(1, 6)) for d in roots}


@pytest.mark.parametrize("seed", range(20))
def test_arithmetic_is_that_of_complex_numbers(seed: int) -> None:
    """Sums, products, conjugates and inverses have the values of floating-point ones."""
    a, b = random_number(seed), random_number(seed + 1000)
    assert cmath.isclose(value(numbers.plus(a, b)), value(a) + value(b), abs_tol=1e-9)
    assert cmath.isclose(value(numbers.times(a, b)), value(a) * value(b), abs_tol=1e-9)
    assert cmath.isclose(value(numbers.conjugate(a)), value(a).conjugate(), abs_tol=1e-9)
    assert cmath.isclose(value(numbers.minus(a)), -value(a))
    assert complex(numbers.ball(a).mid()) == pytest.approx(value(a))


@pytest.mark.parametrize("seed", range(20))
def test_a_number_times_its_inverse_is_one(seed: int) -> None:
    """The product of a and 1/a is 1, exactly."""
    a = random_number(seed)
    assert numbers.times(a, numbers.inverse(a)) == numbers.ONE


def test_zero_has_no_inverse() -> None:
    """1/0 raises ZeroDivisionError."""
    with pytest.raises(ZeroDivisionError):
        numbers.inverse(numbers.ZERO)


def test_a_sum_that_is_zero_is_empty() -> None:
    """Parts that cancel leave nothing behind."""
    a: Number = {2: Fraction(1, 3), -1: Fraction(5)}
    assert numbers.plus(a, numbers.minus(a)) == numbers.ZERO
    assert numbers.times(a, numbers.ZERO) == numbers.ZERO


@pytest.mark.parametrize(
    ("d", "e", "product"), [(2, 3, {6: 1}), (2, 6, {3: 2}), (-2, -3, {6: -1}), (-1, -1, {1: -1})]
)
def test_roots_multiply(d: int, e: int, product: dict[int, int]) -> None:
    """sqrt(d) sqrt(e) is a whole multiple of the root of a squarefree number, i i = -1."""
    found = numbers.times({d: Fraction(1)}, {e: Fraction(1)})
    assert found == {root: Fraction(c) for root, c in product.items()}


@pytest.mark.parametrize(
    ("n", "parts"), [(12, (2, 3)), (-18, (3, -2)), (1, (1, 1)), (-4, (2, -1)), (30, (1, 30))]
)
def test_square_part(n: int, parts: tuple[int, int]) -> None:
    """Any n is s*s*d with d squarefree and of n's sign."""
    assert numbers.square_part(n) == parts


@pytest.mark.parametrize(
    ("q", "root"),
    [(Fraction(9, 4), Fraction(3, 2)), (Fraction(2), None), (Fraction(-4), None), (Fraction(0), 0)],
)
def test_rational_square_root(q: Fraction, root: Fraction | None) -> None:
    """The root of a rational number is found where it is rational."""
    assert numbers.rational_square_root(q) == root


SIMPLE: list[Number] = [
    {},
    {1: Fraction(1)},
    {1: Fraction(-70000)},
    {1: Fraction(355, 113)},
    {1: Fraction(-12345, 6789)},
    {-1: Fraction(1)},
    {-1: Fraction(-22, 7)},
    {1: Fraction(1, 2), -1: Fraction(3, 4)},
    {1: Fraction(100), -1: Fraction(-999)},
    {2: Fraction(5, 3)},
    {-6: Fraction(-1, 12)},
    {1: Fraction(1), 2: Fraction(1)},
    {1: Fraction(1, 2), -3: Fraction(-1, 2)},
    {2: Fraction(1, 4), 6: Fraction(-1, 4)},
    {1: Fraction(1), 2: Fraction(2), 3: Fraction(-3), 6: Fraction(5)},
    {1: Fraction(1), -1: Fraction(1), 2: Fraction(1), -6: Fraction(-2)},
]


@pytest.mark.parametrize("a", SIMPLE, ids=str)
def test_a_number_of_few_digits_is_found_from_its_residue(a: Number) -> None:
    """The residue of a number, read again, is the number."""
    residues = Residues(WITH_ROOTS)
    residues.root(6)
    assert residues.number(residues.residue(a)) == a


@pytest.mark.parametrize("seed", range(10))
def test_residues_are_a_homomorphism(seed: int) -> None:
    """The residue of a product is the product of the residues, and so for sums."""
    residues, a, b = Residues(WITH_ROOTS), random_number(seed), random_number(seed + 50)
    first, second = residues.residue(a), residues.residue(b)
    assert residues.residue(numbers.times(a, b)) == first * second % WITH_ROOTS
    assert residues.residue(numbers.plus(a, b)) == (first + second) % WITH_ROOTS


@pytest.mark.parametrize("radicand", [2, -2, 6, 10])
def test_a_root_that_does_not_exist_is_asked_for(radicand: int) -> None:
    """Where a prime has no root of 2, NeedsRoot names 2."""
    with pytest.raises(NeedsRoot) as raised:
        Residues(WITHOUT_TWO).root(radicand)
    assert raised.value.radicand == 2


def test_roots_are_consistent() -> None:
    """sqrt(6) is sqrt(2) sqrt(3), and sqrt(-2) is i sqrt(2)."""
    residues = Residues(WITH_ROOTS)
    assert residues.root(6) == residues.root(2) * residues.root(3) % WITH_ROOTS
    assert residues.root(-2) == residues.root(2) * residues.root(-1) % WITH_ROOTS


@pytest.mark.parametrize(
    "a",
    [
        {1: Fraction(10**12 + 39, 10**12 + 61)},
        {1: Fraction(10**9 + 7), -1: Fraction(10**9 + 9)},
        {2: Fraction(123456789, 987654319), 3: Fraction(1)},
        {1: Fraction(10**15)},
    ],
    ids=str,
)
def test_a_number_of_many_digits_needs_a_wide_prime(a: Number) -> None:
    """What is not much shorter than a random residue is not guessed, and read modulo a prime of more bits."""
    residues = Residues(WITH_ROOTS)
    residue = residues.residue(a)
    with pytest.raises(NeedsDigits):
        residues.number(residue)
    wider = Residues(next(prime for prime in wide(WIDE_BITS[0]) if are_squares(frozenset({2, 3}), prime)))
    assert wider.number(wider.residue(a)) == a


@pytest.mark.parametrize(("roots", "most"), [((), 0.01), ((2, 3), 0.06)])
def test_random_residues_are_undecided(roots: tuple[int, ...], most: float) -> None:
    """Residues of nothing in particular are rarely taken for numbers, more often the more roots there are."""
    source, residues = random.Random(7), Residues(WITH_ROOTS)
    for d in roots:
        residues.root(d)
    tries, wrong = 200, 0
    for _ in range(tries):
        try:
            residues.number(source.randrange(WITH_ROOTS))
        except NeedsDigits:
            continue
        wrong += 1
    assert wrong <= most * tries


def test_short_sums_are_not_taken_for_long_multiples_of_a_root() -> None:
    """All of a + b sqrt(d) with small a, b are read as they are, though some are long fractions by chance."""
    primes = [prime for prime in LARGE if are_squares(frozenset({2, 3, 7}), prime)][:2]
    for prime in primes:
        residues = Residues(prime)
        residues.root(7)
        for a in range(-40, 41):
            for b in range(1, 20):
                for d in (-1, 7, -7):
                    number: Number = {1: Fraction(a), d: Fraction(b)} if a else {d: Fraction(b)}
                    assert residues.number(residues.residue(number)) == number
