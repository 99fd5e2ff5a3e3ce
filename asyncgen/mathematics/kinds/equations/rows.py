"""Rows of differential equations: the solution as the answer, and what makes an attempt worthless."""

from collections.abc import Sequence

from asyncgen.mathematics.fields.errors import Degenerate, Undecided
from asyncgen.mathematics.forms.reading import field_for, read
from asyncgen.mathematics.forms.writing import Writer
from asyncgen.mathematics.kinds.construction import Dropped, Row, Tokens
from asyncgen.mathematics.kinds.equations.constants import Draw
from asyncgen.problems.tokens import ARITY

LONGEST = 512  # tokens, as in the published files


def solution_of(family: Tokens, constants: Sequence[str]) -> Tokens:
    """A family of functions, as drawn or in its normal form, whichever is shorter. Raises Dropped."""
    field = field_for(family, extra=len(constants))
    try:
        f = read(field, family)
        if not all(field.contains(f, field.numbers[name]) for name in ("x", *constants)):
            raise Dropped("constant")
        return min(family, Writer(field)(f), key=len)
    except Undecided:
        return family
    except Degenerate:
        raise Dropped("undefined") from None


def check_size(answer: Tokens, draw: Draw) -> None:
    """The published generator leaves out functions of which simplification took more than half."""
    if 2 * sum(token in ARITY for token in answer) < draw.operators:
        raise Dropped("shrunk")


def row_of(problem: Tokens, answer: Tokens, draw: Draw) -> Row:
    """The row, unless it is long."""
    if max(len(problem), len(answer)) > LONGEST:
        raise Dropped("long")
    return Row(problem, answer, draw.operators)
