"""Polynomials in one variable with rational coefficients, read from tokens bottom-up.

Guarantees: degree and size of the coefficients are bounded, so that no text makes much work.
"""

from fractions import Fraction

from asyncgen.problems.errors import ParseError

Polynomial = tuple[Fraction, ...]  # coefficients, the constant one first, the last one not 0

HIGHEST = 60  # degree
LARGEST = 3000  # bits of a coefficient's numerator or denominator

_POWERS = {f"pow{n}": n for n in range(2, 6)}
_VARIABLE: Polynomial = (Fraction(0), Fraction(1))


class NotPolynomial(ParseError):
    """An expression is no polynomial with rational coefficients, or too large a one."""


def leaf(token: str | int) -> Polynomial:
    """The variable, which is named x here, or a number; for `fold`."""
    if isinstance(token, int):
        return _bounded([Fraction(token)])
    if token != "x":
        raise NotPolynomial("a coefficient is no rational number")
    return _VARIABLE


def apply(name: str, operands: list[Polynomial]) -> Polynomial:
    """What an operator makes of polynomials; for `fold`."""
    if name in _POWERS:
        return _power(operands[0], (Fraction(_POWERS[name]),))
    if name == "inv":
        return _divide((Fraction(1),), operands[0])
    if name not in _OPERATIONS:
        raise NotPolynomial(f"'{name}' makes no polynomial")
    return _OPERATIONS[name](*operands)


def _bounded(coefficients: list[Fraction]) -> Polynomial:
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    if len(coefficients) > HIGHEST + 1:
        raise NotPolynomial(f"a polynomial of a degree above {HIGHEST}")
    if any(max(c.numerator.bit_length(), c.denominator.bit_length()) > LARGEST for c in coefficients):
        raise NotPolynomial("the coefficients are too large")
    return tuple(coefficients)


def _add(left: Polynomial, right: Polynomial) -> Polynomial:
    longer, shorter = sorted((left, right), key=len, reverse=True)
    return _bounded([c + shorter[i] if i < len(shorter) else c for i, c in enumerate(longer)])


def _multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) + len(right) > HIGHEST + 2:  # seen before the work is done
        raise NotPolynomial(f"a polynomial of a degree above {HIGHEST}")
    product = [Fraction(0)] * (len(left) + len(right))
    for i, c in enumerate(left):
        for j, d in enumerate(right):
            if c and d:
                product[i + j] += c * d
    return _bounded(product)


def _subtract(left: Polynomial, right: Polynomial) -> Polynomial:
    return _add(left, _multiply((Fraction(-1),), right))


def _divide(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(right) != 1:
        raise NotPolynomial("a quotient is no polynomial")
    return _multiply(left, (1 / right[0],))


def _power(base: Polynomial, exponent: Polynomial) -> Polynomial:
    if len(exponent) != 1 or exponent[0] not in range(1, HIGHEST + 1):
        raise NotPolynomial(f"an exponent is no whole number from 1 to {HIGHEST}")
    result = base
    for _ in range(int(exponent[0]) - 1):
        result = _multiply(result, base)
    return result


_OPERATIONS = {"add": _add, "sub": _subtract, "mul": _multiply, "div": _divide, "pow": _power}
