"""Roots of polynomials in radicals, up to degree four: what becomes of an engine's `rootOf`."""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from asyncgen.mathematics.sympy_notation import Untranslatable
from asyncgen.problems.tokens import fold

HIGHEST = 4  # degree
_LARGEST = 1000  # bits of a coefficient
_POWERS = {f"pow{n}": n for n in range(2, 6)}

Polynomial = tuple[Fraction, ...]  # coefficients, the constant one first, the last one not 0


@lru_cache(maxsize=256)
def one_root(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """One root of a polynomial in x with rational coefficients, a real one where its form is known to be.

    Both are tokens in prefix notation. Raises Untranslatable("rootOf") for any other function, and above
    degree four; ParseError for what is no prefix.
    """
    from sympy import Poly, Rational, roots

    from asyncgen.mathematics.sympy_notation import X, from_sympy

    polynomial = fold(tokens, _leaf, _apply)
    if len(polynomial) < 2:
        raise Untranslatable("rootOf")
    found = roots(Poly([Rational(c.numerator, c.denominator) for c in reversed(polynomial)], X))
    return from_sympy(min(found, key=lambda root: (not root.is_real, root.count_ops())))


def _leaf(token: str | int) -> Polynomial:
    if isinstance(token, int):
        return _trimmed([Fraction(token)])
    if token != "x":
        raise Untranslatable("rootOf")
    return Fraction(0), Fraction(1)


def _apply(name: str, operands: list[Polynomial]) -> Polynomial:
    if name in _POWERS:
        return _power(operands[0], (Fraction(_POWERS[name]),))
    if name not in _OPERATIONS:
        raise Untranslatable("rootOf")
    return _OPERATIONS[name](*operands)


def _trimmed(coefficients: list[Fraction]) -> Polynomial:
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    size = max((c.numerator.bit_length() + c.denominator.bit_length() for c in coefficients), default=0)
    if len(coefficients) > HIGHEST + 1 or size > _LARGEST:
        raise Untranslatable("rootOf")
    return tuple(coefficients)


def _add(left: Polynomial, right: Polynomial) -> Polynomial:
    longer, shorter = sorted((left, right), key=len, reverse=True)
    return _trimmed([c + (shorter[i] if i < len(shorter) else 0) for i, c in enumerate(longer)])


def _multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    product = [Fraction(0)] * (len(left) + len(right))
    for i, c in enumerate(left):
        for j, d in enumerate(right):
            product[i + j] += c * d
    return _trimmed(product)


def _subtract(left: Polynomial, right: Polynomial) -> Polynomial:
    return _add(left, _multiply((Fraction(-1),), right))


def _divide(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(right) != 1:
        raise Untranslatable("rootOf")
    return _multiply(left, (1 / right[0],))


def _power(base: Polynomial, exponent: Polynomial) -> Polynomial:
    if len(exponent) != 1 or exponent[0] not in range(1, HIGHEST + 1):
        raise Untranslatable("rootOf")
    result = base
    for _ in range(int(exponent[0]) - 1):
        result = _multiply(result, base)
    return result


_OPERATIONS: dict[str, Callable[[Polynomial, Polynomial], Polynomial]] = {
    "add": _add,
    "sub": _subtract,
    "mul": _multiply,
    "div": _divide,
    "pow": _power,
}
