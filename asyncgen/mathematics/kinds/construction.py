"""What makes a row whose problem and answer are built together: the row, or why there is none."""

from typing import NamedTuple

Tokens = tuple[str, ...]


class Dropped(Exception):
    """An attempt gives no row; its text is the reason, in one or two words that are counted."""


class Row(NamedTuple):
    """A problem with its answer, in prefix notation, and the number of operators in the answer."""

    problem: Tokens
    answer: Tokens
    operators: int
