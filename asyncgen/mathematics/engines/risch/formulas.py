"""Elements of a tower as formulas in its own variables: x, kernels t1, t2, ..., constants as themselves."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import gcd, lcm
from operator import itemgetter

from asyncgen.mathematics.engines.risch.constant_roots import ConstantRootKernel
from asyncgen.mathematics.engines.risch.denominators import squarefree_factors
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    divided,
    multiplied,
    number,
    raised,
)
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.reading import Reading
from asyncgen.mathematics.engines.risch.steps import Step
from asyncgen.mathematics.engines.risch.terms import Exponents, Terms, terms_of
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import NeedsPrime, Undecided

MOST_TERMS = 200  # of a formula that is written

ROOT = "S"  # by which a tower is extended; S1, S2, ... if there are several


class Formulas:
    """The formulas of one tower. `x` is the name of its first variable."""

    def __init__(self, reading: Reading, x: str) -> None:
        self.field = reading.tower.field
        self._leaves: dict[int, Node] = {self.field.tower[0]: x}
        for place, kernel in enumerate(reading.tower.kernels, start=1):
            self._leaves[kernel.v] = f"t{place}"
        roots = self.field.roots
        for place, root in enumerate(roots, start=1):
            self._leaves[root.v] = ROOT if len(roots) == 1 else f"{ROOT}{place}"
        for v, write in self._constants(reading.tower):
            self._leaves[v] = write()

    def _constants(self, tower: Tower) -> list[tuple[int, Callable[[], Node]]]:
        """What writes the constants, each made of those before it."""
        steps = [] if tower.steps is None else tower.steps.steps
        written: list[tuple[int, Callable[[], Node]]] = [
            *((kernel.v, partial(self._constant, kernel)) for kernel in tower.constants.kernels),
            *((kernel.v, partial(self._constant, kernel)) for kernel in tower.step_kernels),
            *((kernel.root.v, partial(self._root, kernel)) for kernel in tower.constants.roots.kernels),
            *((step.v, partial(self._step, step)) for step in steps),
        ]
        return sorted(written, key=itemgetter(0))

    def _root(self, kernel: ConstantRootKernel) -> Node:
        if kernel.exponent is not None:
            exponent = self.of(kernel.exponent)
            return None if exponent is None else ("exp", exponent)
        radicand, n = self.of(kernel.root.radicand), kernel.root.degree
        if radicand is None:
            return None
        return ("sqrt", radicand) if n == 2 else ("pow", radicand, ("div", 1, n))

    def _step(self, step: Step) -> Node:
        """(factor * function - total)/i, which is constant on each interval."""
        factor, total = (self.of(-(f * self.field.i)) for f in (step.factor, step.total))
        if factor is None or total is None:
            return None
        return added(multiplied(factor, step.node), multiplied(-1, total))

    def _constant(self, kernel: Kernel) -> Node:
        if kernel.node is not None:
            return kernel.node
        argument = self.of(kernel.exponent if kernel.is_exponential else kernel.power)
        if argument is None:
            return None
        if kernel.is_exponential:
            return "E" if argument == 1 else ("exp", argument)
        return ("ln", argument)

    def name(self, v: int) -> Node:
        """The name of a variable; a constant's formula."""
        return self._leaves[v]

    def of(self, f: Element) -> Node:
        """An element; None where it is too long, or its numbers cannot be read."""
        if len(f.numerator) + len(f.denominator) > MOST_TERMS:
            return None
        try:
            return self._quotient(f)
        except (Undecided, NeedsPrime):
            return None

    def polynomial(self, p: Polynomial) -> Node:
        """A polynomial."""
        return self.of(self.field.of(p))

    def sum(self, elements: list[Element]) -> Node:
        """A sum of elements, as one of formulas."""
        total: Node = 0
        for element in elements:
            part = self.of(element)
            if part is None:
                return None
            total = added(total, part)
        return total

    # -- fractions ---------------------------------------------------------------------------------------

    def _quotient(self, f: Element) -> Node:
        """The numerator over the squarefree factors of the denominator, integers in both."""
        if not f:
            return 0
        factor, turned, above = self._primitive(terms_of(self.field, f.numerator))
        below: Node = 1
        for part, exponent in squarefree_factors(self.field, f.denominator):
            part = part / part.leading_coefficient()
            content, imaginary, terms = self._primitive(terms_of(self.field, part))
            assert not imaginary  # it is monic
            factor = factor / content**exponent
            below = multiplied(below, raised(self._sum(terms), exponent))
        top = multiplied(factor.numerator, self._sum(above))
        if turned:
            top = multiplied("I", top)
        return divided(top, multiplied(factor.denominator, below))

    def _primitive(self, terms: Terms) -> tuple[Fraction, bool, Terms]:
        """(q, turned, rest) with terms = q rest, or q I rest; integers without a common divisor in rest."""
        turned = all(d < 0 for coefficient in terms.values() for d in coefficient)
        if turned:
            back = numbers.minus(numbers.IMAGINARY)
            terms = {place: numbers.times(c, back) for place, c in terms.items()}
        parts = [part for c in terms.values() for part in c.values()]
        content = Fraction(gcd(*(c.numerator for c in parts)), lcm(*(c.denominator for c in parts)))
        leading = terms[max(terms, key=self._order)]
        if next(iter(leading.values())) < 0:
            content = -content
        scale = numbers.of(1 / content)
        return content, turned, {place: numbers.times(c, scale) for place, c in terms.items()}

    def _order(self, exponents: Exponents) -> Exponents:
        """Terms with high powers of the last kernels come first."""
        return exponents[::-1]

    def _sum(self, terms: Terms) -> Node:
        total: Node = 0
        for place in sorted(terms, key=self._order, reverse=True):
            total = added(total, self._term(terms[place], place))
        return total

    def _term(self, coefficient: numbers.Number, exponents: Exponents) -> Node:
        monomial: Node = 1
        constants = [v for v, e in enumerate(exponents) if e and v in self.field.constants]
        others = [v for v, e in enumerate(exponents) if e and v not in self.field.constants]
        for v in (*constants, *others):
            monomial = multiplied(monomial, self._power(v, int(exponents[v])))
        return multiplied(self.number(coefficient), monomial)

    def _power(self, v: int, exponent: int) -> Node:
        leaf = self._leaves[v]
        if leaf is None:
            raise Undecided("a long answer")
        if isinstance(leaf, tuple) and leaf[0] == "exp":
            return ("exp", multiplied(exponent, leaf[1]))
        return raised(leaf, exponent)

    def number(self, value: numbers.Number) -> Node:
        """A number, with I for the imaginary unit."""
        total: Node = 0
        for d, c in sorted(value.items(), key=lambda item: (item[0] < 0, abs(item[0]))):
            root: Node = 1 if abs(d) == 1 else ("sqrt", abs(d))
            total = added(total, multiplied(number(c), multiplied("I", root) if d < 0 else root))
        return total


def applied(token: str, argument: Node) -> Node:
    """A function of a formula that may not be known."""
    return None if argument is None else (token, argument)
