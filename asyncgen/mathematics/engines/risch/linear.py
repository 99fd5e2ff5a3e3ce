"""Linear algebra over the constants of a field: equations that its elements put, and their solutions."""

from collections.abc import Sequence

from asyncgen.mathematics.engines.risch.denominators import least_common_multiple
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.field import DifferentialField

Vector = list[Element]  # of constants


def unit_vector(field: DifferentialField, length: int, place: int) -> Vector:
    """The vector with a 1 at this place."""
    return [field.one if j == place else field.zero for j in range(length)]


def nullspace(field: DifferentialField, rows: Sequence[Vector], length: int) -> list[Vector]:
    """A basis of the constant vectors c of this length with row * c = 0 for each row."""
    reduced: dict[int, Vector] = {}  # the place of its pivot -> row, in reduced echelon form
    for row in rows:
        rest = _eliminate(row, reduced)
        pivot = next((j for j, entry in enumerate(rest) if entry), None)
        if pivot is None:
            continue
        inverse = rest[pivot].inverse()
        rest = [entry * inverse if entry else entry for entry in rest]
        reduced = {place: _minus(other, rest, pivot) for place, other in reduced.items()}
        reduced[pivot] = rest
        if len(reduced) == length:
            return []
    return [_solution(field, reduced, length, free) for free in range(length) if free not in reduced]


def _eliminate(row: Vector, reduced: dict[int, Vector]) -> Vector:
    for pivot, other in reduced.items():
        row = _minus(row, other, pivot)
    return list(row)


def _minus(row: Vector, other: Vector, pivot: int) -> Vector:
    """The row without what it has at the pivot of the other."""
    factor = row[pivot]
    if not factor:
        return row
    return [a - factor * b if b else a for a, b in zip(row, other, strict=True)]


def _solution(field: DifferentialField, reduced: dict[int, Vector], length: int, free: int) -> Vector:
    vector = unit_vector(field, length, free)
    for pivot, row in reduced.items():
        vector[pivot] = -row[free]
    return vector


def constraints(field: DifferentialField, elements: Sequence[Element]) -> list[Vector]:
    """Rows over the constants that say: sum c_j e_j = 0 in the field (Bronstein 7.1, lemma 7.1.2)."""
    if not any(elements):
        return []
    common = field.unit
    for element in elements:
        if element and not element.denominator.is_one():
            common = least_common_multiple(common, element.denominator)
    rows: dict[tuple[int, ...], dict[int, Polynomial]] = {}
    for j, element in enumerate(elements):
        if element:
            numerator = element.numerator * (common / element.denominator)
            for monomial, coefficient in field.over_constants(numerator).items():
                rows.setdefault(monomial, {})[j] = coefficient
    return [
        [field.of(row[j]) if j in row else field.zero for j in range(len(elements))] for row in rows.values()
    ]
