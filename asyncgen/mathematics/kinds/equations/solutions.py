"""The solution of an equation, as it is written."""

from collections.abc import Sequence

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped, Tokens
from asyncgen.mathematics.kinds.equations.constants import absorbed
from asyncgen.problems.tokens import ALL_LEAVES, tree_of
from asyncgen.problems.tree import flatten


def solution_of(family: Tokens, constants: Sequence[str]) -> Tokens:
    """A family of functions as drawn, or in normal form if that is shorter. Raises Dropped, Degenerate.

    A constant takes up the numbers that the normal form has put beside it.
    """
    field = field_for(family, extra=len(constants))
    try:
        f = read(field, family)
        if not all(field.contains(f, field.numbers[name]) for name in ("x", *constants)):
            raise Dropped("constant")
        tree = tree_of(Writer(field)(f), ALL_LEAVES)
        for name in constants:
            tree = absorbed(tree, name)
        return min(family, flatten(tree), key=len)
    except Undecided:
        return family
