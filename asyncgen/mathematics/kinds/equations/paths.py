"""Solving a function for a leaf: the operations on the path to it are inverted one after the other.

Where an operation has several inverses, the principal one is taken: what is built on it may hold on a part of
the domain only.
"""

from collections.abc import Callable

from asyncgen.mathematics.forms.element import Element
from asyncgen.mathematics.forms.functions import FIXED_POWERS, apply, general_power, root
from asyncgen.mathematics.forms.reading import read
from asyncgen.mathematics.kinds.construction import Dropped
from asyncgen.mathematics.kinds.equations.constants import Tree, place_of
from asyncgen.problems.tree import flatten

_PAIRS = {
    **{name: f"a{name}" for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{name: f"a{name}" for name in ("sinh", "cosh", "tanh", "coth", "sech", "csch")},
    "exp": "ln",
}
INVERSES = {**_PAIRS, **{inverse: name for name, inverse in _PAIRS.items()}}


def solved_for(leaf: str, tree: Tree, value: Element) -> Element:
    """The leaf, which stands in the tree once, where the tree has this value. Raises Dropped."""
    field = value.field
    while tree != leaf:
        name, *operands = tree
        place = place_of(leaf, operands)
        if len(operands) == 1:
            value = undone(name, value)
        else:
            other = read(field, flatten(operands[1 - place]))
            value = _with_other(name, place, value, other)
        tree = operands[place]
    return value


def undone(name: str, value: Element) -> Element:
    """The operand of a function that has this value."""
    if name in FIXED_POWERS:
        exponent = FIXED_POWERS[name]
        return root(value, exponent) if exponent > 0 else value**exponent
    if name == "sqrt":
        return value**2
    if name not in INVERSES:
        raise Dropped("no path")
    return apply(value, INVERSES[name])


def _with_other(name: str, place: int, value: Element, other: Element) -> Element:
    """The operand at this place where the operation on it and the other one has this value."""
    if (name, place) not in _OPERAND:
        raise Dropped("no path")
    return _OPERAND[name, place](value, other)


_OPERAND: dict[tuple[str, int], Callable[[Element, Element], Element]] = {
    ("add", 0): lambda value, other: value - other,
    ("add", 1): lambda value, other: value - other,
    ("sub", 0): lambda value, other: value + other,
    ("sub", 1): lambda value, other: other - value,
    ("mul", 0): lambda value, other: value / other,
    ("mul", 1): lambda value, other: value / other,
    ("div", 0): lambda value, other: value * other,
    ("div", 1): lambda value, other: other / value,
    ("pow", 0): lambda value, exponent: general_power(value, exponent**-1),
    ("pow", 1): lambda value, base: apply(value, "ln") / apply(base, "ln"),
}
