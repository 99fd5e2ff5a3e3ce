"""From elements of a tower to real functions as trees."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from asyncgen.mathematics.engines.risch.conjugation import Conjugation
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    collected,
    divided,
    leads_with_minus,
    multiplied,
    number,
    raised,
)
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.radicals import Radical, apart
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided

MOST_TERMS = 400  # of one sum
MOST_PRODUCTS = 4_000  # of terms, in the norm of the argument of a logarithm

Exponents = tuple[Fraction | int, ...]
Terms = dict[Exponents, numbers.Number]  # a Laurent polynomial; half of an exp(iu) may stand in it


class Writer:
    """Writes the elements of one tower, whose variable x is called `x`.

    radical: the root that the field was extended by.
    names: for further variables, a tree and the element that it is to be divided by.
    """

    def __init__(
        self,
        tower: Tower,
        x: Node,
        names: Mapping[int, tuple[Node, Element]] | None = None,
        radical: Radical | None = None,
    ) -> None:
        self.field = tower.field
        self.constants = tower.constants
        self.conjugation = Conjugation(tower, radical, names)
        self._kernels: dict[int, Kernel] = {
            kernel.v: kernel for kernel in (*tower.constants.kernels, *tower.kernels)
        }
        self._nodes: dict[int, Node] = {tower.field.tower[0]: x}
        self._exponents: dict[int, Node] = {}
        self._names = names or {}
        self._radical = radical

    # -- elements ----------------------------------------------------------------------------------------

    def real(self, f: Element) -> Node:
        """The real part of an element."""
        return self._with_root(self.conjugation.real_part(f))

    def _with_root(self, f: Element) -> Node:
        """A real element, a + b S with S as the function writes it."""
        if self._radical is None or not self.field.contains(f, self._radical.v):
            return self.real_quotient(f)
        node, factor = self._names[self._radical.v]
        if factor == self.field.one:
            return self.real_quotient(f)
        a, b = apart(self.field, f, self._radical)
        return sum_of((multiplied(self.real_quotient(b / factor), node), self.real_quotient(a)))

    def real_quotient(self, f: Element) -> Node:
        """An element that is its own conjugate: a quotient of two real polynomials."""
        above, below = self.terms_of(f.numerator), self.terms_of(f.denominator)
        if len(below) > 1 or self.conjugation.imaginary:
            shift = self.centre(below)
            above, below = shifted(above, shift), shifted(below, shift)
            factor = self.factor_to_real(below)
            if factor is None:
                raise Undecided("a denominator that is not real")
            above, below = scaled(above, factor), scaled(below, factor)
        return self.quotient(above, below)

    def quotient(self, above: Terms, below: Terms) -> Node:
        """The real part of one sum of terms over that of another, with integers in lowest terms."""
        if not above:
            return 0
        factor = numbers.ONE
        if len(below) > 1 or not _is_one(below) or _common_root(above) != 1:
            above_inverse = numbers.inverse(self._content(above))
            below_inverse = numbers.inverse(self._content(below))
            factor = numbers.times(numbers.inverse(above_inverse), below_inverse)
            above, below = scaled(above, above_inverse), scaled(below, below_inverse)
        top, bottom = self.sum(above), self.sum(below)
        if top == 0:
            return 0
        ((d, q),) = factor.items()
        if d == 1:
            return divided(multiplied(q.numerator, top), multiplied(q.denominator, bottom))
        if q.denominator % d == 0:  # p sqrt(d)/(q d) = p/(q sqrt(d))
            q *= d
            bottom = multiplied(("sqrt", d), bottom)
        else:
            top = multiplied(("sqrt", d), top)
        return divided(multiplied(q.numerator, top), multiplied(q.denominator, bottom))

    def _content(self, terms: Terms) -> numbers.Number:
        """The greatest rational number by which the coefficients are integers; with the first one's sign.

        exp(iu) and exp(-iu) are written as one cosine, with twice their coefficient. A root of an integer
        that stands in all coefficients is taken out, too.
        """
        imaginary = self.conjugation.imaginary
        parts = [
            part * 2 if any(exponents[v] for v in imaginary) else part
            for exponents, coefficient in terms.items()
            for part in coefficient.values()
        ]
        size = Fraction(gcd(*(c.numerator for c in parts)), lcm(*(c.denominator for c in parts)))
        d = _common_root(terms)
        first = next(iter(terms.values()))
        sign = -1 if (-first[-d] if -d in first else parts[0]) < 0 else 1
        return numbers.ONE if d == sign == size == 1 else {d: sign * size}

    def primitive(self, terms: Terms) -> Terms:
        """The terms with integers of no common divisor, the first of them positive."""
        return scaled(terms, numbers.inverse(self._content(terms)))

    def positive(self, terms: Terms) -> Terms:
        """The terms with integers of no common divisor, the sum of what is constant in them positive."""
        terms = self.primitive(terms)
        constant = next((c for exponents, c in terms.items() if not any(exponents)), numbers.ONE)
        return scaled(terms, numbers.of(-1)) if numbers.ball(constant).real < 0 else terms

    def complex(self, f: Element) -> Node:
        """An element with its imaginary part."""
        conjugate = self.conjugation.of(f)
        if conjugate is f or conjugate == f:
            return self.real_quotient(f)
        half = self.field.number(1, 2)
        imaginary = self.real_quotient((conjugate - f) * half * self.field.i)
        return added(self._with_root((f + conjugate) * half), multiplied("I", imaginary))

    def terms_of(self, p: Polynomial) -> Terms:
        """The terms of a polynomial, its numbers read."""
        return {
            tuple(int(e) for e in monomial): self.field.numbers.number(int(coefficient))
            for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True)
        }

    def centre(self, terms: Terms) -> Exponents:
        """The exponents by which terms are to be multiplied, so that those of each exp(iu) lie around 0."""
        shift: list[Fraction | int] = [0] * self.field.size
        for v in self.conjugation.imaginary:
            exponents = [exponent[v] for exponent in terms]
            middle = Fraction(max(exponents) + min(exponents), 2)
            shift[v] = -(int(middle) if middle.denominator == 1 else middle)
        return tuple(shift)

    def factor_to_real(self, terms: Terms) -> numbers.Number | None:
        """The number that makes real what is a real polynomial but for a factor; None where it is not."""
        conjugated = self.conjugated(terms)
        total = _plus(terms, conjugated)
        if not total:
            total = scaled(_plus(terms, scaled(conjugated, numbers.of(-1))), numbers.minus(numbers.IMAGINARY))
        exponents = next(iter(total))
        if exponents not in terms:
            return None
        factor = numbers.times(total[exponents], numbers.inverse(terms[exponents]))
        if scaled(terms, factor) != total:
            return None
        return numbers.times(factor, numbers.of(Fraction(1, 2)))

    def conjugated(self, terms: Terms) -> Terms:
        """The conjugates of the terms."""
        imaginary = frozenset(self.conjugation.imaginary)
        return {
            tuple(-e if v in imaginary else e for v, e in enumerate(exponents)): numbers.conjugate(
                coefficient
            )
            for exponents, coefficient in terms.items()
        }

    # -- sums of terms -----------------------------------------------------------------------------------

    def sum(self, terms: Terms) -> Node:
        """The real part of a sum of terms: c exp(iu) is written with cos(u) and sin(u)."""
        if len(terms) > MOST_TERMS:
            raise Undecided("a long answer")
        if not self.conjugation.imaginary:
            ordered = sorted(terms.items(), key=_place, reverse=True)
            return sum_of(multiplied(self.number(c), self._monomial(exponents)) for exponents, c in ordered)
        groups: dict[tuple[Exponents, Exponents], tuple[numbers.Number, numbers.Number]] = {}
        for exponents, coefficient in terms.items():
            rest, angle = self._parted(exponents)
            sign = 1
            if next((e for e in angle if e), 0) < 0:
                angle, sign = tuple(-e for e in angle), -1
            cosine, sine = groups.get((rest, angle), (numbers.ZERO, numbers.ZERO))
            real = {d: c for d, c in coefficient.items() if d > 0}
            imaginary = {-d: -sign * c for d, c in coefficient.items() if d < 0}
            groups[rest, angle] = numbers.plus(cosine, real), numbers.plus(sine, imaginary)
        return sum_of(
            multiplied(self._wave(angle, cosine, sine), self._monomial(rest))
            for (rest, angle), (cosine, sine) in sorted(groups.items(), key=_place, reverse=True)
        )

    def _parted(self, exponents: Exponents) -> tuple[Exponents, Exponents]:
        """The exponents of what is real, and those of the exp(iu)."""
        imaginary = self.conjugation.imaginary
        if not imaginary:
            return exponents, ()
        rest = tuple(0 if v in imaginary else e for v, e in enumerate(exponents))
        angle = tuple(e if v in imaginary else 0 for v, e in enumerate(exponents))
        return rest, angle

    def _wave(self, angle: Exponents, cosine: numbers.Number, sine: numbers.Number) -> Node:
        """cosine * cos(angle) + sine * sin(angle)."""
        if not any(angle):
            return self.number(cosine)
        theta: Node = 0
        for v, e in enumerate(angle):
            if e:
                theta = added(theta, multiplied(number(e), self.exponent(v)))
        first = multiplied(self.number(cosine), ("cos", theta)) if cosine else 0
        second = multiplied(self.number(sine), ("sin", theta)) if sine else 0
        return added(first, second)

    def _monomial(self, exponents: Exponents) -> Node:
        """A product of powers of real variables; the exponentials are joined to one."""
        product: Node = 1
        exponent: Node = 0
        for v, e in enumerate(exponents):
            if not e:
                continue
            kernel = self._kernels.get(v)
            if kernel is not None and kernel.is_exponential:
                exponent = added(exponent, multiplied(number(e), self.exponent(v)))
            else:
                product = multiplied(product, raised(self.variable(v), int(e)))
        if exponent == 0:
            return product
        return multiplied(product, "E" if exponent == 1 else ("exp", collected(exponent)))

    def call(self, v: int, node: Node) -> None:
        """Write a variable as this tree from now on."""
        self._nodes[v] = node

    def variable(self, v: int) -> Node:
        """A variable that is x, a logarithm or one with a name."""
        if v not in self._nodes and v in self._names:
            node, factor = self._names[v]
            if not self.conjugation.is_real(factor):
                raise Undecided("a root that is not real")
            self._nodes[v] = divided(node, self.real_quotient(factor))
        if v not in self._nodes:
            kernel = self._kernels[v]
            self._nodes[v] = ("ln", self.real(kernel.power)) if kernel.node is None else kernel.node
        return self._nodes[v]

    def variable_or_exponential(self, v: int) -> Node:
        """A variable, whatever it is."""
        kernel = self._kernels.get(v)
        if kernel is not None and kernel.is_exponential:
            return ("exp", self.exponent(v))
        return self.variable(v)

    def is_exponential(self, v: int) -> bool:
        """Whether the variable is an exponential."""
        kernel = self._kernels.get(v)
        return kernel is not None and kernel.is_exponential

    def exponent(self, v: int) -> Node:
        """w, where the variable v is exp(w) or exp(iw)."""
        if v not in self._exponents:
            exponent = self._kernels[v].exponent
            if v in self.conjugation.imaginary:
                exponent = -(exponent * self.field.i)
            self._exponents[v] = self.real(exponent)
        return self._exponents[v]

    def parts(self, value: numbers.Number) -> tuple[Node, Node]:
        """The real and the imaginary part of a number."""
        real = {d: c for d, c in value.items() if d > 0}
        return self.number(real), self.number({-d: c for d, c in value.items() if d < 0})

    def number(self, value: numbers.Number) -> Node:
        """A real number."""
        if len(value) == 1 and 1 in value:
            return number(value[1])
        total: Node = 0
        for d, c in sorted(value.items()):
            if d < 0:
                raise Undecided("a number that is not real")
            total = added(total, number(c) if d == 1 else multiplied(number(c), ("sqrt", d)))
        return total


def _common_root(terms: Terms) -> int:
    """d > 1 if all coefficients are rational multiples of sqrt(d) or i sqrt(d), else 1."""
    first = next(iter(terms.values()))
    if len(first) > 1 or 1 in first or -1 in first:
        return 1
    roots = {abs(d) for coefficient in terms.values() for d in coefficient}
    return roots.pop() if len(roots) == 1 else 1


def _is_one(terms: Terms) -> bool:
    (exponents, coefficient), *others = terms.items()
    return not others and not any(exponents) and coefficient == numbers.ONE


def shifted(terms: Terms, shift: Exponents) -> Terms:
    """The terms times the monomial with these exponents."""
    if not any(shift):
        return terms
    return {
        tuple(a + b for a, b in zip(exponents, shift, strict=True)): coefficient
        for exponents, coefficient in terms.items()
    }


def scaled(terms: Terms, factor: numbers.Number) -> Terms:
    """The terms times a number."""
    if factor is numbers.ONE or factor == numbers.ONE:
        return terms
    return {exponents: numbers.times(coefficient, factor) for exponents, coefficient in terms.items()}


def _plus(first: Terms, second: Terms) -> Terms:
    total = dict(first)
    for exponents, coefficient in second.items():
        value = numbers.plus(total.get(exponents, numbers.ZERO), coefficient)
        if value:
            total[exponents] = value
        else:
            total.pop(exponents, None)
    return total


def product_of(first: Terms, second: Terms) -> Terms:
    """The product of two sums of terms. Raises Undecided where it is very long."""
    if len(first) * len(second) > MOST_PRODUCTS:
        raise Undecided("a long answer")
    total: Terms = {}
    for exponents, coefficient in first.items():
        for others, factor in second.items():
            place = tuple(a + b for a, b in zip(exponents, others, strict=True))
            total[place] = numbers.plus(total.get(place, numbers.ZERO), numbers.times(coefficient, factor))
    return {exponents: coefficient for exponents, coefficient in total.items() if coefficient}


def _place(item: tuple[Any, Any]) -> Any:
    return item[0]


def sum_of(nodes: Iterable[Node]) -> Node:
    """The sum of trees: first the first one without a minus, as 2 - x is shorter than -x + 2."""
    terms = list(nodes)
    first = next((j for j, node in enumerate(terms) if not leads_with_minus(node)), 0)
    total: Node = 0
    for node in (*terms[first : first + 1], *terms[:first], *terms[first + 1 :]):
        total = added(total, node)
    return total
