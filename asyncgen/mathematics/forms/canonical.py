"""Canonical text: the same for a function however it was written, and for its multiples by a number.

Two functions with the same text are the same up to a rational factor; the converse does not hold, since some
relations between kernels are not seen. The text does not depend on the order in which kernels were made, nor
on how far sums are multiplied out, unless they are long.
"""

from collections.abc import Iterable

from flint import fmpq

from asyncgen.mathematics.forms.element import Element, Polynomial, key_of
from asyncgen.mathematics.forms.factors import factors_of_sum
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import EVEN, ODD

LONGEST_FACTORED = 12  # terms of a sum


class Canonical:
    """The canonical texts of the elements of one field."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._arguments: dict[int, tuple[fmpq, str]] = {}
        self._kernels: dict[int, tuple[int, str]] = {}
        self._sums: dict[object, tuple[int, list[tuple[str, int]]]] = {}

    def __call__(self, f: Element) -> tuple[fmpq, str]:
        """(c, text) with f = c times the function of this text."""
        if not f.coefficient:
            return fmpq(0), "0"
        sign, text = self._monomial(f.powers.items())
        exponents: dict[str, int] = {}
        for p, exponent in f.sums:
            own, factors = self._factors(p)
            if exponent % 2:
                sign *= own
            for factor, power in factors:
                exponents[factor] = exponents.get(factor, 0) + power * exponent
        parts = [f"({factor})^{exponent}" for factor, exponent in sorted(exponents.items()) if exponent]
        return f.coefficient * sign, text + "".join(parts)

    def without_constants(self, f: Element) -> str:
        """The text of an element without its constant factors, such as pi and sqrt(2)."""
        field = self.field
        powers = {number: e for number, e in f.powers.items() if not field.kernels[number].constant}
        sums = [(p, e) for p, e in f.sums if not field.is_constant(Element(fmpq(1), {}, [(p, 1)], field))]
        return self(Element(fmpq(1), powers, sums, field))[1]

    def _monomial(self, powers: Iterable[tuple[int, int]]) -> tuple[int, str]:
        """(sign, text) of a product of powers of kernels; the exponents of exponentials are added."""
        sign = 1
        parts = []
        exponents: dict[str, fmpq] = {}
        for number, exponent in powers:
            kernel = self.field.kernels[number]
            if kernel.name == "exp":
                factor, text = self._argument(number)
                exponents[text] = exponents.get(text, fmpq(0)) + factor * exponent
                continue
            own, text = self._kernel(number)
            if exponent % 2:
                sign *= own
            parts.append(text if exponent == 1 else f"{text}^{exponent}")
        parts += [f"exp({factor}*{text})" for text, factor in exponents.items() if factor]
        return sign, "*".join(sorted(parts))

    def _kernel(self, number: int) -> tuple[int, str]:
        """(sign, text): an odd function of -u is minus that of u."""
        known = self._kernels.get(number)
        if known is None:
            known = self._kernels[number] = self._new_kernel(number)
        return known

    def _new_kernel(self, number: int) -> tuple[int, str]:
        kernel = self.field.kernels[number]
        if kernel.argument is None:
            return 1, kernel.name
        factor, text = self._argument(number)
        sign = 1
        if factor < 0 and (kernel.name in ODD or kernel.name in EVEN):
            factor = -factor
            sign = -1 if kernel.name in ODD else 1
        degree = kernel.degree or ""
        return sign, f"{kernel.name}{degree}({factor}*{text})"

    def _argument(self, number: int) -> tuple[fmpq, str]:
        known = self._arguments.get(number)
        if known is None:
            argument = self.field.kernels[number].argument
            assert argument is not None
            known = self._arguments[number] = self(argument)
        return known

    def _factors(self, p: Polynomial) -> tuple[int, list[tuple[str, int]]]:
        """(sign, texts of irreducible factors with their exponents) of a sum."""
        key = key_of(p)
        known = self._sums.get(key)
        if known is None:
            known = self._sums[key] = self._factored(p)
        return known

    def _factored(self, p: Polynomial) -> tuple[int, list[tuple[str, int]]]:
        sign, factors = factors_of_sum(p, LONGEST_FACTORED)
        texts = []
        for q, exponent in factors:
            own, text = self._sum(q)
            if exponent % 2:
                sign *= own
            texts.append((text, exponent))
        return sign, texts

    def _sum(self, p: Polynomial) -> tuple[int, str]:
        """(sign, text) of a sum, the first of whose terms is positive."""
        terms = []
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            own, text = self._monomial((number, int(e)) for number, e in enumerate(monomial) if e)
            terms.append((text, int(coefficient) * own))
        terms.sort()
        sign = 1 if terms[0][1] > 0 else -1
        return sign, "+".join(f"{sign * c}{text}" for text, c in terms)
