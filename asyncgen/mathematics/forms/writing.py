"""From elements to prefix notation: the shortest of a few forms that people write.

An element is written as a product over a product; with its numerator multiplied out; or with each term of the
numerator over the denominator. Sums are flat: x**3 + x, not x*(x**2 + 1).
"""

from collections.abc import Iterable
from math import gcd

from flint import fmpq

from asyncgen.mathematics.forms.element import Element, Polynomial, key_of
from asyncgen.mathematics.forms.field import Field

Tokens = tuple[str, ...]
_Term = tuple[bool, Tokens]  # whether it is subtracted, and its absolute value

WIDEST_TERMWISE = 24  # terms of a numerator that are each written over the denominator
WIDEST_EXPANDED = 48  # terms of a product that is multiplied out
MOST_PRODUCTS = 200


class Writer:
    """Writes the elements of one field; what was written once is kept."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._kernels: dict[int, Tokens] = {}
        self._powers: dict[tuple[int, int], Tokens] = {}
        self._sums: dict[object, Tokens] = {}

    def __call__(self, f: Element) -> Tokens:
        """The tokens of an element."""
        if not f.coefficient:
            return integer(0)
        written = self._product(f)
        above = [(p, e) for p, e in f.sums if e > 0]
        if not above or not (
            len(above) > 1 or above[0][1] > 1 or f.powers or f.coefficient != 1 or len(f.sums) > 1
        ):
            return written
        numerator = self._multiplied(above)
        if numerator is None:
            return written
        below = [(p, e) for p, e in f.sums if e < 0]
        forms = [written]
        if len(above) > 1 or above[0][1] > 1:
            forms.append(
                self._product(Element(f.coefficient, f.powers, [(numerator, 1), *below], self.field))
            )
        if len(numerator) <= WIDEST_TERMWISE:
            forms.append(self._termwise(Element(f.coefficient, f.powers, below, self.field), numerator))
        return min(forms, key=len)

    def _multiplied(self, sums: list[tuple[Polynomial, int]]) -> Polynomial | None:
        """The product of powers of sums, where that is not long."""
        size = 1
        for p, exponent in sums:
            size *= len(p) ** exponent
        if size > MOST_PRODUCTS:
            return None
        product = self.field.unit
        for p, exponent in sums:
            product = product * p**exponent
        return product if len(product) <= WIDEST_EXPANDED else None

    def _termwise(self, rest: Element, numerator: Polynomial) -> Tokens:
        """The sum of the numerator's terms, each times the rest."""
        field = self.field
        whole: list[Element] = []
        terms: list[Element] = []
        for monomial, coefficient in numerator.to_dict().items():
            powers = {number: int(e) for number, e in enumerate(monomial) if e}
            term = rest * field.opened(Element(fmpq(coefficient), powers, [], field))
            has_denominator = any(e < 0 for e in term.powers.values()) or any(e < 0 for _, e in term.sums)
            (terms if has_denominator else whole).append(term)
        if len(whole) > 1:
            whole = [field.sum(whole)]
        signed = [(term.coefficient < 0, term) for term in (*whole, *terms) if term]
        return sum_of((negative, self._product(-term if negative else term)) for negative, term in signed)

    def _product(self, f: Element) -> Tokens:
        """A product over a product."""
        above: list[Tokens] = []
        below: list[Tokens] = []
        for number, exponent in sorted(f.powers.items()):
            (above if exponent > 0 else below).append(self._power(number, abs(exponent)))
        negative = f.coefficient < 0
        for p, exponent in f.sums:
            written = self._sum(p)
            if negative and exponent % 2 and min(p.coeffs()) < 0:  # 3 - x rather than -(x - 3)
                written, negative = self._sum(-p), False
            (above if exponent > 0 else below).append(raised(written, abs(exponent)))
        p, q = abs(int(f.coefficient.p)), int(f.coefficient.q)
        if p != 1 or negative or not above:
            above.insert(0, integer(-p if negative else p))
        if q != 1:
            below.insert(0, integer(q))
        return ("div", *product_of(above), *product_of(below)) if below else product_of(above)

    def _sum(self, p: Polynomial) -> Tokens:
        """A polynomial, term by term."""
        key = key_of(p)
        written = self._sums.get(key)
        if written is None:
            terms = (
                (coefficient < 0, self._term(monomial, abs(int(coefficient))))
                for monomial, coefficient in zip(*key, strict=True)
            )
            written = self._sums[key] = sum_of(terms)
        return written

    def _term(self, monomial: tuple[int, ...], coefficient: int) -> Tokens:
        factors = [self._power(number, int(e)) for number, e in enumerate(monomial) if e]
        if coefficient != 1 or not factors:
            factors.insert(0, integer(coefficient))
        return product_of(factors)

    def _power(self, number: int, exponent: int) -> Tokens:
        """A power of a kernel."""
        if exponent == 1:
            return self._kernel(number)
        key = number, exponent
        written = self._powers.get(key)
        if written is None:
            written = self._powers[key] = self._new_power(number, exponent)
        return written

    def _new_power(self, number: int, exponent: int) -> Tokens:
        """A power of a cube root with two thirds; that of exp(x/2) as exp(x), where that is shorter."""
        kernel = self.field.kernels[number]
        if kernel.name == "root" and kernel.degree > 2:
            assert kernel.argument is not None
            common = gcd(exponent, kernel.degree)
            if kernel.degree == 2 * common:
                return raised(("sqrt", *self(kernel.argument)), exponent // common)
            above, below = integer(exponent // common), integer(kernel.degree // common)
            return ("pow", *self(kernel.argument), "div", *above, *below)
        power = raised(self._kernel(number), exponent)
        if kernel.name != "exp":
            return power
        assert kernel.argument is not None
        return min(power, self._exponential(kernel.argument.scaled(exponent)), key=len)

    def _kernel(self, number: int) -> Tokens:
        written = self._kernels.get(number)
        if written is None:
            written = self._kernels[number] = self._new_kernel(number)
        return written

    def _new_kernel(self, number: int) -> Tokens:
        kernel = self.field.kernels[number]
        if kernel.argument is None:
            return (kernel.name,)
        if kernel.name == "exp":
            return self._exponential(kernel.argument)
        argument = self(kernel.argument)
        if kernel.name == "sum":
            return argument
        if kernel.name != "root":
            return (kernel.name, *argument)
        if kernel.degree == 2:
            return ("sqrt", *argument)
        return ("pow", *argument, "div", *integer(1), *integer(kernel.degree))

    def _exponential(self, exponent: Element) -> Tokens:
        """exp(u), or a**u where u log(a) is the exponent."""
        if exponent.is_number and exponent.coefficient == 1:
            return ("E",)
        for number, power in exponent.powers.items():
            kernel = self.field.kernels[number]
            if kernel.name == "ln" and power == 1 and kernel.argument is not None:
                rest = exponent * self.field.generator(number, -1)
                return ("pow", *self(kernel.argument), *self(rest))
        return ("exp", *self(exponent))


def integer(value: int) -> Tokens:
    """An integer."""
    return ("INT+" if value >= 0 else "INT-", *str(abs(value)))


def raised(base: Tokens, exponent: int) -> Tokens:
    """A power with an exponent of 1 or more."""
    if exponent == 1:
        return base
    return (f"pow{exponent}", *base) if exponent <= 5 else ("pow", *base, *integer(exponent))


def product_of(factors: list[Tokens]) -> Tokens:
    """The product of one factor or more, nested to the right."""
    tokens: list[str] = []
    for factor in factors[:-1]:
        tokens.append("mul")
        tokens += factor
    return (*tokens, *factors[-1])


def sum_of(terms: Iterable[_Term]) -> Tokens:
    """The sum of terms, those that are added before those that are subtracted."""
    added: list[Tokens] = []
    subtracted: list[Tokens] = []
    for negative, term in terms:
        (subtracted if negative else added).append(term)
    if not added:
        added.append(negated(subtracted.pop(0)))
    tokens = ["sub"] * len(subtracted)
    for term in added[:-1]:
        tokens.append("add")
        tokens += term
    tokens += added[-1]
    for term in subtracted:
        tokens += term
    return tuple(tokens)


def negated(term: Tokens) -> Tokens:
    """The opposite of a term, whose numbers are positive."""
    place = 0
    while term[place] in ("mul", "div"):
        place += 1
    if term[place] == "INT+":
        return (*term[:place], "INT-", *term[place + 1 :])
    return ("mul", *integer(-1), *term)
