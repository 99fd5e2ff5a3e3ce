"""Polynomials in one variable and matrices modulo a prime: flint's fast ones where it fits into a word."""

from collections.abc import Sequence
from typing import Any

from flint import fmpz_mod_ctx, fmpz_mod_mat, fmpz_mod_poly_ctx, nmod_mat, nmod_poly

WORD = 1 << 64

Univariate = Any  # nmod_poly or fmpz_mod_poly, which have no type in common
Matrix = Any  # nmod_mat or fmpz_mod_mat


def fits_word(prime: int) -> bool:
    """Whether residues modulo the prime are machine words."""
    return prime < WORD


def univariate(coefficients: Sequence[int], prime: int) -> Univariate:
    """The polynomial with these coefficients, the constant one first."""
    if prime < WORD:
        return nmod_poly(coefficients, prime)
    return fmpz_mod_poly_ctx(fmpz_mod_ctx(prime))(list(coefficients))


def matrix(rows: int, columns: int, entries: Sequence[int], prime: int) -> Matrix:
    """The matrix with these entries, row by row."""
    if fits_word(prime):
        return nmod_mat(rows, columns, entries, prime)
    return fmpz_mod_mat(rows, columns, entries, fmpz_mod_ctx(prime))


def distinct_roots(polynomial: Univariate) -> list[int]:
    """The roots modulo the prime, each once."""
    factors = (factor for factor, _ in polynomial.factor()[1])
    return [int(-factor[0] / factor[1]) for factor in factors if factor.degree() == 1]
