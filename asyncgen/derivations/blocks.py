"""What a narrative is made of: headings, sentences, displayed formulas."""

from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.problems.derivations import Formula
from asyncgen.problems.tree import folded

UNKNOWN = "..."  # stands for a formula that is not known


class Math(NamedTuple):
    """A formula in a sentence."""

    formula: Formula


Item = str | Math


class Heading(NamedTuple):
    """A heading; level 1 is the function's."""

    items: Sequence[Item]
    level: int = 1


class Say(NamedTuple):
    """A sentence or two."""

    items: Sequence[Item]


class Show(NamedTuple):
    """A line of its own."""

    items: Sequence[Item]


Block = Heading | Say | Show


def shown(formula: Formula) -> Math:
    """The formula, or a mark in its place."""
    return Math(UNKNOWN if formula is None else formula)


def applied(token: str, *operands: Formula) -> Math:
    """An operation on formulas, any of which may not be known."""
    return Math((token, *(UNKNOWN if operand is None else operand for operand in operands)))


def holds(formula: Formula, name: str) -> bool:
    """Whether a name stands in the formula."""
    return folded(formula, lambda leaf: bool(leaf == name), lambda _, operands: any(operands))


def negated(formula: Formula) -> Formula | None:
    """The formula without the minus in front of it; None where there is none."""
    if isinstance(formula, int) and formula < 0:
        return -formula
    if not isinstance(formula, tuple):
        return None
    if formula[0] == "mul" and isinstance(formula[1], int) and formula[1] < 0:
        return formula[2] if formula[1] == -1 else ("mul", -formula[1], formula[2])
    above = negated(formula[1]) if formula[0] == "div" else None
    return None if above is None else ("div", above, formula[2])


def listed(formulas: Sequence[Math]) -> Sequence[Item]:
    """Formulas with commas between, and "and" before the last."""
    items: list[Item] = []
    for place, formula in enumerate(formulas):
        if place:
            items.append(" and " if place == len(formulas) - 1 else ", ")
        items.append(formula)
    return items
