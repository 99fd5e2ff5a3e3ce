"""Logarithms and exponentials over Q(x), one or two above each other, and normal polynomials in them.

M. Bronstein, Symbolic Integration I, 2nd edition, Springer 2005: sections 3.4, 5.1 and 9.3.
"""

from dataclasses import dataclass
from typing import NamedTuple

from asyncgen.mathematics.forms.derivation import Derivation
from asyncgen.mathematics.forms.element import Element, Sums
from asyncgen.mathematics.forms.functions import apply
from asyncgen.mathematics.kinds.random_elements import (
    Weighted,
    Words,
    argument,
    chosen,
    drawn,
    happens,
    integer,
    monomial,
    polynomial,
)

_NAMES: Weighted[str] = (("ln", 1), ("exp", 1))
_DEGREES: Weighted[int] = ((1, 14), (2, 5), (3, 1))  # of normal polynomials


@dataclass(frozen=True, slots=True)
class Extension:
    """k(theta) with theta = ln(u) or exp(u), u in k, and k = Q(generators)."""

    name: str
    argument: Element
    theta: Element
    generators: tuple[Element, ...]
    derivation: Derivation

    @property
    def is_exponential(self) -> bool:
        """Whether theta'/theta is in k, not theta'."""
        return self.name == "exp"

    @property
    def number(self) -> int:
        """The number of theta among the kernels."""
        return next(iter(self.theta.powers))

    @property
    def slope(self) -> Element:
        """theta', or theta'/theta where theta is an exponential: in k."""
        slope = self.derivation(self.theta)
        return slope / self.theta if self.is_exponential else slope


def tower(words: Words, x: Element, height: int) -> Extension:
    """The topmost of so many extensions, 1 or 2, each over those before it."""
    derivation = Derivation(x.field)
    lowest = _extension(words, (x,), derivation)
    if height == 1:
        return lowest
    return drawn(
        lambda: _extension(words, (x, lowest.theta), derivation),
        lambda top: not (top.slope / lowest.slope).is_number,  # the structure theorem, section 9.3
        "dependent",
    )


def _extension(words: Words, generators: tuple[Element, ...], derivation: Derivation) -> Extension:
    """A logarithm or an exponential that is a kernel of its own."""

    def draw() -> Extension:
        name = chosen(words, _NAMES)
        u = argument(words, generators if happens(words, 1, 2) else generators[:1], name)
        return Extension(name, u, apply(u, name), generators, derivation)

    return drawn(draw, _is_new, "dependent")


def _is_new(extension: Extension) -> bool:
    """Whether theta is a kernel, and none of those before."""
    alone = extension.theta.only_kernel()
    earlier = [generator.only_kernel() for generator in extension.generators]
    return alone is not None and alone[1] == 1 and alone not in earlier


def coefficient(words: Words, extension: Extension) -> Element:
    """A small element of k."""
    generators = extension.generators
    form = chosen(words, (("number", 4), ("monomial", 3), ("binomial", 2), ("quotient", 1)))
    if form == "number":
        return generators[0].field.number(integer(words))
    if form == "monomial":
        return monomial(words, generators, 2)
    if form == "binomial":
        return polynomial(words, generators, 2, 1)
    return monomial(words, generators, 1) / polynomial(words, generators[:1], 1 + next(words) % 2, 1)


class Normal(NamedTuple):
    """A normal polynomial in theta, whose leading coefficient is 1, and its degree in theta."""

    polynomial: Element
    degree: int


def normal_polynomial(words: Words, extension: Extension) -> Normal:
    """theta**n + ... + a_0, with small a_j in k of which a_0 is not 0."""
    theta = extension.theta

    def draw() -> Normal:
        degree = chosen(words, _DEGREES)
        terms = [coefficient(words, extension) * theta**j for j in range(1, degree) if happens(words, 1, 3)]
        return Normal(theta.field.sum((*terms, coefficient(words, extension), theta**degree)), degree)

    return drawn(draw, lambda d: is_normal(d.polynomial, extension), "not normal")


def is_normal(d: Element, extension: Extension) -> bool:
    """Whether d has no common factor with its derivative (section 3.4).

    It has none if it is squarefree in theta, and if theta, being an exponential, does not divide it: no other
    polynomial is special (section 5.1).
    """
    number = extension.number
    if d.powers.get(number, 0) > (0 if extension.is_exponential else 1):
        return False
    inside: Sums = [(p, e) for p, e in d.sums if p.degrees()[number]]
    return all(e == 1 and not p.gcd(p.derivative(number)).degrees()[number] for p, e in inside)
