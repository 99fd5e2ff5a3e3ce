"""What is known of kernels: powers of roots, squares of sines and cosines, sums that stand for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from asyncgen.mathematics.forms.element import Element, Polynomial

if TYPE_CHECKING:
    from asyncgen.mathematics.forms.field import Field

Monomials = dict[tuple[int, ...], int]


class Squares(NamedTuple):
    """Two kernels u, v with u**2 + sign v**2 = 1: sine and cosine with 1, cosh and sinh with -1."""

    first: int
    second: int
    sign: int


def reduced(field: Field, p: Polynomial) -> Element:
    """The element that a polynomial is, the relations used where that makes it shorter."""
    if not p:
        return field.zero
    if field.kept:
        p = _with_sums_opened(field, p)
    degrees = p.degrees()
    for number in field.roots:
        kernel = field.kernels[number]
        if degrees[number] >= kernel.degree:
            assert kernel.radicand is not None
            return _with_powers_of_root(field, p, number, kernel.degree, kernel.radicand)
    for squares in field.squares:
        if degrees[squares.first] >= 2 or degrees[squares.second] >= 2:
            p = _shortest_by_squares(field, p, squares)
    return field.of(p)


def _with_sums_opened(field: Field, p: Polynomial) -> Polynomial:
    """The polynomial with a sum that is a term of its own among the other terms, so that terms cancel."""
    again = True
    while again and len(p) > 1:
        again = False
        degrees = p.degrees()
        for number in field.kept:
            if number < len(degrees) and degrees[number] > 0:
                alone = tuple(int(other == number) for other in range(field.size))
                coefficient = p[alone]
                if coefficient:
                    p = p + coefficient * (field.sum_in(number) - field.generators[number])
                    again = True
                    break
    return p


def _with_powers_of_root(field: Field, p: Polynomial, number: int, degree: int, radicand: Element) -> Element:
    """The polynomial with radicand for root**degree."""
    return field.sum(
        reduced(field, field.ring.from_dict(part)) * radicand**power
        for power, part in by_power(p, number, degree).items()
    )


def by_power(p: Polynomial, number: int, degree: int = 1) -> dict[int, Monomials]:
    """{j: terms}: p is the sum of terms * kernel**(j degree), with exponents below degree in the terms."""
    parts: dict[int, Monomials] = {}
    for monomial, coefficient in p.to_dict().items():
        power, rest = divmod(int(monomial[number]), degree)
        part = parts.setdefault(power, {})
        place = (*monomial[:number], rest, *monomial[number + 1 :])
        part[place] = part.get(place, 0) + coefficient
    return parts


def _shortest_by_squares(field: Field, p: Polynomial, squares: Squares) -> Polynomial:
    """The polynomial, or the one with squares of one kernel written by the other, whichever is shortest."""
    u, v = (field.generators[number] for number in squares[:2])
    sign = squares.sign
    best = p
    for number, square in ((squares.first, 1 - sign * v**2), (squares.second, sign * (1 - u**2))):
        if p.degrees()[number] < 2:
            continue
        other = field.ring.constant(0)
        for power, part in by_power(p, number, 2).items():
            other = other + field.ring.from_dict(part) * square**power
        if len(other) < len(best):
            best = other
    return best
