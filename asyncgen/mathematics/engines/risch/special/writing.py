"""Terms with special functions as real functions: as such ones, or as the sum of F and its conjugate."""

from fractions import Fraction

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    divided,
    multiplied,
    number,
    raised,
    split,
)
from asyncgen.mathematics.engines.risch.special.over_roots import OVER_ROOTS, over_root, root_of
from asyncgen.mathematics.engines.risch.special.terms import Function, Term
from asyncgen.mathematics.engines.risch.sums import argument
from asyncgen.mathematics.engines.risch.writing import Writer
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.element import Element

Pair = tuple[Node, Node]  # a real part and an imaginary part


def sum_of_terms(writer: Writer, terms: list[Term]) -> Node:
    """The real part of a sum of terms. Raises Undecided, NeedsRoot."""
    return _Terms(writer).sum(terms)


def has_series(terms: list[Term]) -> bool:
    """Whether there are terms that can be written with 1F2, or with 1F1 of complex arguments."""
    return any(
        term.function is Function.POWER and 2 * term.parameters[1] != term.parameters[0] for term in terms
    )


def in_exponentials(writer: Writer, f: Element) -> Node:
    """An element with its imaginary part; a single term with its exp(iw) as such."""
    if writer.conjugation.is_real(f) or len(f.numerator) > 1 or len(f.denominator) > 1:
        return writer.complex(f)
    above, below = f.numerator.monoms()[0], f.denominator.monoms()[0]
    exponents = [int(a) - int(b) for a, b in zip(above, below, strict=True)]
    imaginary = writer.conjugation.imaginary
    rest = tuple(0 if v in imaginary else e for v, e in enumerate(exponents))
    angle = tuple(e if v in imaginary else 0 for v, e in enumerate(exponents))
    factor = writer.complex(writer.field.residue(int(f.numerator.leading_coefficient())))
    node = multiplied(factor, writer.sum({rest: numbers.ONE}))
    return multiplied(node, ("exp", multiplied("I", argument(writer, angle)))) if any(angle) else node


