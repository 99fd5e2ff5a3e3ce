"""Equations worked out by hand, with SymPy's checkodesol and the article of Lample & Charton as oracles."""

import pytest
import sympy
from families import family

from asyncgen.mathematics.kinds import ode1, ode2
from asyncgen.mathematics.kinds.construction import Dropped, Row
from asyncgen.problems.records import Status
from asyncgen.problems.tokens import ALL_LEAVES, fold

FIRST = [
    ("mul a8 exp x", "sub Y' Y"),
    ("mul a8 x", "sub mul x Y' Y"),
    ("add a8 x", "sub Y' INT+ 1"),
    ("pow2 add a8 x", "sub Y' mul INT+ 2 sqrt Y"),
    ("mul x ln div a8 x", "add x sub mul x Y' Y"),  # section 3.2 of the article
    ("tan add a8 x", "sub Y' add pow2 Y INT+ 1"),
    ("exp mul a8 x", "sub mul x Y' mul Y ln Y"),
]
SECOND = [
    ("add mul a8 cos x mul a9 sin x", "add Y Y''"),
    ("add a8 mul a9 x", "Y''"),
    ("add mul a8 exp x mul a9 exp mul INT- 1 x", "sub Y'' Y"),
    ("mul a8 exp mul a9 x", "sub mul Y Y'' pow2 Y'"),
    ("ln add a8 mul a9 x", "add Y'' pow2 Y'"),
    ("div a8 add a9 x", "sub mul Y Y'' mul INT+ 2 pow2 Y'"),
]
X, A, B = sympy.symbols("x a8 a9")
UNKNOWN = sympy.Function("y")(X)
NAMES = {
    **{"x": X, "a8": A, "a9": B},
    **{"Y": UNKNOWN, "Y'": UNKNOWN.diff(X), "Y''": UNKNOWN.diff(X, 2)},
}


@pytest.mark.parametrize(("solution", "equation"), FIRST)
def test_equations_of_the_first_order(solution: str, equation: str) -> None:
    """The equation that is found is the one worked out by hand, up to a factor; it is judged to hold."""
    found = ode1.problem_of(family(solution))
    assert is_multiple(found, equation.split())
    assert (
        sympy.checkodesol(in_sympy(found), sympy.Eq(UNKNOWN, in_sympy(solution.split())))[0]
        or "sqrt" in found
    )
    status = ode1.judge(Row(found, tuple(solution.split()), 3)).status
    assert status is (Status.UNVERIFIED if "sqrt" in found else Status.ELEMENTARY)


@pytest.mark.parametrize(("solution", "equation"), SECOND)
def test_equations_of_the_second_order(solution: str, equation: str) -> None:
    """The equation that is found is the one worked out by hand, up to a factor; it is judged to hold."""
    found = ode2.problem_of(family(solution))
    assert is_multiple(found, equation.split())
    assert sympy.checkodesol(in_sympy(found), sympy.Eq(UNKNOWN, in_sympy(solution.split())))[0]
    assert ode2.judge(Row(found, tuple(solution.split()), 3)).status is Status.ELEMENTARY


def is_multiple(found: list[str], wanted: list[str]) -> bool:
    """Whether two equations are the same solved for the highest derivative."""
    highest = max((name for name in ("Y", "Y'", "Y''") if name in wanted), key=len)
    dummy = sympy.Symbol("t")
    solved = [sympy.solve(in_sympy(tokens).subs(NAMES[highest], dummy), dummy) for tokens in (found, wanted)]
    return len(solved[0]) == 1 and sympy.simplify(solved[0][0] - solved[1][0]) == 0


def in_sympy(tokens: list[str]) -> sympy.Expr:
    return fold(tokens, lambda leaf: sympy.S(NAMES.get(leaf, leaf)), _apply, ALL_LEAVES)


def _apply(name: str, operands: list[sympy.Expr]) -> sympy.Expr:
    first = operands[0]
    binary = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__", "pow": "__pow__"}
    if name in binary:
        return getattr(first, binary[name])(operands[1])
    return first ** int(name[3:]) if name.startswith("pow") else getattr(sympy, name)(first)


@pytest.mark.parametrize(
    "solution", ["add x add a8 a9", "mul a8 mul a9 x", "mul a8 exp add a9 x", "add x pow2 add a8 a9"]
)
def test_constants_that_are_one_make_no_second_order(solution: str) -> None:
    """Two constants in a sum or a product are one: such a family solves an equation of the first order."""
    with pytest.raises(Dropped, match=r"^one constant$"):
        ode2.judge(Row(("sub", "Y''", "Y''"), tuple(solution.split()), 5))
