"""Integer relations sum c_j e_j = 0 between elements of a field.

Most elements are independent even over the numbers modulo p, which their values at random points show. Where
they are not, as 1 and i are not, the numbers in them are read, and linear algebra over the rationals decides.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from flint import fmpz_mat

from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import matrix

SPARE_POINTS = 2  # beyond those that the number of elements asks for


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
    needed = count + SPARE_POINTS
    values = _values(field, elements, needed)
    if matrix(needed, count, [value for row in values for value in row], field.prime).rank() == count:
        return None  # independent even over the numbers modulo p
    return _exact_relation(field, elements)


def _values(field: DifferentialField, elements: Sequence[Element], needed: int) -> list[list[int]]:
    """For each of so many points, the values of all elements there."""
    found: list[list[int]] = []
    for point in field.places():
        values = [field.value(element, point) for element in elements]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            found.append(known)
            if len(found) == needed:
                return found
    raise Undecided("too few points")


def _exact_relation(field: DifferentialField, elements: Sequence[Element]) -> list[int] | None:
    """The relation by linear algebra: each monomial and each root in its coefficients puts an equation."""
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