class _Terms:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.field, self.conjugation = writer.field, writer.conjugation

    def sum(self, terms: list[Term]) -> Node:
        """The real part of the sum; a term and its conjugate, which have the same one, are written once."""
        total: Node = 0
        waiting = list(terms)
        while waiting:
            term = waiting.pop(0)
            if term.function in OVER_ROOTS:
                total = added(total, self._whole(term))
                continue
            conjugate = self._conjugate(term)
            multiple = self.field.one
            if conjugate != term and conjugate in waiting:
                waiting.remove(conjugate)
                multiple = self.field.number(2)
            total = added(total, self._real_part(term.times(multiple)))
        return total

    def _whole(self, term: Term) -> Node:
        """A term over a root, complex or not: all of them together have a real derivative."""
        a, b = self._coefficient(term)
        return multiplied(added(a, multiplied("I", b)), over_root(self.writer, term))

    def _conjugate(self, term: Term) -> Term:
        of = self.conjugation.of
        arguments = tuple(of(argument) for argument in term.arguments)
        return Term(of(term.factor), of(term.shift), term.function, arguments, term.parameters)

    def _real_part(self, term: Term) -> Node:
        if term.function is Function.POWER:
            term = self._with_real_base(term)
        a, b = self._coefficient(term)
        if b == 0 and term.function is Function.POLYLOGARITHM and term.parameters == (1,):
            return multiplied(a, self._logarithm_of_norm(term.arguments[0]))
        found = self._parts(term)
        if found is not None:
            return added(multiplied(a, found[0]), multiplied(-1, multiplied(b, found[1])))
        value = self._value(term)
        conjugate = self._value(self._conjugate(term))
        half = divided(added(value, conjugate), 2)
        turned = divided(multiplied("I", added(conjugate, multiplied(-1, value))), 2)  # the imaginary part
        return added(multiplied(a, half), multiplied(-1, multiplied(b, turned)))

    # -- factors -----------------------------------------------------------------------------------------

    def _coefficient(self, term: Term) -> Pair:
        """factor * e^shift."""
        parts = self._pair(term.factor)
        if not term.shift:
            return parts
        re, im = self._pair(term.shift)
        size: Node = 1 if re == 0 else ("exp", re)
        a, b = multiplied(parts[0], size), multiplied(parts[1], size)
        if im == 0:
            return a, b
        angle, sign = _positive(im)
        cosine, sine = ("cos", angle), multiplied(sign, ("sin", angle))
        return (
            added(multiplied(a, cosine), multiplied(-1, multiplied(b, sine))),
            added(multiplied(a, sine), multiplied(b, cosine)),
        )

    def _pair(self, f: Element) -> Pair:
        """The real and imaginary part of an element."""
        if self.conjugation.is_real(f):
            return self.writer.real_quotient(f), 0
        return self.writer.real(f), self.writer.real_quotient(self.conjugation.imaginary_part(f))

    def _imaginary(self, f: Element) -> Element | None:
        """w, if f = iw for a real w that is not 0."""
        turned = -(f * self.field.i)
        return turned if f and self.conjugation.is_real(turned) else None

    def _with_real_base(self, term: Term) -> Term:
        """The same term with q real, where q is i times that."""
        q, k = term.arguments
        n, j = term.parameters
        turned = self._imaginary(q)
        if turned is None:
            return term
        i = self.field.i
        return Term(term.factor * i**j, term.shift, term.function, (turned, k * i**n), term.parameters)

    # -- values ------------------------------------------------------------------------------------------

    def _parts(self, term: Term) -> Pair | None:
        """The real and the imaginary part of F, up to a constant; None where F itself is to be written."""
        if term.function is Function.EI:
            return self._ei(term.arguments[0])
        if term.function is Function.POWER:
            return self._power(term)
        if term.function is Function.POLYLOGARITHM and term.parameters == (1,):
            return self._logarithm(term.arguments[0])
        if all(self.conjugation.is_real(argument) for argument in term.arguments):
            return self._value(term), 0
        return None

    def _ei(self, u: Element) -> Pair | None:
        if self.conjugation.is_real(u):
            return ("Ei", self.writer.real_quotient(u)), 0
        turned = self._imaginary(u)
        if turned is None:
            return None
        angle, sign = _positive(self.writer.real_quotient(turned))
        return ("Ci", angle), multiplied(sign, ("Si", angle))

    def _power(self, term: Term) -> Pair | None:
        q, k = term.arguments
        n, j = term.parameters
        if not self.conjugation.is_real(q):
            return None
        base = self.writer.real_quotient(q)
        if self.conjugation.is_real(k):
            return self._with_real_exponent(base, k, n, j), 0
        turned = self._imaginary(k)
        if turned is None or not (self.writer.real_series or 2 * j == n):
            return None
        sign = self._sign(turned)
        size = self.writer.real_quotient(turned * self.field.number(sign))
        even, odd = _fresnel(base, size, j) if 2 * j == n else _hypergeometric(base, size, n, j)
        return even, multiplied(sign, odd)

    def _with_real_exponent(self, q: Node, k: Element, n: int, j: int) -> Node:
        """The integral of e^(k q^n) q^(j-1) in q."""
        if 2 * j != n:
            size = self.writer.real_quotient(k)
            return _confluent(q, size, n, j)
        sign = self._sign(k)
        size = self.writer.real_quotient(k * self.field.number(sign))
        return _error(q, size, j, "erfi" if sign > 0 else "erf")

    def _sign(self, c: Element) -> int:
        """The sign of a real constant; 1 if it is not seen."""
        return -1 if self.writer.constants.ball(c).real < 0 else 1

    def _logarithm(self, z: Element) -> Pair | None:
        """-log(1 - z), the principal one, as the derivative of the dilogarithm is."""
        size = self._logarithm_of_norm(z)
        if self.conjugation.is_real(z):
            return size, 0
        if z * self.conjugation.of(z) != self.field.one and self.conjugation.real_part(z):
            return None
        # 1 - z lies in the right half plane
        ratio = self.conjugation.imaginary_part(z) / self.conjugation.real_part(self.field.one - z)
        return size, ("atan", self.writer.real_quotient(ratio))

    def _logarithm_of_norm(self, z: Element) -> Node:
        """-log|1 - z|, without the bars where z is real: it then is complex where the dilogarithm is."""
        rest = self.field.one - z
        if self.conjugation.is_real(z):
            return multiplied(-1, ("ln", self.writer.real_quotient(rest)))
        return divided(("ln", self.writer.real_quotient(rest * self.conjugation.of(rest))), -2)

    def _value(self, term: Term) -> Node:
        """The function itself, complex."""
        arguments = [in_exponentials(self.writer, argument) for argument in term.arguments]
        if term.function is Function.POLYLOGARITHM:
            (order,) = term.parameters
            if order == 1:
                return multiplied(-1, ("ln", ("sub", 1, arguments[0])))
            return ("polylog", order, arguments[0])
        if term.function is Function.DILOGARITHM:
            return self._dilogarithm(term)
        if term.function is Function.POWER:
            n, j = term.parameters
            q, k = arguments
            return _error(q, k, j) if 2 * j == n else _confluent(q, k, n, j)
        if term.function is Function.POWER_WITH_ROOT:
            return self._with_root(term)
        if term.function is Function.LI:
            return ("li", arguments[0])
        return self._exponential_integral(term.arguments[0])

    def _exponential_integral(self, u: Element) -> Node:
        """Ei(u), as -E_1(-u) where u may cross the cut of Ei, the negative numbers: -u then crosses none."""
        real = self.conjugation.real_part(u)
        if real and self.field.is_constant(real) and self._sign(real) < 0:
            return multiplied(-1, ("expint", 1, in_exponentials(self.writer, -u)))
        return ("Ei", in_exponentials(self.writer, u))

    def _dilogarithm(self, term: Term) -> Node:
        z, base = term.arguments
        rest = in_exponentials(self.writer, self.field.one - z)
        node: Node = ("polylog", 2, rest)
        if base == self.field.one:
            return node
        size = ("abs", rest) if self.conjugation.is_real(z) else rest
        logarithm = ("ln", in_exponentials(self.writer, base))
        return added(node, multiplied(-1, multiplied(logarithm, ("ln", size))))

    def _with_root(self, term: Term) -> Node:
        """e^l q^j/(m s + j) 1F1(a; a + 1; k q^n), a = (m s + j)/n."""
        q, k, exponent, s = term.arguments
        n, j, m = term.parameters
        field, write = self.field, self.writer.complex
        order = s.scaled(m) + field.number(j)
        a = order * field.number(1, n)
        function = ("hyp1f1", write(a), write(a + field.one), write(k * q**n))
        power = multiplied(("exp", write(exponent)), raised(write(q), j))
        return divided(multiplied(power, function), write(order))


