"""A record as a problem and its answer in tokens: an integral, or an equation with its solution."""

import re
from typing import NamedTuple

from asyncgen.datasets.importing.cells import Cell, Cells, Unreadable, cells_of
from asyncgen.datasets.importing.records import Layout, Record
from asyncgen.problems.errors import ParseError
from asyncgen.problems.kinds import EQUATIONS, KINDS
from asyncgen.problems.reading import BEGINNINGS, read_function
from asyncgen.problems.tokens import ARBITRARY, LEAVES, UNKNOWNS
from asyncgen.problems.typed import unknown

Tokens = tuple[str, ...]

_OF_PROBLEMS = LEAVES.union(UNKNOWNS)
_BEFORE_INTEGRAND = ("sub", "Y'")
_CONSTANT = re.compile(rf"\b{ARBITRARY[0]}\b")
_IN_PREFIX = "an equation is read in prefix notation only, such as sub Y' Y"


class Pair(NamedTuple):
    """What a record says. Without a fault and an answer it says that none is known."""

    index: int  # type: ignore[assignment]  # the method of tuples is of no use here
    kind: str
    problem: Tokens = ()
    answer: Tokens | None = None
    fault: str | None = None  # why it cannot be read, or only the problem can


def order_of(kind: str) -> int:
    """The order of an equation of this kind, 0 for integrals."""
    return EQUATIONS.index(kind) + 1 if kind in EQUATIONS else 0


def pair_of(record: Record, layout: Layout) -> Pair:
    """What a record says, as far as it can be read."""
    pair = Pair(record.index, layout.kind)
    try:
        cells = cells_of(record, layout)
        problem, order = _problem(cells.problem, _has_constant(cells))
        pair = pair._replace(kind=_kind(cells.kind, order, layout), problem=problem)
        if cells.failed or not cells.answer.text.strip():
            return pair
        return pair._replace(answer=_tokens(cells.answer, LEAVES.union(ARBITRARY[:order])))
    except Unreadable as error:
        return pair._replace(fault=str(error))


def _has_constant(cells: Cells) -> bool:
    """Whether Y' = f(x) is meant as an equation: it is said so, or its solution has a constant."""
    answer = cells.answer.value
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return _said(cells.kind) == EQUATIONS[0] or _CONSTANT.search(text) is not None


def _problem(cell: Cell, is_equation: bool) -> tuple[Tokens, int]:
    """The integrand, or the equation with its order."""
    tokens = _tokens(cell, _OF_PROBLEMS)
    unknowns = [token for token in tokens if token in UNKNOWNS]
    if tokens[:2] == _BEFORE_INTEGRAND and len(unknowns) == 1 and not is_equation:
        return tokens[2:], 0
    order = max(map(UNKNOWNS.index, unknowns), default=0)
    if unknowns and not order:
        raise cell.fault(1, "an equation needs Y' or Y''")
    return tokens, order


def _tokens(cell: Cell, leaves: frozenset[str]) -> Tokens:
    text = cell.text
    try:
        return read_function(text, leaves)
    except ParseError as error:
        in_ordinary = "Y'" in text and leaves is _OF_PROBLEMS and text.split()[0] not in BEGINNINGS
        raise cell.fault(error.column, _IN_PREFIX if in_ordinary else str(error)) from None


def _kind(cell: Cell, order: int, layout: Layout) -> str:
    """The kind that the record names, if it fits the problem; a column that nobody named need not fit."""
    own = EQUATIONS[order - 1] if order else layout.kind
    said = _said(cell)
    if not said:
        return own
    if said in KINDS and order_of(said) == order:
        return said
    if layout.columns is None or not layout.columns.kind_named:
        return own
    if said not in KINDS:
        raise Unreadable(f"{cell.name}: there is no kind {unknown(said, KINDS)}")
    raise Unreadable(f"{cell.name}: the problem is {'an equation' if order else 'an integral'}, not {said}")


def _said(cell: Cell) -> str:
    """The name of a kind; a number, say, is none."""
    return cell.text.strip() if isinstance(cell.value, str | bytes) else ""
