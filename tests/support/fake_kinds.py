"""A kind of problem that needs no mathematics to be built: the integrals of 2*n*x. Workers import it.

By what is random in it, an attempt is dropped, or its answer is wrong. Few attempts leave some indices empty.
"""

from asyncgen.mathematics import kinds
from asyncgen.mathematics.kinds import construction
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.problems.kinds import CONSTRUCTED, Draw

FEW = 4  # attempts
NAME = "fake_kinds"


def install() -> None:
    """Have this module in the place of every one that builds problems; a preload function."""
    construction.ATTEMPTS = FEW
    kinds.KINDS.update(dict.fromkeys(CONSTRUCTED, NAME))


def attempt(draw: Draw) -> Row:
    """An integral of 2*n*x, or why there is none."""
    word = next(draw.words("what"))
    if word % 4 in (0, 1):
        raise Dropped(("constant", "long")[word % 4])
    n = next(draw.words("n")) % 500 + 1
    number = ("INT+", *str(2 * n))
    problem = ("mul", *number, "x")
    wrong = word % 32 == 2
    return Row(problem, ("mul", "INT+", *str(n), "pow3" if wrong else "pow2", "x"), draw.operators)
