"""Differential equations of the first order: Y' and Y of a function of x and one constant."""

from functools import partial

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.kinds.construction import Judged, Row, Tokens
from asyncgen.mathematics.kinds.equations.constants import Tree, drawn_family
from asyncgen.mathematics.kinds.equations.eliminated import equation_from, shortest_equation
from asyncgen.mathematics.kinds.equations.judging import judged
from asyncgen.mathematics.kinds.equations.paths import solved_for
from asyncgen.mathematics.kinds.equations.solutions import solution_of
from asyncgen.problems.kinds import Draw
from asyncgen.problems.tree import flatten

CONSTANT = "a8"


def attempt(draw: Draw) -> Row:
    """A random family of functions, and the equation that it solves. Raises as its fields do, and Dropped."""
    tree = drawn_family(draw, (CONSTANT,))
    answer = solution_of(flatten(tree), (CONSTANT,))
    return Row(problem_of(tree), answer, draw.operators)


def problem_of(tree: Tree) -> Tokens:
    """The equation of a family. Raises Dropped."""
    return shortest_equation(flatten(tree), partial(equation_of, tree), "Y'")


def equation_of(tree: Tree, field: Field) -> Element:
    """The equation whose solutions are the functions Y = tree(x, a8): it is 0."""
    return equation_from(solved_for(CONSTANT, tree, leaf(field, "Y")), "Y'")


def judge(row: Row) -> Judged:
    """Whether the answer solves the problem, with its constant. Raises Dropped where it does not."""
    return judged(row, (CONSTANT,))
