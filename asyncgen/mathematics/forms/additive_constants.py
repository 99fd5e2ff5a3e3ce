"""Antiderivatives without an additive constant, which is of no use in them."""

from collections.abc import Iterator
from contextlib import suppress

from flint import fmpq

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.element import Element, Polynomial
from asyncgen.mathematics.forms.writing import Tokens, sum_of
from asyncgen.problems.tokens import tree_of
from asyncgen.problems.tree import Node, flatten


def without_constant_terms(tokens: Tokens) -> Tokens:
    """A sum of tokens without those of its terms in which no x stands."""
    if tokens[0] not in ("add", "sub"):
        return tokens
    terms = [(negative, flatten(term)) for negative, term in _terms(tree_of(tokens), False)]
    kept = [(negative, term) for negative, term in terms if "x" in term]
    return tokens if len(kept) in (0, len(terms)) else sum_of(kept)


def _terms(tree: Node, negative: bool) -> Iterator[tuple[bool, Node]]:
    """The terms of a sum, and whether they are subtracted."""
    if isinstance(tree, tuple) and tree[0] in ("add", "sub"):
        yield from _terms(tree[1], negative)
        yield from _terms(tree[2], negative != (tree[0] == "sub"))
    else:
        yield negative, tree


def without_constant(f: Element) -> Element:
    """The element without a constant, where one is a term or makes its numerator longer."""
    f = without_constant_term(f)
    with suppress(Undecided):  # it is long when it is multiplied out
        return without_hidden_constant(f)
    return f


def without_constant_term(f: Element) -> Element:
    """The element without its term that is constant, where there is one to be seen."""
    if len(f.sums) != 1 or f.sums[0][1] != 1:
        return f
    field = f.field
    ((p, _),) = f.sums
    variables = [number for number, kernel in enumerate(field.kernels) if not kernel.constant]
    constant = [-f.powers.get(number, 0) for number in variables]
    terms = p.to_dict()
    kept = {
        monomial: coefficient
        for monomial, coefficient in terms.items()
        if [monomial[number] for number in variables] != constant
    }
    if not kept or len(kept) == len(terms):
        return f
    return Element(f.coefficient, f.powers, [], field) * field.of(field.ring.from_dict(kept))


def without_hidden_constant(f: Element) -> Element:
    """The sum of f and the rational number that leaves the fewest terms in its numerator, multiplied out.

    It finds the 2 in (2 x + 5)/(x + 1) = 2 + 3/(x + 1), which is no term of its own.
    """
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
