"""The solution of an equation, as it is written."""

from collections.abc import Sequence

from asyncgen.mathematics.fields.errors import Undecided
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped, Tokens


def solution_of(family: Tokens, constants: Sequence[str]) -> Tokens:
    """A family of functions as drawn, or in normal form if that is shorter. Raises Dropped, Degenerate."""
    field = field_for(family, extra=len(constants))
    try:
        f = read(field, family)
        if not all(field.contains(f, field.numbers[name]) for name in ("x", *constants)):
            raise Dropped("constant")
        return min(family, Writer(field)(f), key=len)
    except Undecided:
        return family
