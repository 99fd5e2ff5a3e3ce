"""Integrate an element of a tower, or find why it has no elementary integral (Bronstein, chapter 5).

Hermite reduction leaves a simple part, whose residues must be constant (5.6), and a reduced part, a
polynomial in the top variable up to powers of a hyperexponential one. Its coefficients are integrated one by
one: in a hyperexponential variable each by a Risch differential equation (5.9), in a primitive one from the
highest down by limited integration (5.8). What is left lies in the field beneath.
"""

from dataclasses import dataclass
from dataclasses import field as field_
from typing import Protocol

from asyncgen.mathematics.engines.risch.denominators import normal_part
from asyncgen.mathematics.engines.risch.equations import integrate_limited, solve_one
from asyncgen.mathematics.engines.risch.hermite import hermite_reduce
from asyncgen.mathematics.engines.risch.noted_steps import (
    Components,
    Equation,
    Excluded,
    Hermite,
    Limited,
    NoLogarithm,
    Polynomials,
    Residues,
    Rooted,
    Step,
)
from asyncgen.mathematics.engines.risch.radicals import integrate_radical
from asyncgen.mathematics.engines.risch.residues import residue_polynomials, sum_of_residues
from asyncgen.mathematics.engines.risch.special.terms import Term
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsExtension
from asyncgen.mathematics.fields.field import DifferentialField, Kind
from asyncgen.mathematics.fields.modular import Univariate
from asyncgen.mathematics.fields.roots import Subset, components, slope_of


@dataclass(frozen=True, slots=True)
class Logarithms:
    """The sum over the roots c of `residues` of c log(gcd(denominator, numerator - c D(denominator)))."""

    v: int
    numerator: Element
    denominator: Polynomial  # squarefree, normal in v
    residues: Univariate  # at the constants' values


@dataclass(frozen=True, slots=True)
class ResiduesVary:
    """No elementary integral: the residues of f at its poles in v are not constant (5.6)."""

    v: int
    f: Element


@dataclass(frozen=True, slots=True)
class NoSolution:
    """No elementary integral: D y + f y = g has no solution y in K_level (chapter 6)."""

    f: Element
    g: Element
    level: int
    v: int  # g stands at a power of this variable
    roots: Subset = frozenset()  # or at the product of these roots, and y is free of the roots over K_level,
    logarithms: NoLogarithm | None = None  # whatever the constant multiples of those that are left


@dataclass(frozen=True, slots=True)
class NotLimited:
    """No elementary integral: f is not D y + c Dv with y in K_level and c constant (7.2)."""

    f: Element
    slope: Element  # Dv
    v: int
    level: int


Obstruction = ResiduesVary | NoSolution | NotLimited


@dataclass(slots=True)
class Integral:
    """What was found: f is the sum of all derivatives, unless there is an obstruction.

    units: further logarithms c log(w), as pairs (c, w), of elements w that hold roots.
    special: terms with special functions, where they were asked for.
    steps: how, where a list for them is given.
    """

    elements: list[Element] = field_(default_factory=list)
    logarithms: list[Logarithms] = field_(default_factory=list)
    special: list[Term] = field_(default_factory=list)
    units: list[tuple[Element, Element]] = field_(default_factory=list)
    obstruction: Obstruction | None = None
    steps: list[Step] | None = None


class Extension(Protocol):
    """What is asked for where there is no elementary integral: each adds to `integral` what it finds."""

    def residues(self, simple: Element, v: int, integral: Integral) -> Element | None:
        """r free of v, simple - r being integrated; None if it is not."""
        ...

    def exponential(self, g: Element, v: int, j: int, integral: Integral) -> Element | None:
        """y, g v^j - D(y v^j) being integrated; None if it is not."""
        ...

    def primitive(self, a: Element, v: int, j: int, integral: Integral) -> tuple[Element, Element] | None:
        """(y, c), (a - Dy - c Dv) v^j being integrated; None if it is not."""
        ...

    def radical(self, b: Element, subset: Subset, level: int, integral: Integral) -> bool:
        """Whether b S was integrated, S being a product of roots over K_level."""
        ...


def integrate(
    field: DifferentialField,
    f: Element,
    steps: list[Step] | None = None,
    beyond: Extension | None = None,
) -> Integral:
    """The integral of an element of the field; `beyond` is asked where it is not elementary.

    Raises Undecided, NeedsExtension.
    """
    integral = Integral(steps=steps)
    rest: Element | None = f
    while rest is not None and rest and integral.obstruction is None:
        level = max(field.level(rest.numerator), field.level(rest.denominator))
        rest = _integrate_roots(field, rest, level, integral, beyond)
        if rest is not None:
            rest = _integrate_level(field, rest, level, integral, beyond)
    return integral


def _integrate_roots(
    field: DifferentialField, f: Element, level: int, integral: Integral, beyond: Extension | None
) -> Element | None:
    """Integrate what holds roots over the top variable; what is left, free of them.

    The automorphisms S -> -S of K_l over the field without these roots show that f is elementary exactly if
    its part at each product of roots is.
    """
    roots = field.roots_at(level)
    if not roots or not field.contains_any(f, roots):
        return f
    parts = components(field, f, roots)
    rest = parts.pop(frozenset(), field.zero)
    if integral.steps is not None and (rest or len(parts) > 1):
        integral.steps.append(Components(f, rest, parts))
    for subset, b in parts.items():
        try:
            found = integrate_radical(field, b, subset, level)
        except NeedsExtension:
            if beyond is None or not beyond.radical(b, subset, level, integral):
                raise
            continue
        if isinstance(found, NoLogarithm):
            if beyond is not None and beyond.radical(b, subset, level, integral):
                continue
            if integral.steps is not None:
                integral.steps.append(Excluded(subset, b, found))
            slope = slope_of(field, subset)
            integral.obstruction = NoSolution(slope, b, level, max(subset), subset, found)
            return None
        if integral.steps is not None:
            integral.steps.append(Rooted(subset, b, found.antiderivative, tuple(found.units), found.rest))
        integral.elements.append(found.antiderivative)
        integral.units += found.units
        rest = rest + found.rest
    return rest


