"""From prefix notation to elements."""

from collections.abc import Sequence
from functools import partial

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.field import Field
from asyncgen.mathematics.forms.functions import FIXED_POWERS, apply, general_power, root
from asyncgen.mathematics.forms.leaves import leaf
from asyncgen.mathematics.forms.rings import SIZES
from asyncgen.problems.tokens import ALL_LEAVES, ARITY, fold

FOR_LEAVES = 2  # x and a constant
FOR_SUMS = 6  # kernels that the structural form may need

_ARITHMETIC = frozenset(("add", "sub", "mul", "div", *FIXED_POWERS))


def field_for(tokens: Sequence[str], *, extra: int = 0, structural: bool = False) -> Field:
    """An empty field with room for the kernels of a function and of its derivative."""
    functions = sum([token in ARITY and token not in _ARITHMETIC for token in tokens])
    room = 2 * functions + FOR_LEAVES + extra + (FOR_SUMS if structural else 0)
    return Field(min(room, SIZES[-1]), structural=structural)


def read(field: Field, tokens: Sequence[str]) -> Element:
    """The element that a function in prefix notation is. Raises ParseError, Undecided, Degenerate.

    Where exp(x) comes after exp(2 x), an empty field begins again with exp(x), of which both are powers.
    """
    is_new = not field.kernels
    known = dict(field.finer)
    f = fold(tokens, partial(_leaf, field), _apply, ALL_LEAVES)
    if not is_new or field.finer == known:
        return f
    field.clear()
    return read(field, tokens)


def _leaf(field: Field, value: str | int) -> Element:
    return field.number(value) if isinstance(value, int) else leaf(field, value)


def _apply(name: str, operands: list[Element]) -> Element:
    first = operands[0]
    if name == "add":
        return first + operands[1]
    if name == "sub":
        return first - operands[1]
    if name == "mul":
        return first * operands[1]
    if name == "div":
        return first / operands[1]
    if name == "pow":
        return general_power(first, operands[1])
    if name == "rac":
        degree = operands[1].coefficient
        return root(first, int(degree.p))
    return apply(first, name)
