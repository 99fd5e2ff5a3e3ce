"""Irreducible factors of sums, where finding them is worth its time."""

from collections.abc import Sequence
from typing import Any

from asyncgen.mathematics.forms.element import Polynomial
from asyncgen.mathematics.forms.rings import SIZES, ring_of

Factors = list[tuple[Polynomial, int]]  # with their exponents


def factors_of_sum(p: Polynomial, longest: int) -> tuple[int, Factors]:
    """(sign, factors) of a sum; one of more terms than `longest` is its own factor.

    So is one with coefficients beyond a machine word: flint's binding fails to put its factors in order. They
    are found in the smallest ring that does, since flint slows down with the number of variables.
    """
    if len(p) > longest or is_linear_in_one(p.monoms()):
        return 1, [(p, 1)]
    ring = p.context()
    numbers = [number for number, degree in enumerate(p.degrees()) if degree]
    smaller = next(size for size in SIZES if size >= len(numbers))
    q = _moved(p, ring_of(smaller)[0], numbers)
    try:
        content, factors = q.factor()
    except OverflowError:
        return 1, [(p, 1)]
    places = [numbers.index(number) if number in numbers else -1 for number in range(ring.nvars())]
    return (1 if content > 0 else -1), [
        (p if q == factor else _moved(factor, ring, places), int(exponent)) for factor, exponent in factors
    ]


def _moved(p: Polynomial, ring: Any, places: Sequence[int]) -> Polynomial:
    """The polynomial in another ring, each of whose variables is the one at this place, or new."""
    rest = (0,) * (ring.nvars() - len(places))
    monomials = ((*[m[place] if place >= 0 else 0 for place in places], *rest) for m in p.monoms())
    return ring.from_dict(dict(zip(monomials, p.coeffs(), strict=True)))


def is_linear_in_one(monomials: Sequence[tuple[int, ...]]) -> bool:
    """Whether a kernel is a term by itself and stands in no other, so that the sum is irreducible."""
    for monomial in monomials:
        if sum(monomial) == 1:
            number = monomial.index(1)
            if sum([1 for other in monomials if other[number]]) == 1:
                return True
    return False
