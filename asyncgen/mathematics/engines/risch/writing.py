"""From elements of a tower to real functions as trees."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm
from operator import itemgetter

from asyncgen.mathematics.engines.risch.conjugation import Conjugation
from asyncgen.mathematics.engines.risch.constant_roots import ConstantRootKernel
from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    divided,
    multiplied,
    number,
    raised,
    shorter,
    with_tangents,
)
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.step_functions import StepFunctions
from asyncgen.mathematics.engines.risch.sums import sum_of, written_sum
from asyncgen.mathematics.engines.risch.terms import (
    Exponents,
    Terms,
    common_root,
    is_one,
    scaled,
    shifted,
    terms_of,
)
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element, Polynomial
from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.fields.roots import components


class Writer:
    """Writes the elements of one tower, whose variable x is called `x`.

    names: for the roots of its field, a tree and the element that it is to be divided by.
    real_series: whether 1F2 of a real argument is preferred to 1F1 of a complex one and its conjugate. It is
    shorter, but not known far out, where its terms cancel.
    """

    def __init__(
        self,
        tower: Tower,
        x: Node,
        names: Mapping[int, tuple[Node, Element]] | None = None,
    ) -> None:
        self.field = tower.field
        self.constants = tower.constants
        self.conjugation = Conjugation(tower, names)
        self._kernels: dict[int, Kernel] = {
            kernel.v: kernel for kernel in (*tower.constants.kernels, *tower.step_kernels, *tower.kernels)
        }
        self._nodes: dict[int, Node] = {tower.field.tower[0]: x}
        self._exponents: dict[int, Node] = {}
        self.names = names or {}
        self.real_series = True
        self._roots = {kernel.root.v: kernel for kernel in tower.constants.roots.kernels}
        self._functions = StepFunctions(self, tower)
        self.exponentials = [v for v, kernel in self._kernels.items() if kernel.is_exponential]
        self.exponentials += [v for v in self.conjugation.imaginary if v in self._roots]

    # -- elements ----------------------------------------------------------------------------------------

    def real(self, f: Element) -> Node:
        """The real part of an element."""
        return self._with_root(self.conjugation.real_part(self._functions.in_place_of_steps(f)))

    def _with_root(self, f: Element) -> Node:
        """A real element, with its roots as the function writes them."""
        field = self.field
        roots = [v for v, (_, factor) in self.names.items() if factor != field.one and field.contains(f, v)]
        if not roots:
            return self._shorter_quotient(f)
        nodes = []
        for subset, part in components(field, f, roots).items():
            node: Node = 1
            for v in sorted(subset):
                part = part / self.names[v][1]
                node = multiplied(node, self.names[v][0])
            nodes.append(multiplied(self._with_root(part), node))
        return sum_of(nodes)

    def real_quotient(self, f: Element) -> Node:
        """An element that is its own conjugate: a quotient of two real polynomials."""
        return self._shorter_quotient(self._functions.in_place_of_steps(f))

    def _shorter_quotient(self, f: Element) -> Node:
        node = self._real_quotient(f)
        if f.denominator.is_constant() or self.field.level(f.denominator) >= 0:
            return node
        return shorter(node, self._over_constants(f))

    def _over_constants(self, f: Element) -> Node:
        """The same with the constants below written under each term."""
        field = self.field
        parts = field.over_constants(f.numerator)
        if len(parts) == 1 or not self._are_real(parts):
            return self._real_quotient(f)
        return sum_of(
            multiplied(
                self._real_quotient(field.reduced(part, f.denominator)),
                self.sum({outer: numbers.ONE}),
            )
            for outer, part in sorted(parts.items(), reverse=True, key=itemgetter(0))
        )

    def _are_real(self, monomials: Iterable[tuple[int, ...]]) -> bool:
        """Whether no exp(iu) with a u that moves stands in one of these."""
        moving = set(self.conjugation.imaginary).difference(self.field.constants)
        return not any(monomial[v] for monomial in monomials for v in moving)

    def _real_quotient(self, f: Element) -> Node:
        above, below = terms_of(self.field, f.numerator), terms_of(self.field, f.denominator)
        if len(below) > 1 or self.conjugation.imaginary:
            shift = self.conjugation.centre(below)
            above, below = shifted(above, shift), shifted(below, shift)
            factor = self.conjugation.factor_to_real(below)
            if factor is None:
                raise Undecided("a denominator that is not real")
            above, below = scaled(above, factor), scaled(below, factor)
        return self.quotient(above, below)

    def quotient(self, above: Terms, below: Terms) -> Node:
        """The real part of one sum of terms over that of another, with integers in lowest terms."""
        if not above:
            return 0
        if len(below) == 1:
            above, below = self._without_exponential(above, below)
        if is_one(below) and common_root(above) == 1:
            return self.sum(above)
        above_inverse = numbers.inverse(self._content(above))
        below_inverse = numbers.inverse(self._content(below))
        factor = numbers.times(numbers.inverse(above_inverse), below_inverse)
        above, below = scaled(above, above_inverse), scaled(below, below_inverse)
        top, bottom = with_tangents(self.sum(above), self.sum(below))
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

    def _without_exponential(self, above: Terms, below: Terms) -> tuple[Terms, Terms]:
        """Both over the exponentials in the one term below, if so there are powers of both signs above."""
        ((exponents, _),) = below.items()
        if len(above) == 1 or not any(exponents[v] for v in self.exponentials):
            return above, below
        shift = tuple(-e if self.is_exponential(v) else 0 for v, e in enumerate(exponents))
        moved = shifted(above, shift)
        for v, e in enumerate(shift):
            if e and len({others[v] > 0 for others in moved if others[v]}) > 1:
                return moved, shifted(below, shift)
        return above, below

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
        d = common_root(terms)
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

    def with_functions(self, p: Polynomial) -> Polynomial:
        """A polynomial with the functions that have steps in their place, but for a constant factor."""
        f = self._functions.in_place_of_steps(self.field.of(p))
        if not self.field.is_constant(self.field.of(f.denominator)):
            raise Undecided("residues with constants")
        return f.numerator

    def name(self, v: int, node: Node) -> None:
        """Say what a variable is called, unless it has a name."""
        self._nodes.setdefault(v, node)

    def complex(self, f: Element) -> Node:
        """An element with its imaginary part."""
        f = self._functions.in_place_of_steps(f)
        conjugate = self.conjugation.of(f)
        if conjugate is f or conjugate == f:
            return self._shorter_quotient(f)
        half = self.field.number(1, 2)
        imaginary = self._with_root((conjugate - f) * half * self.field.i)
        return added(self._with_root((f + conjugate) * half), multiplied("I", imaginary))

    # -- sums of terms -----------------------------------------------------------------------------------

    def sum(self, terms: Terms) -> Node:
        """The real part of a sum of terms."""
        return written_sum(self, terms)

    def monomial(self, exponents: Exponents) -> Node:
        """A product of powers of variables that are no exponentials."""
        product: Node = 1
        if not any(exponents):
            return product
        for v, e in enumerate(exponents):
            if e:
                product = multiplied(product, raised(self.variable(v), int(e)))
        return product

    def variable(self, v: int) -> Node:
        """A variable that is x, a logarithm or one with a name."""
        if v not in self._nodes and v in self.names:
            node, factor = self.names[v]
            if not self.conjugation.is_real(factor):
                raise Undecided("a root that is not real")
            self._nodes[v] = divided(node, self.real_quotient(factor))
        if v not in self._nodes:
            if v in self._roots:
                self._nodes[v] = self._root(self._roots[v])
            else:
                kernel = self._kernels[v]
                self._nodes[v] = ("ln", self.complex(kernel.power)) if kernel.node is None else kernel.node
        return self._nodes[v]

    def _root(self, kernel: ConstantRootKernel) -> Node:
        """The root of a constant."""
        if kernel.exponent is not None:
            return ("exp", self.complex(kernel.exponent))
        radicand, n = self.complex(kernel.root.radicand), kernel.root.degree
        return ("sqrt", radicand) if n == 2 else ("pow", radicand, ("div", 1, n))

    def variable_or_exponential(self, v: int) -> Node:
        """A variable, whatever it is."""
        kernel = self._kernels.get(v)
        if kernel is not None and kernel.is_exponential:
            return ("exp", self.exponent(v))
        return self.variable(v)

    def is_exponential(self, v: int) -> bool:
        """Whether the variable is an exponential."""
        return v in self.exponentials

    def exponent_times(self, v: int, factor: Fraction) -> Node:
        """The exponent of a variable exp(w) or exp(iw), times a number."""
        if factor.denominator == 1:
            return multiplied(int(factor), self.exponent(v))
        multiple = self.field.number(factor.numerator, factor.denominator)
        return self.complex(self._exponent(v) * multiple)

    def exponents_together(self, exponents: Exponents) -> Node | None:
        """The sum of the exponents times these, where functions with steps may stand in it, else None."""
        if not self._functions.steps:
            return None
        together = self.field.zero
        for v, e in enumerate(exponents):
            if e:
                together = together + self._exponent(v) * self.field.number(e.numerator, e.denominator)
        return self.complex(together)

    def _exponent(self, v: int) -> Element:
        exponent = self._roots[v].exponent if v in self._roots else self._kernels[v].exponent
        assert exponent is not None
        return -(exponent * self.field.i) if v in self.conjugation.imaginary else exponent

    def exponent(self, v: int) -> Node:
        """w, where the variable v is exp(w) or exp(iw)."""
        if v not in self._exponents:
            self._exponents[v] = self.complex(self._exponent(v))
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
