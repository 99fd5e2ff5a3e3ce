"""Derivatives of elements with respect to x, of which Y is a function with the derivatives Y' and Y''."""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.element import Element, Polynomial
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import (
    apply,
    root_of_one_minus_square,
    root_of_one_plus_square,
    root_of_square_minus_one,
)
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.relations import reduced

DERIVATIVES = {"Y": "Y'", "Y'": "Y''"}  # of the unknown function


class Derivation:
    """The derivation of a field; the derivative of each kernel is worked out once."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._known: dict[int, Element] = {}

    def __call__(self, f: Element) -> Element:
        """f', by the derivatives of its factors over them. Raises Undecided, Degenerate."""
        field = self.field
        if not f.coefficient:
            return f
        terms = []
        for number, exponent in f.powers.items():
            slope = self.of_kernel(number)
            if slope:
                terms.append((slope * field.generator(number, -1)).scaled(exponent))
        for p, exponent in f.sums:
            slope = self.of_polynomial(p)
            if slope:
                below = Element(fmpq(exponent), {}, [(p, -1)], field)
                terms.append(slope * below)
        return f * field.sum(terms)

    def of_polynomial(self, p: Polynomial) -> Element:
        """The derivative of a sum, by the chain rule over its kernels."""
        field = self.field
        terms = []
        for number, degree in enumerate(p.degrees()):
            if degree:
                slope = self.of_kernel(number)
                if slope:
                    terms.append(reduced(field, p.derivative(number)) * slope)
        return field.sum(terms)

    def of_kernel(self, number: int) -> Element:
        """The derivative of a kernel."""
        slope = self._known.get(number)
        if slope is None:
            slope = self._known[number] = self._of_kernel(number)
        return slope

    def _of_kernel(self, number: int) -> Element:
        field = self.field
        kernel = field.kernels[number]
        if kernel.constant:
            return field.zero
        if kernel.argument is None:
            if kernel.name == "x":
                return field.one
            if kernel.name not in DERIVATIVES:
                raise Undecided(f"no derivative of {kernel.name}")
            return leaf(field, DERIVATIVES[kernel.name])
        inner = self(kernel.argument)
        if not inner or kernel.name == "sum":
            return inner
        value = field.generator(number)
        if kernel.name == "root":
            return inner / kernel.argument * value.scaled(1, kernel.degree)
        return _OUTER[kernel.name](kernel.argument, value) * inner


def _one_plus_square(_: Element, value: Element) -> Element:
    return value.field.one + value * value


def _one_minus_square(_: Element, value: Element) -> Element:
    return value.field.one - value * value


# f'(u) by u and the value f(u). That of acosh is 1/(sqrt(u - 1) sqrt(u + 1)): 1/sqrt(u**2 - 1) has the other
# sign where u < 0.
_OUTER: dict[str, Callable[[Element, Element], Element]] = {
    "exp": lambda u, value: value,
    "ln": lambda u, _: u**-1,
    "sin": lambda u, _: apply(u, "cos"),
    "cos": lambda u, _: -apply(u, "sin"),
    "tan": _one_plus_square,
    "sinh": lambda u, _: apply(u, "cosh"),
    "cosh": lambda u, _: apply(u, "sinh"),
    "tanh": _one_minus_square,
    "asin": lambda u, _: root_of_one_minus_square(u) ** -1,
    "acos": lambda u, _: -(root_of_one_minus_square(u) ** -1),
    "atan": lambda u, _: (u.field.one + u * u) ** -1,
    "asinh": lambda u, _: root_of_one_plus_square(u) ** -1,
    "acosh": lambda u, _: root_of_square_minus_one(u) ** -1,
    "atanh": lambda u, _: (u.field.one - u * u) ** -1,
    "abs": lambda u, _: apply(u, "sign"),
    "sign": lambda u, _: u.field.zero,
}