def _integrate_level(
    field: DifferentialField, f: Element, level: int, integral: Integral, beyond: Extension | None
) -> Element | None:
    """Integrate what holds the top variable; what is left, free of it."""
    if level < 0:
        _append_polynomial(f, f * field.variable(field.tower[0]), integral)
        return None
    v = field.tower[level]
    integrated, simple, reduced = hermite_reduce(field, f, v)
    if integral.steps is not None and (integrated or (simple and reduced)):
        integral.steps.append(Hermite(v, f, integrated, simple, reduced))
    if integrated:
        integral.elements.append(integrated)
    if simple:
        left = _logarithms(field, simple, v, integral)
        if integral.obstruction is not None:
            rest = None if beyond is None else beyond.residues(simple, v, integral)
            if rest is None:
                return None
            integral.obstruction, left = None, -rest
        reduced = reduced - left
    return _INTEGRATE_REDUCED[field.kind[v]](field, reduced, level, integral, beyond)


def _logarithms(field: DifferentialField, simple: Element, v: int, integral: Integral) -> Element:
    """Integrate the simple part by logarithms; what they leave over of the reduced part, to be subtracted."""
    denominator = normal_part(field, simple.denominator, v)
    numerator = field.reduced(simple.numerator, simple.denominator / denominator)
    points = 1 if field.kind[v] is Kind.BASE and not field.constants else 2
    polynomials = residue_polynomials(field, numerator, denominator, v, wanted=points)
    if polynomials[0] != polynomials[-1]:
        integral.obstruction = ResiduesVary(v, simple)
        return field.zero
    if not field.is_exponential(v):
        _append_logarithms(Logarithms(v, numerator, denominator, polynomials[0]), field.zero, integral)
        return field.zero
    # log g of degree n in v has the derivative of a proper fraction, and n Dv/v.
    total = sum_of_residues(field, numerator, denominator, v)
    if not field.is_constant(total):
        integral.obstruction = ResiduesVary(v, simple)
        return field.zero
    excess = total * field.logarithmic_derivative(v)
    _append_logarithms(Logarithms(v, numerator, denominator, polynomials[0]), excess, integral)
    return excess


def _append_logarithms(found: Logarithms, excess: Element, integral: Integral) -> None:
    integral.logarithms.append(found)
    if integral.steps is not None:
        integral.steps.append(Residues(found.v, found.numerator, found.denominator, found.residues, excess))


def _append_polynomial(f: Element, integrated: Element, integral: Integral) -> None:
    integral.elements.append(integrated)
    if integral.steps is not None:
        integral.steps.append(Polynomials(f, integrated))


def _integrate_in_x(
    field: DifferentialField, f: Element, level: int, integral: Integral, _beyond: Extension | None
) -> None:
    """A polynomial in x."""
    if f:
        x = field.tower[level]
        terms = {j + 1: c * field.number(1, j + 1) for j, c in field.laurent(f, x).items()}
        _append_polynomial(f, field.from_laurent(terms, x), integral)


def _integrate_exponential(
    field: DifferentialField, f: Element, level: int, integral: Integral, beyond: Extension | None
) -> Element | None:
    """A Laurent polynomial in a hyperexponential variable (5.9); its constant coefficient is left."""
    v = field.tower[level]
    parts = field.laurent(f, v)
    exponent = field.logarithmic_derivative(v)
    for j in sorted(parts, key=abs, reverse=True):
        if j:
            y = solve_one(field, exponent.scaled(j), parts[j], level - 1, transcendental=True)
            if y is None and beyond is not None:
                y = beyond.exponential(parts[j], v, j, integral)
            if y is None:
                integral.obstruction = NoSolution(exponent.scaled(j), parts[j], level - 1, v)
                return None
            integral.elements.append(y * field.power(v, j))
            if integral.steps is not None:
                integral.steps.append(Equation(v, j, exponent.scaled(j), parts[j], y))
    return parts.get(0)


def _integrate_primitive(
    field: DifferentialField, f: Element, level: int, integral: Integral, beyond: Extension | None
) -> Element | None:
    """A polynomial in a primitive variable t (5.8): a t^j = D(b t^j + c t^(j+1)/(j+1)) - j b Dt t^(j-1)."""
    v = field.tower[level]
    parts = field.laurent(f, v)
    slope = field.derivatives[v]
    for j in range(max(parts, default=0), 0, -1):
        a = parts.get(j)
        if not a:
            continue
        found = integrate_limited(field, a, slope, level - 1)
        if found is None and beyond is not None:
            found = beyond.primitive(a, v, j, integral)
        if found is None:
            integral.obstruction = NotLimited(a, slope, v, level - 1)
            return None
        b, c = found
        integral.elements.append(b * field.power(v, j) + c * field.power(v, j + 1) * field.number(1, j + 1))
        left = -(b * slope).scaled(j)
        if integral.steps is not None:
            integral.steps.append(Limited(v, j, a, slope, b, c, left))
        parts[j - 1] = parts.get(j - 1, field.zero) + left
    return parts.get(0)


_INTEGRATE_REDUCED = {
    Kind.BASE: _integrate_in_x,
    Kind.EXPONENTIAL: _integrate_exponential,
    Kind.PRIMITIVE: _integrate_primitive,
}