def _positive(node: Node) -> tuple[Node, int]:
    """(node, 1) or (-node, -1), whichever has no minus in front."""
    return (multiplied(-1, node), -1) if split(node)[0] < 0 else (node, 1)


def _roots_with_pi(k: Node) -> tuple[Node, Node]:
    """sqrt(pi/k) and sqrt(k/pi)."""
    root = root_of(k)
    if root == ("sqrt", k):
        return root_of(divided("pi", k)), root_of(divided(k, "pi"))
    return divided(root_of("pi"), root), divided(root, root_of("pi"))


def _error(q: Node, k: Node, j: int, name: str = "erfi") -> Node:
    """The integral of e^(k q^2j) q^(j-1) in q, which is that of e^(k s^2)/j in s = q^j; erf is that of -k."""
    function = (name, multiplied(root_of(k), raised(q, j)))
    return divided(multiplied(root_of("pi"), function), multiplied(2 * j, root_of(k)))


def _fresnel(q: Node, k: Node, j: int) -> Pair:
    """The integral of e^(i k q^2j) q^(j-1) in q, k > 0, which is that of e^(i k s^2)/j in s = q^j."""
    above, below = _roots_with_pi(multiplied(2, k))
    argument, factor = multiplied(below, raised(q, j)), divided(above, j)
    return multiplied(factor, ("fresnelc", argument)), multiplied(factor, ("fresnels", argument))


def _confluent(q: Node, k: Node, n: int, j: int) -> Node:
    """The integral of e^(k q^n) q^(j-1) in q: an entire function of q."""
    a = Fraction(j, n)
    function = ("hyp1f1", number(a), number(a + 1), multiplied(k, raised(q, n)))
    return divided(multiplied(raised(q, j), function), j)


def _hypergeometric(q: Node, k: Node, n: int, j: int) -> Pair:
    """The integral of e^(i k q^n) q^(j-1) in q, by the even and the odd terms of its series."""
    square = divided(multiplied(multiplied(-1, multiplied(k, k)), raised(q, 2 * n)), 4)
    even, odd = Fraction(j, 2 * n), Fraction(j + n, 2 * n)
    cosine = ("hyp1f2", number(even), number(Fraction(1, 2)), number(even + 1), square)
    sine = ("hyp1f2", number(odd), number(Fraction(3, 2)), number(odd + 1), square)
    return (
        divided(multiplied(raised(q, j), cosine), j),
        divided(multiplied(k, multiplied(raised(q, j + n), sine)), j + n),
    )
