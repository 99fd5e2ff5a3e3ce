"""Roots of polynomials in radicals, up to degree four: what becomes of an engine's `rootOf`."""

from functools import lru_cache

from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems import polynomials
from asyncgen.problems.tokens import fold

HIGHEST = 4  # degree


@lru_cache(maxsize=256)
def one_root(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """One root of a polynomial in x with rational coefficients, a real one where its form is known to be.

    Both are tokens in prefix notation. Raises Untranslatable("rootOf") for any other function, and above
    degree four; ParseError for what is no prefix.
    """
    from sympy import Poly, Rational, roots

    from asyncgen.mathematics.sympy_notation import X, from_sympy

    try:
        polynomial = fold(tokens, polynomials.leaf, polynomials.apply)
    except polynomials.NotPolynomial:
        raise Untranslatable("rootOf") from None
    if not 2 <= len(polynomial) <= HIGHEST + 1:
        raise Untranslatable("rootOf")
    found = roots(Poly([Rational(c.numerator, c.denominator) for c in reversed(polynomial)], X))
    return from_sympy(min(found, key=lambda root: (not root.is_real, root.count_ops())))
