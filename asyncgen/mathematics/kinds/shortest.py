"""From elements to a row: the shortest of a few ways to write them, without an additive constant."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flint import fmpq

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.element import Element, Polynomial
from asyncgen.mathematics.forms.writing import Tokens, Writer, sum_of
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.problems.tokens import ARITY

LONGEST = 512  # tokens of a problem or an answer


@contextmanager
def field_errors_dropped() -> Iterator[None]:
    """Where a field gives up, the attempt gives no row."""
    try:
        yield
    except Undecided:
        raise Dropped("too large") from None
    except Degenerate:
        raise Dropped("undefined") from None


def row(problem: Tokens, answer: Tokens) -> Row:
    """The row of a problem and its answer. Raises Dropped where one of them is too long."""
    if max(len(problem), len(answer)) > LONGEST:
        raise Dropped("long")
    return Row(problem, answer, sum([token in ARITY for token in answer]))


def shortest_sum(writer: Writer, *groups: Sequence[Element]) -> Tokens:
    """The tokens of a sum, given as groups of terms that may be put together, a group or all of them."""
    joined = [writer.field.sum(terms) for terms in groups]
    apart = [
        min((terms, [total]), key=lambda way: len(_added(writer, way)))
        for terms, total in zip(groups, joined, strict=True)
        if total
    ]
    ways = [writer.field.sum(joined)], [term for terms in apart for term in terms]
    return min((_added(writer, terms) for terms in ways), key=len)


def _added(writer: Writer, terms: Sequence[Element]) -> Tokens:
    """The sum of these terms, each written for itself."""
    signed = [(term.coefficient < 0, term) for term in terms if term]
    return sum_of((negative, writer(-term if negative else term)) for negative, term in signed)


def without_constant(f: Element) -> Element:
    """The sum of f and the rational number that leaves the fewest terms in the numerator."""
    field = f.field
    above, below = _fraction(f)
    fewest, constant = len(above), fmpq(0)
    numerators = above.to_dict()
    for monomial, coefficient in below.to_dict().items():
        if monomial in numerators:
            ratio = fmpq(int(numerators[monomial]), int(coefficient))
            terms = len(int(ratio.q) * above - int(ratio.p) * below)
            if terms < fewest:
                fewest, constant = terms, f.coefficient * ratio
    return f - field.number(int(constant.p), int(constant.q)) if constant else f


def _fraction(f: Element) -> tuple[Polynomial, Polynomial]:
    """(p, q) with f = coefficient p/q, both multiplied out."""
    field = f.field
    parts = [field.unit, field.unit]
    for number, exponent in f.powers.items():
        parts[exponent < 0] *= field.generators[number] ** abs(exponent)
    for p, exponent in f.sums:
        parts[exponent < 0] = field.multiplied(parts[exponent < 0], p, abs(exponent))
    return parts[0], parts[1]
