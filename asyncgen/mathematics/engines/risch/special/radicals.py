"""Integrals of B S, S a square root over the tower: algebraic, elliptic and hypergeometric ones."""

from collections.abc import Iterator, Mapping

from asyncgen.mathematics.engines.risch.equations import solve
from asyncgen.mathematics.engines.risch.kernels import Kernel
from asyncgen.mathematics.engines.risch.special.binomials import binomial_candidates
from asyncgen.mathematics.engines.risch.special.elliptic import (
    Amplitude,
    elliptic_candidates,
    of_angle,
    of_roots,
    of_square,
)
from asyncgen.mathematics.engines.risch.special.roots import is_large, top_of
from asyncgen.mathematics.engines.risch.special.terms import Candidate, Function, Root, Term
from asyncgen.mathematics.engines.risch.tower import Tower
from asyncgen.mathematics.fields.element import Element
from asyncgen.mathematics.fields.field import Kind
from asyncgen.mathematics.fields.roots import parted


def integrate_root(
    tower: Tower, kernels: Mapping[int, Kernel], root: Root, b: Element, level: int
) -> Iterator[list[Term]]:
    """Ways to write the integral of b S as terms, the one that reads best first."""
    field = tower.field
    if is_large(b) or is_large(root.radicand):
        return
    s = field.variable(root.v)
    for candidates in _candidates(tower, kernels, root, b):
        right = [b * s, *(candidate.slope * s for candidate in candidates)]
        for constants, y in solve(field, field.zero, right, level):
            if constants[0]:
                scale = -constants[0].inverse()
                pairs = zip(constants[1:], candidates, strict=True)
                terms = [one.term.times(c * scale) for c, one in pairs if c]
                factor = -(parted(field, y, root.v)[1] * scale) / root.factor
                if factor:
                    terms.append(Term(factor, field.zero, Function.ROOT, (), (root.v,)))
                yield terms
                break


def _candidates(
    tower: Tower, kernels: Mapping[int, Kernel], root: Root, b: Element
) -> Iterator[list[Candidate]]:
    field, constants = tower.field, tower.constants
    top = top_of(field, root.radicand)
    if field.is_exponential(top):
        yield from _elliptic(tower, root, b, of_angle(field, constants, root, kernels[top]))
    elif field.kind[top] is Kind.BASE:
        yield from _elliptic(tower, root, b, of_square(field, constants, root))
        if found := binomial_candidates(field, constants, root):
            yield found
        yield from _elliptic(tower, root, b, of_roots(field, constants, root))


def _elliptic(tower: Tower, root: Root, b: Element, amplitude: Amplitude | None) -> Iterator[list[Candidate]]:
    if amplitude is not None:
        yield elliptic_candidates(tower.field, root, amplitude, b)
