"""From elements to a row: the shortest of a few ways to write a sum."""

from collections.abc import Sequence

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.writing import Tokens, Writer, sum_of
from asyncgen.mathematics.kinds.construction import Row
from asyncgen.problems.published import operators_of


def row(problem: Tokens, answer: Tokens) -> Row:
    """The row of a problem and its answer, with the operators of the answer: no tree is drawn."""
    return Row(problem, answer, operators_of(answer))


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
    if len(signed) == 1:
        return writer(signed[0][1])
    return sum_of((negative, writer(-term if negative else term)) for negative, term in signed)
