"""Laurent polynomials over the numbers, their coefficients read from residues: {exponents: coefficient}."""

from fractions import Fraction

from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField

MOST_PRODUCTS = 4_000  # of terms, in the norm of the argument of a logarithm

Exponents = tuple[Fraction | int, ...]
Terms = dict[Exponents, numbers.Number]  # a Laurent polynomial; half of an exp(iu) may stand in it


def terms_of(field: DifferentialField, p: Polynomial) -> Terms:
    """The terms of a polynomial, its numbers read. Raises Undecided, NeedsDigits."""
    return {
        tuple(int(e) for e in monomial): field.numbers.number(int(coefficient))
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True)
    }


def is_one(terms: Terms) -> bool:
    """Whether the terms are the number 1."""
    if len(terms) > 1:
        return False
    ((exponents, coefficient),) = terms.items()
    return not any(exponents) and coefficient == numbers.ONE


def common_root(terms: Terms) -> int:
    """d > 1 if all coefficients are rational multiples of sqrt(d) or i sqrt(d), else 1."""
    first = next(iter(terms.values()))
    if len(first) > 1 or 1 in first or -1 in first:
        return 1
    roots = {abs(d) for coefficient in terms.values() for d in coefficient}
    return roots.pop() if len(roots) == 1 else 1


def shifted(terms: Terms, shift: Exponents) -> Terms:
    """The terms times the monomial with these exponents."""
    if not any(shift):
        return terms
    return {
        tuple(a + b for a, b in zip(exponents, shift, strict=True)): coefficient
        for exponents, coefficient in terms.items()
    }


def scaled(terms: Terms, factor: numbers.Number) -> Terms:
    """The terms times a number."""
    if factor is numbers.ONE or factor == numbers.ONE:
        return terms
    return {exponents: numbers.times(coefficient, factor) for exponents, coefficient in terms.items()}


def plus(first: Terms, second: Terms) -> Terms:
    """The sum of two sums of terms."""
    total = dict(first)
    for exponents, coefficient in second.items():
        value = numbers.plus(total.get(exponents, numbers.ZERO), coefficient)
        if value:
            total[exponents] = value
        else:
            total.pop(exponents, None)
    return total


def product_of(first: Terms, second: Terms) -> Terms:
    """The product of two sums of terms. Raises Undecided where it is very long."""
    if len(first) * len(second) > MOST_PRODUCTS:
        raise Undecided("a long answer")
    total: Terms = {}
    for exponents, coefficient in first.items():
        for others, factor in second.items():
            place = tuple(a + b for a, b in zip(exponents, others, strict=True))
            total[place] = numbers.plus(total.get(place, numbers.ZERO), numbers.times(coefficient, factor))
    return {exponents: coefficient for exponents, coefficient in total.items() if coefficient}
