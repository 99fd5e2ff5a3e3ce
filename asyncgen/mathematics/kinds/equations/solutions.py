"""The solution of an equation, as it is written."""

from collections.abc import Iterator, Sequence

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped, Tokens
from asyncgen.mathematics.kinds.equations.constants import absorbed
from asyncgen.problems.tokens import ALL_LEAVES, tree_of
from asyncgen.problems.tree import flatten


def solution_of(family: Tokens, constants: Sequence[str]) -> Tokens:
    """A family of functions in the shorter of its two forms; as it was drawn where they are very long.

    A constant takes up the numbers that the form has put beside it. Raises Dropped, Degenerate.
    """
    try:
        return min(_forms(family, constants), key=len)
    except Undecided:
        return family


def _forms(family: Tokens, constants: Sequence[str]) -> Iterator[Tokens]:
    field = field_for(family, extra=len(constants), structural=True)
    yield _written(field, family, constants)
    if field.forms_differ:
        yield _written(field_for(family, extra=len(constants)), family, constants)


def _written(field: Field, family: Tokens, constants: Sequence[str]) -> Tokens:
    f = read(field, family)
    if not all(field.contains(f, field.numbers[name]) for name in ("x", *constants)):
        raise Dropped("constant")
    tree = tree_of(Writer(field)(f), ALL_LEAVES)
    for name in constants:
        tree = absorbed(tree, name)
    return flatten(tree)
