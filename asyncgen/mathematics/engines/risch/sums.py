"""Sums of terms as trees: with cosines and hyperbolic functions, and what they have in common before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any, NamedTuple

from asyncgen.mathematics.engines.risch.expressions import (
    Node,
    added,
    collected,
    leads_with_minus,
    multiplied,
    number,
    opposite,
    times,
)
from asyncgen.mathematics.engines.risch.terms import Exponents, Terms, plus, scaled
from asyncgen.mathematics.fields import numbers
from asyncgen.mathematics.fields.errors import Undecided

if TYPE_CHECKING:
    from asyncgen.mathematics.engines.risch.writing import Writer

MOST_TERMS = 400  # of one sum
_ONE = Fraction(1)


class _Function(NamedTuple):
    """The product of an exponential, or a hyperbolic function, and of a cosine or a sine."""

    exponential: str  # "exp", "cosh", "sinh" or ""
    exponent: Exponents
    wave: str  # "cos", "sin" or ""
    angle: Exponents


def sum_of(nodes: Iterable[Node]) -> Node:
    """The sum of trees: first the first one without a minus, as 2 - x is shorter than -x + 2."""
    terms = list(nodes)
    if len(terms) == 1:
        return terms[0]
    first = next((j for j, node in enumerate(terms) if not leads_with_minus(node)), 0)
    total: Node = 0
    for node in (*terms[first : first + 1], *terms[:first], *terms[first + 1 :]):
        total = added(total, node)
    return total


def written_sum(writer: Writer, terms: Terms) -> Node:
    """The real part of a sum of terms: c exp(iu) is written with cos(u) and sin(u)."""
    if len(terms) > MOST_TERMS:
        raise Undecided("a long answer")
    ordered = dict(sorted(terms.items(), reverse=True, key=_exponents)) if len(terms) > 1 else terms
    exponentials = [v for v in writer.exponentials if any(exponents[v] for exponents in ordered)]
    if not exponentials:
        return _polynomial(writer, _real(ordered))
    if len(ordered) == 1 and not set(exponentials).intersection(writer.conjugation.imaginary):
        return _product(writer, ordered, exponentials)
    groups = _functions(writer, ordered, exponentials)
    _make_hyperbolic(groups)
    plain = groups.pop(_NO_FUNCTION, {})
    pairs = [(function, rest) for function, polynomial in groups.items() for rest in polynomial]
    monomials = {rest for _, rest in pairs}
    if len(groups) <= len(monomials):
        products = _by_exponential(writer, groups)
    else:
        zero = tuple(0 for _ in next(iter(monomials)))
        products = (
            multiplied(
                writer.monomial(rest),
                sum_of(_by_exponential(writer, {f: {zero: p[rest]} for f, p in groups.items() if rest in p})),
            )
            for rest in sorted(monomials, reverse=True)
        )
    return sum_of((*products, _polynomial(writer, plain)))


def _real(terms: Terms) -> Terms:
    """The real parts of terms in real variables."""
    if all(d > 0 for c in terms.values() for d in c):
        return terms
    parts = {exponents: {d: part for d, part in c.items() if d > 0} for exponents, c in terms.items()}
    return {exponents: c for exponents, c in parts.items() if c}


def _by_exponential(writer: Writer, groups: dict[_Function, Terms]) -> Iterator[Node]:
    """The products of polynomials and functions; those with the same exponential are put together."""
    parts: dict[_Function, dict[_Function, Terms]] = {}
    for function, polynomial in groups.items():
        exponential = function._replace(wave="", angle=())
        parts.setdefault(exponential, {})[function] = polynomial
    for exponential, functions in parts.items():
        waves = {f._replace(exponential="", exponent=()): polynomial for f, polynomial in functions.items()}
        yield multiplied(_sum_of_functions(writer, waves), _function(writer, exponential))


def _sum_of_functions(writer: Writer, groups: dict[_Function, Terms]) -> Node:
    """The sum of polynomials times functions, with a number before it where that is shorter."""
    factor = _ONE
    if len(groups) > 1:
        factor = _content({(function, rest): c for function, p in groups.items() for rest, c in p.items()})
    if factor is not _ONE:
        inverse = numbers.of(1 / factor)
        groups = {function: scaled(polynomial, inverse) for function, polynomial in groups.items()}
    total = sum_of(
        multiplied(_polynomial(writer, polynomial), _function(writer, function))
        for function, polynomial in groups.items()
    )
    return total if factor is _ONE else multiplied(number(factor), total)


def _exponents(item: tuple[Exponents, numbers.Number]) -> Exponents:
    return item[0]


_NO_FUNCTION = _Function("", (), "", ())


def _product(writer: Writer, terms: Terms, exponentials: list[int]) -> Node:
    """One term with real exponentials."""
    ((exponents, c),) = terms.items()
    rest = tuple(0 if v in exponentials else e for v, e in enumerate(exponents))
    exponent = tuple(e if v in exponentials else 0 for v, e in enumerate(exponents))
    return multiplied(_term(writer, rest, c), _function(writer, _Function("exp", exponent, "", ())))


def _functions(writer: Writer, terms: Terms, exponentials: list[int]) -> dict[_Function, Terms]:
    """For each exponential and wave the polynomial before it."""
    imaginary = frozenset(writer.conjugation.imaginary)
    groups: dict[_Function, Terms] = {}
    for exponents, coefficient in terms.items():
        real: list[Fraction | int] = [0] * len(exponents)
        angle: list[Fraction | int] = [0] * len(exponents)
        others = list(exponents)
        for v in exponentials:
            (angle if v in imaginary else real)[v] = exponents[v]
            others[v] = 0
        rest = tuple(others)
        for function, c in _waves(tuple(real), tuple(angle), coefficient):
            polynomial = groups.setdefault(function, {})
            total = numbers.plus(polynomial[rest], c) if rest in polynomial else c
            if total:
                polynomial[rest] = total
            else:
                del polynomial[rest]
    return {function: polynomial for function, polynomial in groups.items() if polynomial}


def _waves(
    real: Exponents, angle: Exponents, coefficient: numbers.Number
) -> Iterable[tuple[_Function, numbers.Number]]:
    """The real part of coefficient exp(real) exp(i angle)."""
    name = "exp" if any(real) else ""
    exponent = real if name else ()
    cosine = {d: c for d, c in coefficient.items() if d > 0}
    if not any(angle):
        if cosine:
            yield _Function(name, exponent, "", ()), cosine
        return
    sign = -1
    if next(e for e in angle if e) < 0:
        angle, sign = tuple(-e for e in angle), 1
    sine = {-d: sign * c for d, c in coefficient.items() if d < 0}
    if cosine:
        yield _Function(name, exponent, "cos", angle), cosine
    if sine:
        yield _Function(name, exponent, "sin", angle), sine


def _make_hyperbolic(groups: dict[_Function, Terms]) -> None:
    """p exp(w) + q exp(-w) is (p + q) cosh(w) + (p - q) sinh(w), where that has fewer terms."""
    for function in list(groups):
        other = function._replace(exponent=tuple(-e for e in function.exponent))
        if function.exponential != "exp" or function not in groups or other not in groups:
            continue
        if next(e for e in function.exponent if e) < 0:
            function, other = other, function
        p, q = groups[function], groups[other]
        total, difference = plus(p, q), plus(p, scaled(q, numbers.of(-1)))
        if len(total) + len(difference) < len(p) + len(q):
            del groups[function], groups[other]
            for name, polynomial in (("cosh", total), ("sinh", difference)):
                if polynomial:
                    groups[function._replace(exponential=name)] = polynomial


def _function(writer: Writer, function: _Function) -> Node:
    node: Node = 1
    if function.exponential:
        exponent = argument(writer, function.exponent)
        if function.exponential == "sinh" and leads_with_minus(exponent):
            node = multiplied(-1, ("sinh", opposite(exponent)))
        elif function.exponential == "cosh" and leads_with_minus(exponent):
            node = ("cosh", opposite(exponent))
        else:
            node = (function.exponential, exponent)
        if node == ("exp", 1):
            node = "E"
    if function.wave:
        theta = argument(writer, function.angle)
        if leads_with_minus(theta):
            node = multiplied(-1 if function.wave == "sin" else 1, node)
            theta = opposite(theta)
        node = multiplied(node, (function.wave, theta))
    return node


def argument(writer: Writer, exponents: Exponents) -> Node:
    """The sum of the exponents that these powers have."""
    together = writer.exponents_together(exponents)
    if together is not None:
        return together
    parts = [writer.exponent_times(v, Fraction(e)) for v, e in enumerate(exponents) if e]
    return parts[0] if len(parts) == 1 else collected(sum_of(parts))


def _polynomial(writer: Writer, terms: Terms) -> Node:
    """A sum without exponentials, with a number before it where that is shorter."""
    factor = _content(terms)
    if factor is not _ONE:
        terms = scaled(terms, numbers.of(1 / factor))
    total = sum_of(_term(writer, exponents, c) for exponents, c in terms.items())
    return total if factor is _ONE else multiplied(number(factor), total)


def _term(writer: Writer, exponents: Exponents, c: numbers.Number) -> Node:
    monomial = writer.monomial(exponents)
    if len(c) == 1 and 1 in c:
        return times(c[1], monomial)
    return multiplied(writer.number(c), monomial)


def _content(terms: Mapping[Any, numbers.Number]) -> Fraction:
    """What all coefficients have in common, where it makes them shorter, else 1."""
    if len(terms) < 2 or not all(map(numbers.is_rational, terms.values())):
        return _ONE
    values = [c[1] for c in terms.values()]
    above = gcd(*(c.numerator for c in values))
    below = lcm(*(c.denominator for c in values))
    if above == below == 1:
        return _ONE
    content = Fraction(above, below)
    before = sum(map(_length, values))
    after = _length(content) + sum(_length(c / content) for c in values)
    return content if after < before else _ONE


def _length(c: Fraction) -> int:
    """How many tokens a number costs that stands before something."""
    p, q = abs(c.numerator), c.denominator
    return (2 + len(str(p)) if p != 1 else 0) + (2 + len(str(q)) if q != 1 else 0)
