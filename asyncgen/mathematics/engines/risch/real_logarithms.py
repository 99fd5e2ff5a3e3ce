"""Real parts of complex multiples of logarithms, with arctangents that jump as little as may be.

The argument of A + iB is a sum of arctangents of polynomials, after Rioboo (Bronstein 2.8). Where exp(iu)
stands in a number's place, a power of it is taken out, so that what is left winds around 0 not at all.
"""

from cmath import exp, pi
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    Motion,
    Node,
    added,
    divided,
    leads_with_minus,
    multiplied,
    number,
    opposite,
    reciprocal,
    shorter,
    split,
)
from asyncgen.mathematics.engines.risch.terms import Exponents, Terms, product_of, scaled, shifted, terms_of
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.univariate import (
    Coefficients,
    coefficients_of,
    difference,
    element_of,
    inverse_modulo,
    product,
)
from asyncgen.mathematics.fields.univariate import (
    divided as quotient_and_rest,
)

MOST_SQUARED = 4  # terms of a sum that is squared and multiplied out
ANGLES = 48  # at which a sum of exp(iu) is looked at
MARGIN = 1e-6  # of its largest value: how far from 0 it has to stay there


@dataclass(frozen=True, slots=True)
class Multiple:
    """real + i imaginary, the factor of a logarithm.

    is_paired: it stands for two logarithms, complex conjugates of each other, and is twice one's factor.
    """

    real: Node
    imaginary: Node
    is_paired: bool = False


def real_part(writer: Writer, c: Multiple, p: Polynomial, v: int) -> Node:
    """Re(c log p), up to a constant, for a polynomial in v."""
    terms = terms_of(writer.field, writer.with_functions(p))
    middle = writer.conjugation.centre(terms)
    centred = shifted(terms, middle)
    factor = writer.conjugation.factor_to_real(centred)
    if factor is not None:
        return added(_of_shift(writer, c, middle, middle), times_log(writer, c.real, scaled(centred, factor)))
    node: Node = 0
    if c.real != 0:
        norm = writer.positive(product_of(terms, writer.conjugation.of_terms(terms)))
        node = multiplied(divided(c.real, 2), ("ln", writer.sum(norm)))
    if c.imaginary == 0:
        return node
    if not any(exponents[v] for exponents in terms for v in writer.conjugation.imaginary):
        arctangents = _rioboo(writer, p, v)
        if arctangents is not None:
            return added(node, multiplied(c.imaginary, arctangents))
    shift = _without_winding(writer, terms, middle)
    if shift is None:
        node = added(node, _of_shift(writer, c, middle, middle))
        return added(node, _times_argument(writer, c.imaginary, centred))
    node = added(node, _of_shift(writer, c, shift, middle))
    return added(node, _times_argument(writer, c.imaginary, shifted(terms, shift)))


def logarithm_of_element(writer: Writer, c: Element, w: Element) -> Node:
    """Re(c log w), up to a constant, for a constant c and an element w, which may hold roots."""
    conjugation = writer.conjugation
    a, b = conjugation.real_part(w), conjugation.imaginary_part(w)
    real, imaginary = conjugation.real_part(c), conjugation.imaginary_part(c)
    if not a or not b:
        return multiplied(writer.real(real), ("ln", split(writer.real(a or b))[1])) if real else 0
    node: Node = 0
    norm = a * a + b * b
    if real and not writer.field.is_constant(norm):
        node = multiplied(writer.real(real * writer.field.number(1, 2)), ("ln", writer.real(norm)))
    if not imaginary:
        return node
    ratio = shorter(writer.real(b / a), reciprocal(writer.real(a / b)))
    return added(node, times_arctangent(writer.real(-imaginary), ratio))


def _of_shift(writer: Writer, c: Multiple, shift: Exponents, middle: Exponents) -> Node:
    """log p = log(p E^s) - s iw for E = exp(iw): what the last term brings.

    Two conjugates together bring nothing where s is the middle one.
    """
    node: Node = 0
    for v in set(writer.conjugation.imaginary).difference(writer.field.constants):
        s = shift[v] - middle[v] if c.is_paired else shift[v]
        if s:
            node = added(node, multiplied(multiplied(c.imaginary, number(Fraction(s))), writer.exponent(v)))
    return node


# -- the real logarithm --------------------------------------------------------------------------------------


def times_log(writer: Writer, c: Node, terms: Terms) -> Node:
    """c log(terms), or c log(terms^2)/2 where the terms may change their sign with a sine or a cosine."""
    if c == 0:
        return 0
    if len(terms) == 1:
        return multiplied(c, _log_of_monomial(writer, terms))
    terms = writer.primitive(terms)
    waves = set(writer.conjugation.imaginary).difference(writer.field.constants)
    if not any(exponents[v] for exponents in terms for v in waves):
        return multiplied(c, ("ln", writer.sum(terms)))
    if _outweighs(terms):
        return multiplied(c, ("ln", writer.sum(writer.positive(terms))))
    square: Node = ("pow2", writer.sum(terms))
    if len(terms) <= MOST_SQUARED:
        square = shorter(square, writer.sum(writer.positive(product_of(terms, terms))))
    return multiplied(divided(c, 2), ("ln", square))


