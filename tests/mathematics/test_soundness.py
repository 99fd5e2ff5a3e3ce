"""No derivative of an elementary function is ever ruled out by our own integrator."""

import pytest
from constants_and_steps import CONSTANTS_AND_STEPS
from derivatives import FAMILIES, Family, pairs

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.risch.decision import decide
from asyncgen.mathematics.engines.risch.expressions import Node, tokens_of
from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.problems.infix_text import to_infix


def obstruction(integrand: Node) -> str | None:
    """Why the function is said to have no elementary antiderivative, if that is said within 1 CPU second."""
    try:
        found = within(1.0, lambda: decide(integrand))
    except (Undecided, Degenerate):
        return None
    return None if found is EXPIRED else found.obstruction


@pytest.mark.parametrize("family", FAMILIES + CONSTANTS_AND_STEPS, ids=lambda family: family.__name__)
def test_no_derivative_is_ruled_out(family: Family) -> None:
    """An elementary function's derivative has an elementary antiderivative: that function."""
    for pair in pairs(family, seed=0, count=15):
        found = obstruction(pair.integrand)
        assert found is None, f"{to_infix(tokens_of(pair.integrand))}: {found}"
