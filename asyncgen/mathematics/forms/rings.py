"""Rings of polynomials with integer coefficients, in which fields compute."""

from functools import lru_cache
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx

from asyncgen.mathematics.forms.element import Polynomial

SIZES = (4, 8, 12, 16, 24, 32, 48)  # numbers of variables: flint's operations slow down with them


@lru_cache
def ring_of(size: int) -> tuple[Any, tuple[Polynomial, ...]]:
    """The ring with so many variables, and these. Rings of one size are one: flint keeps them."""
    ring: Any = fmpz_mpoly_ctx.get(tuple(f"k{number}" for number in range(size)), Ordering.degrevlex)
    return ring, ring.gens()