def _log_of_monomial(writer: Writer, terms: Terms) -> Node:
    """The logarithms of exponentials are their exponents."""
    ((exponents, _),) = terms.items()
    node: Node = 0
    rest = list(exponents)
    for v, e in enumerate(exponents):
        if e and writer.is_exponential(v):
            node = added(node, multiplied(number(Fraction(e)), writer.exponent(v)))
            rest[v] = 0
    if not any(rest):
        return node
    return added(node, ("ln", writer.sum({tuple(rest): numbers.ONE})))


def _outweighs(terms: Terms) -> bool:
    """Whether all is numbers and exp(iu), and the constant term is as large as all others together."""
    weights = {exponents: abs(numbers.ball(c)) for exponents, c in terms.items()}
    constant = next((weight for exponents, weight in weights.items() if not any(exponents)), None)
    return constant is not None and bool(2 * constant >= sum(weights.values()))


# -- the argument --------------------------------------------------------------------------------------------


def _times_argument(writer: Writer, c: Node, terms: Terms) -> Node:
    """-c arg(terms): as c atan(Re/Im), since the imaginary part is of less degree, or as -c atan(Im/Re)."""
    turned = scaled(terms, numbers.minus(numbers.IMAGINARY))
    if _keeps_sign(writer, terms):
        return times_arctangent(multiplied(-1, c), writer.quotient(turned, terms))
    return times_arctangent(c, writer.quotient(terms, turned))


def times_arctangent(c: Node, argument: Node) -> Node:
    """c atan(argument), without a minus in front of the argument; for atan(1/u), which jumps, -atan(u)."""
    if isinstance(argument, tuple) and argument[0] == "div" and not Motion()(argument[1]):
        c, argument = multiplied(-1, c), reciprocal(argument)
    if leads_with_minus(argument):
        return multiplied(multiplied(-1, c), ("atan", opposite(argument)))
    return multiplied(c, ("atan", argument))


def _without_winding(writer: Writer, terms: Terms, middle: Exponents) -> Exponents | None:
    """A shift by which the real or the imaginary part keeps its sign; None where none is found."""
    for factor in (1, 0, 2):
        shift = tuple(s * factor for s in middle)
        moved = shifted(terms, shift)
        if _keeps_sign(writer, moved) or _keeps_sign(writer, scaled(moved, numbers.minus(numbers.IMAGINARY))):
            return shift
    return None


def _keeps_sign(writer: Writer, terms: Terms) -> bool:
    """Whether the real part of a sum of numbers times powers of one exp(iu) has the same sign everywhere."""
    variables = {v for exponents in terms for v, e in enumerate(exponents) if e}
    if len(variables) != 1 or not variables <= set(writer.conjugation.imaginary):
        return False
    (v,) = variables
    values = [(float(exponents[v]), complex(numbers.ball(c))) for exponents, c in terms.items()]
    whole = 1 if all(float(e).is_integer() for e, _ in values) else 2
    parts = [sum(c * exp(2j * pi * whole * j / ANGLES * e) for e, c in values).real for j in range(ANGLES)]
    least, largest = min(parts), max(parts)
    margin = MARGIN * max(abs(least), abs(largest))
    return least > margin or largest < -margin


def _rioboo(writer: Writer, p: Polynomial, v: int) -> Node | None:
    """-arg(p) as arctangents of polynomials in v; None where p is not prime to its conjugate."""
    field = writer.field
    element = field.of(p)
    a = coefficients_of(field, writer.conjugation.real_part(element), v)
    b = coefficients_of(field, writer.conjugation.imaginary_part(element), v)
    try:
        node: Node = 0
        for ratio in _arctangents(writer, a, b, v):
            node = added(node, times_arctangent(1, writer.real_quotient(ratio)))
    except ZeroDivisionError:
        return None
    return node


def _arctangents(writer: Writer, a: Coefficients, b: Coefficients, v: int) -> Iterator[Element]:
    """Elements whose arctangents have the sum -arg(a + ib) (LogToAtan, Bronstein 2.8)."""
    field = writer.field
    while True:
        if len(a) < len(b):
            a, b = [-c for c in b], a
        quotient, rest = quotient_and_rest(field, a, b)
        if not rest:
            yield element_of(field, quotient, v)
            return
        d = inverse_modulo(field, b, a)
        c, _ = quotient_and_rest(field, difference(field, product(field, b, d), [field.one]), a)
        yield element_of(field, product(field, a, d), v) + element_of(field, product(field, b, c), v)
        a, b = d, c
