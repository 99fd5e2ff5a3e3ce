"""Elliptic integrals of the three kinds in Legendre's form, for roots of cubic and quartic polynomials.

With Z = sin(phi)^2 and P = sqrt(1 - m Z) there are F, E and Pi with

    DF = Dphi/P,    DE = Dphi (1 - m Z)/P,    DPi = Dphi/((1 - r Z) P),

and Dphi = DZ/(2 sqrt(Z) sqrt(1 - Z)). For suitable Z, these roots together are a multiple of S, the root in
the function, by an element of the field and a constant. The constant may be another one on another interval,
so that answers hold their quotient by S.
"""

from typing import NamedTuple

from asyncgen.mathematics.engines.risch.constants import Constants
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.special.roots import (
    constant_roots,
    is_positive,
    top_of,
    values_at_roots,
)
from asyncgen.mathematics.engines.risch.special.terms import Candidate, Function, Root, Term
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import DifferentialField

FIRST, SECOND, THIRD = 1, 2, 3  # kinds
_QUARTERS = 4


class Amplitude(NamedTuple):
    """phi by Z = sin(phi)^2: the integral of the first kind has the derivative slope * S.

    arguments, parameters: of its terms, all but the characteristic, the kind and the root.
    """

    function: Function
    slope: Element
    arguments: tuple[Element, ...]
    parameters: tuple[int, ...] = ()


def elliptic_candidates(
    field: DifferentialField, root: Root, amplitude: Amplitude, b: Element
) -> list[Candidate]:
    """For b S: both complete kinds, and one of the third kind for each Z at a pole of b."""
    one, slope = field.one, amplitude.slope
    _, _, z, m, *_ = amplitude.arguments
    v = top_of(field, z)
    poles = [place for place in values_at_roots(field, z, v, b.denominator) if place]
    kinds: list[tuple[int, Element, tuple[Element, ...]]] = [
        (FIRST, slope, ()),
        (SECOND, slope * (one - m * z), ()),
        *((THIRD, slope / (one - z / place), (place.inverse(),)) for place in poles),
    ]
    found = []
    for kind, derivative, characteristic in kinds:
        arguments, parameters = (*amplitude.arguments, *characteristic), (kind, *amplitude.parameters, root.v)
        term = Term(one, field.zero, amplitude.function, arguments, parameters)
        found.append(Candidate(derivative, term))
    return found


def of_angle(field: DifferentialField, constants: Constants, root: Root, kernel: Kernel) -> Amplitude | None:
    """For a radicand t^2 (p t + q + r/t), which is t^2 (q + 2 s cos(phi')), s^2 = p r, e^(i phi') = p t/s.

    With 2 phi = phi' it is t^2 (q + 2 s) (1 - m Z), m = 4 s/(q + 2 s).
    """
    t = kernel.v
    parts = field.laurent(root.radicand, t)
    if not {1, 3} <= set(parts) <= {1, 2, 3} or not all(field.is_constant(c) for c in parts.values()):
        return None
    s = constants.square_root(parts[3] * parts[1])
    middle = parts.get(2, field.zero)
    if constants.ball(middle + s.scaled(2)).real < constants.ball(middle - s.scaled(2)).real:
        s = -s
    highest = middle + s.scaled(2)
    quarter = next((k for k in range(_QUARTERS) if field.i**k * s == parts[3]), None)
    if quarter is None or not highest:
        return None
    turned = field.i**quarter * field.variable(t)  # e^(2i phi)
    z = (field.number(2) - turned - turned.inverse()) * field.number(1, 4)
    circular = not _is_real(field, kernel)
    w = -(kernel.exponent * field.i) if circular else kernel.exponent
    m = s.scaled(4) / highest
    slope = field.derive(w) * field.number(1, 2) * field.variable(t) / root.radicand
    quotient = field.variable(t) * root.factor
    has_sign = not is_positive(constants, highest) or not is_positive(constants, quotient)
    arguments = field.zero if has_sign else highest, quotient, z, m, w
    return Amplitude(Function.OF_ANGLE, slope, arguments, (int(not circular), quarter))


def _is_real(field: DifferentialField, kernel: Kernel) -> bool:
    """Whether the exponent has no factor i: of the two cases of the conjugation, where it exists."""
    number = field.numbers.number(int(kernel.exponent.numerator.leading_coefficient()))
    return all(d > 0 for d in number)


def of_square(field: DifferentialField, constants: Constants, root: Root) -> Amplitude | None:
    """For a radicand r (1 - a x^2) (1 - b x^2): Z = a x^2, m = b/a. Only if r > 0, and a is a real number."""
    x = field.tower[0]
    parts = field.laurent(root.radicand, x)
    if not {0, 4} <= set(parts) <= {0, 2, 4} or not is_positive(constants, parts[0]):
        return None
    halved = field.from_laurent({j // 2: c for j, c in parts.items()}, x).numerator
    places = constant_roots(field, halved, x)
    if places is None or len(places) != 2:
        return None
    places.sort(key=lambda place: not is_positive(constants, place))
    a, b = (place.inverse() for place in places)
    z, m = a * field.power(x, 2), b / a
    if not is_positive(constants, a):
        return None
    has_sign = not is_positive(constants, -m) or not is_positive(constants, root.factor)
    arguments = field.zero if has_sign else parts[0], root.factor, z, m, a
    return Amplitude(Function.OF_SQUARE, root.radicand.inverse(), arguments)


def of_roots(field: DifferentialField, constants: Constants, root: Root) -> Amplitude | None:
    """For roots e1, e2, e3 (and e4): Z = (x - e1)/(e2 - e1), times (e2 - e4)/(x - e4); it is 1/m at e3."""
    x = field.tower[0]
    if not 3 <= field.degree(root.radicand.numerator, x) <= 4:
        return None
    places = constant_roots(field, root.radicand.numerator, x)
    if places is None:
        return None
    places.sort(key=lambda place: float(constants.ball(place).real.mid()))
    variable = field.variable(x)
    first, second, third, *last = places
    z = (variable - first) / (second - first)
    at_third = (third - first) / (second - first)
    quotient = field.one
    for fourth in last:
        z = z * (second - fourth) / (variable - fourth)
        at_third = at_third * (second - fourth) / (third - fourth)
        quotient = (variable - fourth) ** 2
    slope = field.derive(z) * field.number(1, 2) * quotient / root.radicand
    m = at_third.inverse()
    return Amplitude(Function.OF_ROOTS, slope, (field.zero, quotient * root.factor, z, m))
