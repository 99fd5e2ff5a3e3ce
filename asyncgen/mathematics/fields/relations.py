"""Integer relations sum c_j e_j = 0 between elements of a field.

Most elements are independent even over the numbers modulo p, which their values at random points show. Where
they are not, as 1 and i are not, the numbers in them are read, and linear algebra over the rationals decides.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from math import gcd, lcm

from flint import fmpz_mat

from asyncgen.mathematics.fields.constant_roots import normalised
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import NeedsDigits, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import matrix

SPARE_POINTS = 2  # beyond those that the number of elements asks for
SPARE_BITS = 6  # by which a relation of integers is shorter than one by accident
FEWEST_BITS = 20  # of the integers that a relation may have, where none is found


def integer_relation(field: DifferentialField, elements: Sequence[Element]) -> list[int] | None:
    """Integers c with sum c_j e_j = 0 and c_0 != 0, without a common divisor, or None if there are none.

    Assumes that all elements but the first are linearly independent over the rationals: then c is unique up
    to its sign.
    """
    count = len(elements)
    if not elements[0]:
        return [1] + [0] * (count - 1)
    if count == 1:
        return None
    rows = _values(field, elements)
    values = list(islice(rows, count))
    if _rank(field, values) == count:
        return None  # independent even over the numbers modulo p
    values += islice(rows, SPARE_POINTS)
    if len(values) < count + SPARE_POINTS:
        raise Undecided("too few points")
    if _rank(field, values) == count:
        return None
    if field.is_special:
        return _short_relation(field.prime, values)
    try:
        return _exact_relation(field, elements)
    except (NeedsDigits, Undecided):
        return _short_relation(field.prime, values)


def _values(field: DifferentialField, elements: Sequence[Element]) -> Iterator[list[int]]:
    """For each point at which all elements have values, these."""
    for point in field.places():
        values = [field.value(element, point) for element in elements]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            yield known


def _rank(field: DifferentialField, rows: list[list[int]]) -> int:
    entries = [value for row in rows for value in row]
    return int(matrix(len(rows), len(entries) // max(len(rows), 1), entries, field.prime).rank())


def _exact_relation(field: DifferentialField, elements: Sequence[Element]) -> list[int] | None:
    """The relation by linear algebra: each monomial and each root in its coefficients puts an equation."""
    elements = [normalised(field, element) for element in elements]
    common = field.unit
    for element in elements:
        common = common * (element.denominator / common.gcd(element.denominator))
    equations: dict[tuple[object, int], list[Fraction]] = {}
    for j, element in enumerate(elements):
        numerator = element.numerator * (common / element.denominator)
        for monomial, coefficient in zip(numerator.monoms(), numerator.coeffs(), strict=True):
            for root, part in field.numbers.number(int(coefficient)).items():
                row = equations.setdefault((tuple(monomial), root), [Fraction(0)] * len(elements))
                row[j] = part
    return _integer_solution(list(equations.values()), len(elements))


def _short_relation(prime: int, values: list[list[int]]) -> list[int] | None:
    """The relation by a lattice: the integers that are one modulo p, of which a true one is short.

    Raises Undecided where none is found, and one with integers of FEWEST_BITS would not be.
    """
    count = len(values[0])
    reduced, rank = matrix(len(values), count, [v for row in values for v in row], prime).rref()
    pivots = [next(j for j in range(count) if int(reduced[i, j])) for i in range(rank)]
    bits = prime.bit_length() * rank // count - SPARE_BITS
    rows = []
    for j in range(count):
        row = [0] * count
        row[j] = prime if j in pivots else 1
        if j not in pivots:
            for i, pivot in enumerate(pivots):
                row[pivot] = -int(reduced[i, j])
        rows.append(row)
    short = fmpz_mat(rows).lll() if bits > 0 else fmpz_mat(0, count)
    for i in range(short.nrows()):
        vector = [int(short[i, j]) for j in range(count)]
        if vector[0] and max(map(abs, vector)) >> bits == 0:
            divisor = gcd(*vector)
            return [c // divisor for c in vector]
    if bits < FEWEST_BITS:
        raise Undecided("a number of many digits")
    return None


def _integer_solution(rows: list[list[Fraction]], count: int) -> list[int] | None:
    """The solution of the equations with integers of no common divisor, the first of them not 0."""
    scaled = []
    for row in rows:
        common = lcm(*(x.denominator for x in row))
        scaled.append([x.numerator * (common // x.denominator) for x in row])
    matrix, dimension = fmpz_mat(scaled).nullspace()
    for k in range(dimension):
        vector = [int(matrix[j, k]) for j in range(count)]
        if vector[0]:
            divisor = gcd(*vector)
            return [c // divisor for c in vector]
    return None
