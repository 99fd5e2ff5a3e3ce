"""Substitution: a known pair f, F and a drawn u give f(u) u' and F(u).

Barket, England & Gerhard, Generating elementary integrable expressions (2023), call it SUB.
"""

from asyncgen.mathematics.kinds.construction import Row
from asyncgen.mathematics.kinds.pairs import derivative_pair
from asyncgen.problems.kinds import Draw
from asyncgen.problems.known_pairs import known_pairs


def attempt(draw: Draw) -> Row:
    """The derivative of a known antiderivative of a random function. Raises as `derivative_pair`."""
    pairs = tuple(known_pairs().values())
    outer = pairs[next(draw.words("pair")) % len(pairs)].antiderivative.split()
    inner = draw.function()
    composed = [token for place in outer for token in (inner if place == "x" else (place,))]
    return Row(*derivative_pair(composed, structural=draw.structural), draw.operators)
