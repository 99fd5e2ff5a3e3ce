"""Residues and their logarithms as formulas in the variables of the tower, complex where they are."""

from dataclasses import dataclass

from flint import fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.expressions import Node, added, multiplied, raised
from asyncgen.mathematics.engines.risch.extensions import Algebraic
from asyncgen.mathematics.engines.risch.formulas import Formulas
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.residue_sums import ResidueSum, constant_content
from asyncgen.mathematics.engines.risch.residues import exact_residue_polynomial, residue_polynomials
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsPrime, Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.number_polynomials import roots_of
from asyncgen.problems.tokens import BOUND

LARGEST_DEGREE = 8  # of a polynomial of residues that is worked out over the field


@dataclass(frozen=True, slots=True)
class Poles:
    """A simple function numerator/denominator, its poles in v the zeros of the denominator."""

    v: int
    numerator: Element
    denominator: Polynomial

    @classmethod
    def of(cls, field: DifferentialField, simple: Element, v: int) -> "Poles":
        """Those of a simple function."""
        denominator = normal_part(field, simple.denominator, v)
        return cls(v, field.reduced(simple.numerator, simple.denominator / denominator), denominator)

    def residues(self, field: DifferentialField) -> list[Element] | None:
        """The polynomial whose roots are the residues; None where it is too large."""
        if field.degree(self.denominator, self.v) > LARGEST_DEGREE:
            return None
        return exact_residue_polynomial(field, self.numerator, self.denominator, self.v)


def polynomial_in_z(formulas: Formulas, coefficients: list[Element] | None) -> Node:
    """A polynomial in the bound variable, with elements as coefficients, the constant one first."""
    total: Node = 0
    for j in range(len(coefficients or ()) - 1, -1, -1):
        assert coefficients is not None
        if coefficients[j]:
            part = formulas.of(coefficients[j])
            if part is None:
                return None
            total = added(total, multiplied(part, raised(BOUND, j)) if j else part)
    return None if coefficients is None else total


def logarithms(formulas: Formulas, found: Logarithms) -> Node:
    """The sum of residues times logarithms; None where it cannot be written."""
    try:
        return _sum(formulas, found)
    except (Undecided, NeedsPrime):
        return None


def _sum(formulas: Formulas, found: Logarithms) -> Node:
    field, denominator = formulas.field, found.denominator
    if field.degree(denominator, found.v) == 1:
        residue = exact_residue_polynomial(field, found.numerator, denominator, found.v)[0]
        return _together(formulas.of(-residue), _logarithm(formulas, denominator, found.v))
    if not field.contains_any(found.numerator, field.constants) and not any(
        field.degree(denominator, c) for c in field.constants
    ):
        return _of_numbers(formulas, found)
    content = constant_content(field, found.numerator.numerator)
    factor = content / constant_content(field, found.numerator.denominator)
    numerator = found.numerator / factor
    polynomials = residue_polynomials(field, numerator, denominator, found.v, wanted=2, constants_move=True)
    if polynomials[0] != polynomials[1]:
        return None
    reduced = Logarithms(found.v, numerator, denominator, polynomials[0])
    return _together(formulas.of(factor), _of_numbers(formulas, reduced))


def _together(factor: Node, rest: Node) -> Node:
    return None if factor is None or rest is None else multiplied(factor, rest)


def _logarithm(formulas: Formulas, divisor: Polynomial, v: int) -> Node:
    """The logarithm of a polynomial made monic in v."""
    field = formulas.field
    parts = field.coefficients(divisor, v)
    argument = formulas.of(field.of(divisor) / field.of(parts[max(parts)]))
    return None if argument is None else ("ln", argument)


def _of_numbers(formulas: Formulas, found: Logarithms) -> Node:
    """The sum where all residues are numbers."""
    residues = ResidueSum(formulas.field, found)
    factors = residues.rational_factors()
    values = residues.roots() if factors is None else []
    total: Node = 0
    for factor in factors or ():
        roots = _known_roots(formulas, factor)
        if roots is not None:
            values += roots
            continue
        term = _argument(formulas, residues.divisor_over(factor), found.v)
        if term is None:
            return None
        total = added(total, ("rootsum", _over_integers(factor), multiplied(BOUND, ("ln", term))))
    for value in values:
        divisor = residues.divisor(formulas.field.numbers.residue(value))
        part = _together(formulas.number(value), _logarithm(formulas, divisor, found.v))
        if part is None:
            return None
        total = added(total, part)
    return total


def _known_roots(formulas: Formulas, factor: fmpq_poly) -> list[numbers.Number] | None:
    """The roots of a factor that are numbers modulo this prime, None if not all are."""
    roots = roots_of(factor)
    try:
        for root in roots or ():
            formulas.field.numbers.residue(root)
    except NeedsPrime:
        return None
    return roots


def _argument(formulas: Formulas, divisor: list[Algebraic], v: int) -> Node:
    """A monic polynomial in v over K(z)."""
    total: Node = 0
    for j in range(len(divisor) - 1, -1, -1):
        coefficient = polynomial_in_z(formulas, divisor[j])
        if coefficient is None:
            return None
        if coefficient != 0:
            power = raised(formulas.name(v), j) if j else 1
            total = added(total, multiplied(coefficient, power))
    return total


def _over_integers(factor: fmpq_poly) -> Node:
    """A polynomial over the rationals, with integers."""
    integral = factor.numer()
    total: Node = 0
    for j in range(integral.degree(), -1, -1):
        if integral[j]:
            total = added(total, multiplied(int(integral[j]), raised(BOUND, j) if j else 1))
    return total
