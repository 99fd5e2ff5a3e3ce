"""Backward problems: F is drawn, and f = F' is the problem (Lample & Charton, arXiv 1912.01412, 3.1)."""

from asyncgen.mathematics.kinds.construction import Row
from asyncgen.mathematics.kinds.pairs import derivative_pair
from asyncgen.problems.kinds import Draw


def attempt(draw: Draw) -> Row:
    """The derivative of a random function. Raises Dropped, Undecided, Degenerate."""
    return Row(*derivative_pair(draw.function(), structural=draw.structural), draw.operators)
