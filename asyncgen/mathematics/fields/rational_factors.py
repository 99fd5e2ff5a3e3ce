"""Irreducible factors modulo a prime beyond a machine word, where flint's own factorisation fails."""

from functools import lru_cache
from math import lcm
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx, nmod_mpoly_ctx

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.primes import SMALL


def irreducible_over_rationals(field: DifferentialField, p: Polynomial) -> list[Polynomial]:
    """The irreducible factors of a squarefree polynomial with rational coefficients. Raises Undecided.

    They are irreducible over Q(i) and its extensions by roots, too, where as many are found modulo a small
    prime with an i: each factor over such a field is one modulo the prime, or more.
    """
    integral, modular = _rings(field.size)
    coefficients = [field.numbers.number(int(c)) for c in p.coeffs()]
    if not all(map(numbers.is_rational, coefficients)):
        raise Undecided("a number of many digits")
    values = [c[1] for c in coefficients]
    common = lcm(*(value.denominator for value in values))
    terms = {tuple(monomial): int(value * common) for monomial, value in zip(p.monoms(), values, strict=True)}
    factors = [factor for factor, _ in integral.from_dict(terms).factor()[1]]
    reduced = modular.from_dict({monomial: value % SMALL[0] for monomial, value in terms.items()})
    if len(reduced.factor()[1]) != len(factors):
        raise Undecided("a number of many digits")
    return [field.ring.from_dict({m: int(c) for m, c in factor.terms()}) for factor in factors]


@lru_cache(maxsize=64)
def _rings(size: int) -> tuple[Any, Any]:
    names = tuple(f"v{number}" for number in range(size))
    make: Any = nmod_mpoly_ctx.get  # whose annotations are those of its parent
    return fmpz_mpoly_ctx.get(names, Ordering.lex), make(names, SMALL[0], Ordering.lex)
