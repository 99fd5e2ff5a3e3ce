"""What a worker finds out of pairs: lengths, operators, and by what problems are known to be the same.

The top level is light: the parent names `measure`, and the mathematics comes in inside the functions.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.datasets.pairs import Pair
from asyncgen.problems.errors import ParseError
from asyncgen.problems.published import in_published_notation, operators_of
from asyncgen.problems.tokens import ALL_LEAVES, ARITY, read_prefix

_MARK_SECONDS = 5.0  # of CPU for the marks of one problem; most take a thousandth of a second


class Measure(NamedTuple):
    """What is known of a pair. Lengths in tokens; digests of 16 bytes, `values` of 8."""

    problem: int
    answer: int
    published_problem: int | None  # None where the published notation has no such thing
    published_answer: int | None
    operators: int  # of the problem
    names: tuple[str, ...]  # its operators and functions, each once
    text: bytes
    form: bytes
    values: bytes
    skeleton: bytes
    by_text: bool  # form and values are those of the text, as no others could be had


def load() -> None:
    """Import the mathematics, so that workers inherit it."""
    import asyncgen.mathematics.cpu_limit
    import asyncgen.mathematics.marks  # noqa: F401


def measure(pairs: Sequence[Pair]) -> list[Measure | str]:
    """What is known of each pair, or why it is none."""
    return [_measured(pair) for pair in pairs]


def _measured(pair: Pair) -> Measure | str:
    from asyncgen.mathematics.marks import skeleton

    try:
        problem = read_prefix(pair.problem, ALL_LEAVES)
        answer = read_prefix(pair.answer, ALL_LEAVES)
    except ParseError as error:
        return str(error)
    marks = _marks(problem)
    form, values = marks or (_digest(pair.problem, 16), _digest(pair.problem, 8))
    return Measure(
        problem=len(problem),
        answer=len(answer),
        published_problem=_published(problem),
        published_answer=_published(answer),
        operators=operators_of(problem),
        names=tuple(sorted(ARITY.keys() & set(problem))),
        text=_digest(" ".join(problem), 16),
        form=form,
        values=values,
        skeleton=_digest(skeleton(problem), 16),
        by_text=marks is None,
    )


def _published(tokens: Sequence[str]) -> int | None:
    try:
        return len(in_published_notation(tokens))
    except (ParseError, ZeroDivisionError, RecursionError):
        return None


def _marks(tokens: Sequence[str]) -> tuple[bytes, bytes] | None:
    from asyncgen.mathematics.cpu_limit import EXPIRED, within
    from asyncgen.mathematics.marks import marks_of

    try:
        found = within(_MARK_SECONDS, lambda: marks_of(tokens))
    except Exception:  # whatever becomes of a strange function: its text does instead, and is counted
        return None
    return None if found is EXPIRED else (found.form, found.values)


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
