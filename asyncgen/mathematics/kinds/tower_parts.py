"""The parts of integrands in k(theta), each with its integral, as Bronstein's algorithm finds them.

M. Bronstein, Symbolic Integration I, 2nd edition, Springer 2005, chapter 5. There an f in k(theta) is taken
apart; here the parts are drawn, and put together.
"""

from typing import NamedTuple

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.functions import apply, root
from asyncgen.mathematics.kinds.extensions import Extension, Normal, coefficient
from asyncgen.mathematics.kinds.random_elements import (
    Weighted,
    Words,
    chosen,
    happens,
    integer,
    monomial,
    picked,
    polynomial,
    residue,
    varying,
)

LARGEST_SQUARE = 9  # of what is a root of a quadratic polynomial, but for its sign

_POWER: Weighted[int] = ((1, 8), (2, 2), (3, 1))  # of a denominator, before it is differentiated
_EXPONENTS = {"ln": (1, 1, 2, 2, 3), "exp": (1, -1, 2, -2, 1, 3)}  # of theta in a polynomial part


class Part(NamedTuple):
    """An integrand, and its integral as an element of k(theta) and a new function."""

    integrand: Element
    rational: Element
    function: Element


def residue_part(words: Words, extension: Extension, d: Normal) -> Part:
    """The fraction c d'/d for a rational c: by the residue criterion (section 5.6) c ln(d) is its integral.

    All roots of the resultant of Rothstein and Trager are constants: they are such c. If theta is a logarithm
    the fraction is proper; at times the numerator of d takes the place of d, with another part in k. If theta
    is an exponential d'/d - n theta'/theta is proper (section 5.9), n being the degree, and taken at times.
    """
    argument = _numerator(d.polynomial) if happens(words, 1, 3) else d.polynomial
    c = residue(words)
    integrand, rational = extension.derivation(argument) / argument, argument.field.zero
    if extension.is_exponential and happens(words, 1, 2):
        integrand = integrand - extension.slope.scaled(d.degree)
        rational = -extension.argument.scaled(d.degree)
    return Part(integrand.scaled(*c), rational.scaled(*c), apply(argument, "ln").scaled(*c))


def conjugate_residues_part(words: Words, extension: Extension) -> Part:
    """The fraction c v'/(v**2 + m), v = theta + a, whose residues are c/(2 sqrt(-m)) and its conjugate.

    If m > 0 the two logarithms are an arcus tangent (section 2.8). There is no root in the integrand, but in
    the integral, unless it is rational.
    """
    field = extension.theta.field
    v = extension.theta + (coefficient(words, extension) if happens(words, 2, 3) else field.zero)
    m = integer(words, LARGEST_SQUARE)
    c = residue(words)
    r = root(field.number(abs(m)), 2)
    function = apply(v / r, "atan") / r if m > 0 else (apply((v - r) / (v + r), "ln") / r).scaled(1, 2)
    integrand = extension.derivation(v) / (v * v + field.number(m))
    return Part(integrand.scaled(*c), field.zero, function.scaled(*c))


def hermite_part(words: Words, extension: Extension, d: Normal) -> Part:
    """The derivative of a/d**n, a of lower degree: what Hermite's reduction removes (section 5.3)."""
    power = chosen(words, _POWER) if d.degree < 3 else 1
    theta = extension.theta
    terms = [
        monomial(words, extension.generators, 1) * theta ** (next(words) % (power * d.degree))
        for _ in range(1 + next(words) % 2)
    ]
    return _derived(extension, (theta.field.sum(terms) or terms[0]) / d.polynomial**power)


def polynomial_part(words: Words, extension: Extension) -> Part:
    """The derivative of a sum of q_j theta**j with q_j in k.

    Primitive case (section 5.8): its coefficients are q_j' + (j + 1) q_(j+1) theta', j from 0 up, for which
    the recursion from the highest one down closes. Hyperexponential case (section 5.9): q_j' + j u' q_j, j of
    either sign but not 0, for which the Risch differential equations have the solutions q_j.
    """
    terms = [
        coefficient(words, extension) * extension.theta ** picked(words, _EXPONENTS[extension.name])
        for _ in range(1 + next(words) % 3)
    ]
    return _derived(extension, extension.theta.field.sum(terms))


def base_part(words: Words, extension: Extension) -> Part:
    """The derivative of an element of k and perhaps of a logarithm, for the recursive call in k."""
    rational = coefficient(words, extension)
    part = _derived(extension, rational)
    if happens(words, 1, 2):
        return part
    u = varying(lambda: polynomial(words, extension.generators, 2, 2))
    c = residue(words)
    slope = (extension.derivation(u) / u).scaled(*c)
    return part._replace(integrand=part.integrand + slope, function=apply(u, "ln").scaled(*c))


def _derived(extension: Extension, rational: Element) -> Part:
    return Part(extension.derivation(rational), rational, rational.field.zero)


def _numerator(f: Element) -> Element:
    """The numerator, without a rational factor."""
    powers = {number: e for number, e in f.powers.items() if e > 0}
    return Element(f.field.one.coefficient, powers, [(p, e) for p, e in f.sums if e > 0], f.field)
