"""Factors of polynomials whose coefficients are rational numbers, read from their residues.

flint factors polynomials in several variables modulo small primes only.
"""

from functools import lru_cache
from itertools import combinations
from math import comb, isqrt, lcm, prod
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx, nmod_mpoly_ctx

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Polynomial
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.primes import SMALL

MOST_FACTORS = 8  # modulo the prime, of a polynomial in one variable that has fewer


def factors_over_rationals(field: DifferentialField, p: Polynomial) -> list[Polynomial] | None:
    """The factors of a polynomial that are irreducible over the rationals, each once.

    None where its coefficients are other numbers. Raises NeedsDigits.
    """
    integral = _integral(field, p)
    factors = None if integral is None else _factors(integral)
    return None if factors is None else _images(field, factors)


def _factors(integral: Any) -> list[tuple[Any, int]] | None:
    """The factors with their multiplicities; None where python-flint 0.9 fails to put them in order."""
    try:
        return list(integral.factor()[1])
    except OverflowError:  # of coefficients beyond those of C
        return None


def irreducible_over_numbers(field: DifferentialField, p: Polynomial) -> list[Polynomial] | None:
    """The same where they are irreducible over Q(i) and its extensions by square roots, too, else None.

    They are, where as many are found modulo a small prime with these roots: each factor over such a field is
    one modulo the prime, or more. Raises NeedsDigits.
    """
    integral = _integral(field, p)
    if integral is None:
        return None
    factors = _factors(integral)
    if factors is None:
        return None
    reduced = _rings(field.size)[1].from_dict({m: int(c) % SMALL[0] for m, c in integral.terms()})
    return _images(field, factors) if len(reduced.factor()[1]) == len(factors) else None


def _integral(field: DifferentialField, p: Polynomial) -> Any | None:
    """A multiple of the polynomial with integers for coefficients; None where they are not rational."""
    coefficients = [field.numbers.number(int(c)) for c in p.coeffs()]
    if not all(map(numbers.is_rational, coefficients)):
        return None
    values = [c[1] for c in coefficients]
    common = lcm(*(value.denominator for value in values))
    terms = zip(p.monoms(), values, strict=True)
    return _rings(field.size)[0].from_dict({tuple(m): int(value * common) for m, value in terms})


def _images(field: DifferentialField, factors: list[tuple[Any, int]]) -> list[Polynomial]:
    return [field.ring.from_dict({m: int(c) for m, c in factor.terms()}) for factor, _ in factors]


@lru_cache(maxsize=64)
def _rings(size: int) -> tuple[Any, Any]:
    names = tuple(f"v{number}" for number in range(size))
    make: Any = nmod_mpoly_ctx.get  # whose annotations are those of its parent
    return fmpz_mpoly_ctx.get(names, Ordering.lex), make(names, SMALL[0], Ordering.lex)


def factors_in_one_variable(field: DifferentialField, p: Polynomial, v: int) -> list[Polynomial]:
    """The irreducible factors of a squarefree polynomial in v alone whose coefficients are numbers.

    Modulo the prime it may fall into more factors: those are multiplied until their coefficients can be read
    (the recombination of Zassenhaus 1969). Raises NeedsDigits, or Undecided where there are many.
    """
    waiting = [factor for factor, _ in field.univariate(p, v, (0,) * field.size).factor()[1]]
    if len(waiting) == 1:
        return [p]
    found: list[Univariate] = []
    size = 1
    while 2 * size <= len(waiting):
        if len(waiting) > MOST_FACTORS:
            raise Undecided("a number of many digits")
        chosen = _readable(field, waiting, size)
        if chosen is None:
            size += 1
        else:
            found.append(_product(field, [waiting[j] for j in chosen]))
            waiting = [factor for j, factor in enumerate(waiting) if j not in chosen]
    if waiting:
        found.append(_product(field, waiting))
    return [field.from_univariate(factor, v) for factor in found]


def _readable(field: DifferentialField, factors: list[Univariate], size: int) -> tuple[int, ...] | None:
    """The places of so many factors whose product has numbers for coefficients."""
    for chosen in combinations(range(len(factors)), size):
        product = prod((factors[j] for j in chosen[1:]), start=factors[chosen[0]])
        if _numbers(field, product) is not None:
            return chosen
    return None


def _product(field: DifferentialField, factors: list[Univariate]) -> Univariate:
    """The product of factors that belong together, as none of less of them can be read.

    By Mignotte's bound a factor of degree m over the numbers has coefficients of at most the largest binomial
    m over k times the length of the product's. Raises NeedsDigits where the prime could not tell these.
    """
    product: Univariate = prod(factors[1:], start=factors[0])
    if len(factors) == 1:
        return product
    coefficients = _numbers(field, product)
    if coefficients is None:
        raise NeedsDigits
    parts = [part for c in coefficients for part in c.values()]
    common = lcm(*(part.denominator for part in parts))
    length = isqrt(sum(int(part * common) ** 2 for part in parts)) + 1
    half = product.degree() // 2
    if (comb(half, half // 2) * length).bit_length() > field.numbers.bits_of_parts():
        raise NeedsDigits
    return product


def _numbers(field: DifferentialField, factor: Univariate) -> list[numbers.Number] | None:
    try:
        return [field.numbers.number(int(c)) for c in factor.coeffs()]
    except NeedsDigits:
        return None
