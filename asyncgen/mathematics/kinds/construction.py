"""What an attempt to make a row gives: a row, later judged, or a reason why there is none."""

from typing import NamedTuple

from asyncgen.problems.records import Status

Tokens = tuple[str, ...]


class Dropped(Exception):
    """An attempt gives no row; the text says why, in one word or two."""


class Row(NamedTuple):
    """A problem with its answer, in prefix notation, and the operators that were drawn for it."""

    problem: Tokens
    answer: Tokens
    operators: int


class Judged(NamedTuple):
    """What a check of a row came to."""

    status: Status
    reason: str
    form: str | None = None
