"""Residues a/Dd at the roots of d, for a/d simple: their polynomial at a point, their integers, their sum.

The Rothstein-Trager resultant (Bronstein 5.6) is never computed over the field. At random values of the lower
variables it is the characteristic polynomial of multiplication by a/Dd modulo d; the residues are constant,
but for an accident, exactly if two points give the same polynomial.
"""

from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.modular import Univariate, distinct_roots, matrix, univariate
from asyncgen.mathematics.fields.univariate import coefficients_of, divided, inverse_modulo, product


def residue_polynomials(
    field: DifferentialField,
    numerator: Element,
    denominator: Polynomial,
    v: int,
    *,
    wanted: int,
    constants_move: bool = False,
) -> list[Univariate]:
    """The monic polynomial of the residues numerator/D(denominator), at so many points.

    `denominator` is squarefree and normal in v. The constants have the same values at all points, unless they
    are to move with the other variables.
    """
    found: list[Univariate] = []
    for point in field.places(constants_move=constants_move):
        polynomial = _at(field, numerator, denominator, v, point)
        if polynomial is not None:
            found.append(polynomial)
            if len(found) == wanted:
                return found
    raise Undecided("too few points")


def _at(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int, point: tuple[int, ...]
) -> Univariate | None:
    found = residue_at(field, numerator, denominator, v, point)
    return None if found is None else characteristic_polynomial(*found)


def residue_at(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int, point: tuple[int, ...]
) -> tuple[Univariate, Univariate] | None:
    """numerator/D(denominator) modulo the denominator, and the latter, as polynomials in v at a point."""
    modulus = field.univariate(denominator, v, point)
    if modulus.degree() != field.degree(denominator, v):
        return None
    derivative, common = field.derive_polynomial(denominator, field.tower.index(v))
    above = field.univariate(numerator.numerator, v, point) * field.univariate(common, v, point) % modulus
    below = (
        field.univariate(numerator.denominator, v, point) * field.univariate(derivative, v, point) % modulus
    )
    divisor, inverse, _ = below.xgcd(modulus)
    if divisor.degree() != 0:
        return None
    return above * inverse % modulus, modulus


def characteristic_polynomial(element: Univariate, modulus: Univariate) -> Univariate:
    """That of multiplication by an element modulo a polynomial: its roots are the element's values there."""
    n, prime = modulus.degree(), modulus.modulus()
    rows: list[int] = []
    image, shift = element, univariate([0, 1], prime)
    for _ in range(n):
        coefficients = [int(c) for c in image.coeffs()]
        rows += coefficients + [0] * (n - len(coefficients))
        image = image * shift % modulus
    return matrix(n, n, rows, prime).charpoly()


def rational_roots(polynomial: Univariate) -> list[int]:
    """The roots modulo p."""
    if polynomial.degree() == 1:
        return [int(-polynomial[0] / polynomial[1])]
    return distinct_roots(polynomial)


def integer_roots(field: DifferentialField, polynomial: Univariate) -> list[int]:
    """The roots that are small integers."""
    signed = (field.signed(root) for root in rational_roots(polynomial))
    return [root for root in signed if root is not None]


def sum_of_residues(field: DifferentialField, numerator: Element, denominator: Polynomial, v: int) -> Element:
    """The sum of the residues, exact: an element that is constant where the residues are."""
    residue, below = _residue(field, numerator, denominator, v)
    return _trace(residue, _power_sums(field, below))


def exact_residue_polynomial(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int
) -> list[Element]:
    """The monic polynomial of the residues itself, the constant coefficient first (Newton's identities)."""
    residue, below = _residue(field, numerator, denominator, v)
    sums, power = _power_sums(field, below), [field.one]
    coefficients = [field.one]  # from the highest down
    traces: list[Element] = []
    for j in range(1, len(below)):
        power = divided(field, product(field, power, residue), below)[1]
        traces.append(_trace(power, sums))
        total = field.zero
        for i, trace in enumerate(traces):
            total = total + coefficients[j - 1 - i] * trace
        coefficients.append(-total * field.number(1, j))
    return coefficients[::-1]


def _residue(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int
) -> tuple[list[Element], list[Element]]:
    """numerator/D(denominator) modulo the denominator, and the denominator, as polynomials in v."""
    below = coefficients_of(field, field.of(denominator), v)
    slope = coefficients_of(field, field.derive(field.of(denominator)), v)
    slope = divided(field, slope, below)[1]
    above = divided(field, coefficients_of(field, numerator, v), below)[1]
    return divided(field, product(field, above, inverse_modulo(field, slope, below)), below)[1], below


def _trace(element: list[Element], power_sums: list[Element]) -> Element:
    """The sum of an element's values at the roots."""
    total = power_sums[0].field.zero
    for coefficient, power_sum in zip(element, power_sums, strict=False):
        total = total + coefficient * power_sum
    return total


def residue_polynomial(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int
) -> list[Element]:
    """The monic polynomial of the residues, exact, from the sums of their powers (Newton's identities)."""
    below = coefficients_of(field, field.of(denominator), v)
    slope = divided(field, coefficients_of(field, field.derive(field.of(denominator)), v), below)[1]
    above = divided(field, coefficients_of(field, numerator, v), below)[1]
    residue = divided(field, product(field, above, inverse_modulo(field, slope, below)), below)[1]
    of_roots = _power_sums(field, below)
    power, sums = residue, []
    for _ in range(len(below) - 1):
        total = field.zero
        for coefficient, power_sum in zip(power, of_roots, strict=False):
            total = total + coefficient * power_sum
        sums.append(total)
        power = divided(field, product(field, power, residue), below)[1]
    coefficients = [field.one]  # from the highest down
    for j in range(1, len(below)):
        total = field.zero
        for i in range(j):
            total = total + coefficients[i] * sums[j - i - 1]
        coefficients.append(total * field.number(-1, j))
    return coefficients[::-1]


def _power_sums(field: DifferentialField, polynomial: list[Element]) -> list[Element]:
    """The sums of the j-th powers of the roots, j below the degree (Newton's identities)."""
    n = len(polynomial) - 1
    inverse = polynomial[-1].inverse()
    monic = [c * inverse for c in polynomial]
    sums = [field.number(n)]
    for j in range(1, n):
        total = monic[n - j].scaled(j)
        for i in range(1, j):
            total = total + monic[n - i] * sums[j - i]
        sums.append(-total)
    return sums
