"""Residues in which constants such as pi stand, as roots of a polynomial over the field of the constants.

All of them are one constant times numbers, often: that constant is taken out. Otherwise a polynomial of
degree two has its roots written with the square root of a constant, whose sign a ball tells; and a
denominator with factors has each factor looked at by itself.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from flint import fmpq_poly

from asyncgen.mathematics.engines.risch.denominators import least_common_multiple, squarefree_factors
from asyncgen.mathematics.engines.risch.expressions import Node, added, divided, multiplied, number
from asyncgen.mathematics.engines.risch.extensions import Extension, divisor_at_root
from asyncgen.mathematics.engines.risch.integration import Logarithms
from asyncgen.mathematics.engines.risch.number_residues import (
    SumOverNumbers,
    sum_over_roots,
    written_at_root,
)
from asyncgen.mathematics.engines.risch.real_logarithms import times_arctangent
from asyncgen.mathematics.engines.risch.residues import residue_polynomial, residue_polynomials
from asyncgen.mathematics.engines.risch.square_roots import square_parts
from asyncgen.mathematics.engines.risch.sums import sum_of
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.field import DifferentialField
from asyncgen.mathematics.fields.number_polynomials import rational_polynomial
from asyncgen.mathematics.fields.rational_factors import factors_over_rationals
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    element_of,
    inverse_modulo,
    product,
)
from asyncgen.mathematics.fields.univariate import divided as quotient_and_rest

LARGEST_DEGREE = 12  # of a polynomial whose coefficients are computed exactly


def are_there(field: DifferentialField, logarithms: Logarithms) -> bool:
    """Whether the residues are other ones at other values of the constants."""
    if field.constant_roots:
        roots = [root.v for root in field.constant_roots]
        parts = logarithms.numerator, field.of(logarithms.denominator)
        if any(field.contains_any(part, roots) for part in parts):
            return True  # few values of a root say little
    if not field.constants:
        return False
    first, second = _at_two_points(field, logarithms.numerator, logarithms.denominator, logarithms.v)
    return bool(first != second)


def written(writer: Writer, logarithms: Logarithms) -> Node:
    """The real part of such a sum. Raises Undecided, NeedsPrime."""
    try:
        return _Sum(writer, logarithms).written()
    except Undecided:
        parts = _apart(writer.field, logarithms)
        if len(parts) == 1:
            raise
    return sum_of(
        _Sum(writer, part).written()
        if are_there(writer.field, part)
        else sum_of(SumOverNumbers(writer, part).terms())
        for part in parts
    )


def over_scale(writer: Writer, logarithms: Logarithms) -> SumOverNumbers:
    """The sum where all residues are one constant times numbers. Raises Undecided where they are not."""
    return _Sum(writer, logarithms).over_scale()


def _at_two_points(
    field: DifferentialField, numerator: Element, denominator: Polynomial, v: int
) -> list[object]:
    return list(residue_polynomials(field, numerator, denominator, v, wanted=2, constants_move=True))


def _apart(field: DifferentialField, logarithms: Logarithms) -> list[Logarithms]:
    """One sum for each factor of the denominator."""
    v, denominator = logarithms.v, logarithms.denominator
    factors = factors_over_rationals(field, denominator) or [denominator]
    factors = [factor for factor in factors if field.degree(factor, v)]
    if len(factors) == 1:
        return [logarithms]
    return [_part(field, logarithms, factor) for factor in factors]


def _part(field: DifferentialField, logarithms: Logarithms, factor: Polynomial) -> Logarithms:
    """The sum over the roots of one factor."""
    v = logarithms.v
    modulus = coefficients_of(field, field.of(factor), v)
    others = coefficients_of(field, field.of(logarithms.denominator) / field.of(factor), v)
    inverse = inverse_modulo(field, quotient_and_rest(field, others, modulus)[1], modulus)
    above = quotient_and_rest(field, coefficients_of(field, logarithms.numerator, v), modulus)[1]
    numerator = element_of(field, quotient_and_rest(field, product(field, above, inverse), modulus)[1], v)
    (residues,) = residue_polynomials(field, numerator, factor, v, wanted=1)
    return Logarithms(v, numerator, factor, residues)


class _Sum:
    """A sum over the roots of a polynomial whose coefficients are constants."""

    def __init__(self, writer: Writer, logarithms: Logarithms) -> None:
        self.writer, self.field, self.logarithms = writer, writer.field, logarithms
        self.numerator, self.denominator = logarithms.numerator, logarithms.denominator
        self.v = logarithms.v
        if self.field.degree(self.denominator, self.v) > LARGEST_DEGREE:
            raise Undecided("residues with constants")
        polynomial = residue_polynomial(self.field, self.numerator, self.denominator, self.v)
        if not all(map(self.field.is_constant, polynomial)):
            raise Undecided("residues with constants")
        self.polynomial = _squarefree(self.field, polynomial)

    def written(self) -> Node:
        power = _Power.of(self.field, self.polynomial)
        if power is not None and power.degree == 1:
            return self._scaled(power.base)
        if len(self.polynomial) == 3:
            return self._quadratic()
        if power is not None:
            return self._over_scaled_roots(power)
        raise Undecided("residues with constants")

    def over_scale(self) -> SumOverNumbers:
        """The residues over the constant that all of them are multiples of. Raises Undecided."""
        power = _Power.of(self.field, self.polynomial)
        if power is None or power.degree != 1:
            raise Undecided("residues with constants")
        return self._over(power.base, outside=False)

    # -- one constant times numbers ----------------------------------------------------------------------

    def _scaled(self, scale: Element) -> Node:
        """All residues are numbers times the scale."""
        conjugation = self.writer.conjugation
        for factor in (scale, scale * self.field.i):
            if conjugation.is_real(factor):
                return multiplied(self.writer.real_quotient(factor), sum_of(self._over(factor).terms()))
        return sum_of(self._over(scale, outside=False).terms())

    def _over(self, factor: Element, *, outside: bool = True) -> SumOverNumbers:
        numerator = self.numerator / factor
        first, second = _at_two_points(self.field, numerator, self.denominator, self.v)
        if first != second:
            raise Undecided("residues with constants")
        reduced = Logarithms(self.v, numerator, self.denominator, first)
        return SumOverNumbers(self.writer, reduced, None if outside else factor)

    def _over_scaled_roots(self, power: "_Power") -> Node:
        """All residues are roots of a rational polynomial times a root of a constant."""
        if self.writer.conjugation.imaginary or not self.writer.conjugation.is_real(power.base):
            raise Undecided("residues with constants")
        base = power.base if _sign(self.writer, power.base) > 0 else -power.base
        polynomial = _rational(self.field, _Power(self.field, base, power.degree).left(self.polynomial))
        extension = Extension(self.field, self.polynomial)
        divisor = divisor_at_root(extension, self.numerator, self.denominator, self.v)
        scale = ("pow", self.writer.real_quotient(base), number(Fraction(1, power.degree)))
        argument = written_at_root(self.writer, divisor, self.v, scale)
        return sum_of(
            multiplied(scale, sum_over_roots(factor, argument)) for factor, _ in polynomial.factor()[1]
        )

    # -- two roots ---------------------------------------------------------------------------------------

    def _quadratic(self) -> Node:
        """Residues h + q sqrt(r) and h - q sqrt(r): two logarithms, or one and an arctangent."""
        field = self.field
        c, b, _ = self.polynomial
        h = b * field.number(-1, 2)
        q, r = square_part(field, h * h - c)
        extension = Extension(field, self.polynomial)
        divisor = divisor_at_root(extension, self.numerator, self.denominator, self.v)
        # the divisor is G0 + G1 sqrt(r), as the root itself is h + q sqrt(r)
        padded = [[*part, field.zero, field.zero][:2] for part in divisor]
        first = element_of(field, [a + b * h for a, b in padded], self.v)
        second = element_of(field, [b * q for _, b in padded], self.v)
        conjugation = self.writer.conjugation
        if not all(map(conjugation.is_real, (h, q, r, first, second))):
            raise Undecided("residues with constants")
        if _sign(self.writer, r) > 0:
            return self._two_logarithms(h, q, r, first, second)
        return self._arctangent(h, q, -r, first, second)

    def _two_logarithms(self, h: Element, q: Element, r: Element, first: Element, second: Element) -> Node:
        writer = self.writer
        root = _root(writer, r)
        common = self.field.of(least_common_multiple(first.denominator, second.denominator))
        a, b = writer.real_quotient(first * common), multiplied(writer.real_quotient(second * common), root)
        mean, half = writer.real_quotient(h), multiplied(root, writer.real_quotient(q))
        total: Node = 0
        for sign in (1, -1):
            residue = added(mean, multiplied(sign, half))
            total = added(total, multiplied(residue, ("ln", added(a, multiplied(sign, b)))))
        return added(total, self._of_common(h, common))

    def _arctangent(self, h: Element, q: Element, r: Element, first: Element, second: Element) -> Node:
        """h log(G0^2 + r G1^2) + 2 q sqrt(r) atan(G0/(G1 sqrt(r))), up to a constant."""
        writer = self.writer
        root = _root(writer, r)
        norm = first * first + second * second * r
        ratio = divided(writer.real_quotient(first / second), root)
        angle = times_arctangent(multiplied(root, writer.real_quotient(q.scaled(2))), ratio)
        if not h:
            return angle
        logarithm = ("ln", writer.real_quotient(self.field.of(norm.numerator)))
        total = multiplied(writer.real_quotient(h), logarithm)
        if not self.field.is_constant(self.field.of(norm.denominator)):
            below = ("ln", writer.real_quotient(self.field.of(norm.denominator)))
            total = added(total, multiplied(writer.real_quotient(-h), below))
        return added(total, angle)

    def _of_common(self, h: Element, common: Element) -> Node:
        """What the logarithms have too much where their arguments were multiplied by `common`."""
        if self.field.is_constant(common) or not h:
            return 0
        return multiplied(self.writer.real_quotient(h.scaled(-2)), ("ln", self.writer.real_quotient(common)))


@dataclass(frozen=True, slots=True)
class _Power:
    """base^(1/degree): all roots of a polynomial are this times numbers."""

    field: DifferentialField
    base: Element
    degree: int

    @classmethod
    def of(cls, field: DifferentialField, polynomial: Coefficients) -> "_Power | None":
        """Such a power for a monic polynomial; None where there is none."""
        parts = {j: c for j, c in enumerate(reversed(polynomial)) if j and c}
        if not parts:
            return None
        base, reached = field.one, 0
        for j, c in parts.items():  # base = power^reached up to a number, reached the gcd of the j so far
            reached, s, t = _bezout(reached, j)
            base = base**s * c**t
        power = cls(field, *_as_root(field, base, reached))
        return power if all(_is_number(c) for c in power.left(polynomial)) else None

    def left(self, polynomial: Coefficients) -> Coefficients:
        """The polynomial of the roots over the power."""
        n = len(polynomial) - 1
        return [c / self.base ** ((n - j) // self.degree) if c else c for j, c in enumerate(polynomial)]


def _bezout(a: int, b: int) -> tuple[int, int, int]:
    """(g, s, t) with g = gcd(a, b) = s a + t b."""
    if not b:
        return a, 1, 0
    common, s, t = _bezout(b, a % b)
    return common, t, s - a // b * t


def _as_root(field: DifferentialField, base: Element, degree: int) -> tuple[Element, int]:
    """(b, n) with b^(1/n) = base^(1/degree) up to a number, n as small as can be."""
    above, below = (squarefree_factors(field, p) for p in (base.numerator, base.denominator))
    common = gcd(degree, *(multiplicity for _, multiplicity in (*above, *below)))
    root = field.one
    for factor, multiplicity in above:
        root = root * field.of(factor) ** (multiplicity // common)
    for factor, multiplicity in below:
        root = root / field.of(factor) ** (multiplicity // common)
    return root, degree // common


def _is_number(c: Element) -> bool:
    return bool(c.numerator.is_constant() and c.denominator.is_constant())


def _squarefree(field: DifferentialField, polynomial: Coefficients) -> Coefficients:
    """The monic polynomial with the same roots, each once."""
    slope = [c.scaled(j) for j, c in enumerate(polynomial) if j]
    a, b = polynomial, slope
    while b:
        a, b = b, quotient_and_rest(field, a, b)[1]
    quotient = quotient_and_rest(field, polynomial, a)[0]
    return [c / quotient[-1] for c in quotient]


def square_part(field: DifferentialField, c: Element) -> tuple[Element, Element]:
    """(q, r) with c = q^2 r, r a polynomial in the constants with no square in it."""
    q, r, rest = square_parts(field, c, lambda _: True)
    value = field.numbers.number(int(rest.numerator.leading_coefficient()))
    if not numbers.is_rational(value):
        return q, field.of(r) * rest
    square, d = numbers.square_part(value[1].numerator * value[1].denominator)
    return q * field.number(square, value[1].denominator), field.of(r).scaled(d)


def _rational(field: DifferentialField, polynomial: Coefficients) -> fmpq_poly:
    read = field.numbers.number
    found = rational_polynomial(read(int(c.numerator.leading_coefficient())) if c else {} for c in polynomial)
    if found is None:
        raise Undecided("residues with constants")
    return found


def _sign(writer: Writer, c: Element) -> int:
    """The sign of a real constant. Raises Undecided where its ball does not tell."""
    real = writer.constants.ball(c).real
    if real > 0:
        return 1
    if real < 0:
        return -1
    raise Undecided("residues with constants")


def _root(writer: Writer, c: Element) -> Node:
    """The square root of a positive constant."""
    return 1 if c == writer.field.one else ("sqrt", writer.real_quotient(c))
