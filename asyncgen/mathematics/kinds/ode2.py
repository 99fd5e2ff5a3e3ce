"""Differential equations of the second order: Y'', Y' and Y of a function of x and two constants."""

from functools import partial
from itertools import permutations

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.kinds.construction import Dropped, Judged, Row, Tokens
from asyncgen.mathematics.kinds.equations.constants import Tree, drawn_family
from asyncgen.mathematics.kinds.equations.eliminated import equation_from, shortest_equation
from asyncgen.mathematics.kinds.equations.judging import check_constants, judged
from asyncgen.mathematics.kinds.equations.paths import solved_for
from asyncgen.mathematics.kinds.equations.solutions import solution_of
from asyncgen.mathematics.kinds.equations.solving import Solver
from asyncgen.problems.kinds import Draw
from asyncgen.problems.tokens import ARBITRARY
from asyncgen.problems.tree import flatten


def attempt(draw: Draw) -> Row:
    """A random family of functions, and the equation that it solves. Raises as its fields do, and Dropped."""
    tree = drawn_family(draw, ARBITRARY)
    answer = solution_of(flatten(tree), ARBITRARY)
    check_constants(answer, ARBITRARY)
    return Row(problem_of(tree), answer, draw.operators)


def problem_of(tree: Tree) -> Tokens:
    """The equation of a family; where a constant cannot be solved for second, it is the first.

    Raises Dropped.
    """
    family = flatten(tree)
    reasons = []
    for first, second in permutations(ARBITRARY):
        try:
            return shortest_equation(family, partial(equation_of, tree, first, second), "Y''")
        except Dropped as reason:
            reasons.append(str(reason))
    raise Dropped(reasons[0])


def equation_of(tree: Tree, first: str, second: str, field: Field) -> Element:
    """The equation whose solutions are the functions Y = tree(x, a8, a9): it is 0."""
    of_first_order = equation_from(solved_for(first, tree, leaf(field, "Y")), "Y'")
    solver = Solver(field, field.numbers[second])
    return equation_from(solver.zero_of(of_first_order), "Y''")


def judge(row: Row) -> Judged:
    """Whether the answer solves the problem, with both constants. Raises Dropped where it does not."""
    return judged(row, ARBITRARY)
