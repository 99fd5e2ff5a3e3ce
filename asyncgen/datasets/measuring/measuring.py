"""What a worker finds out of pairs: lengths, operators, and by what problems are known to be the same.

The top level is light: the parent names `measure`, and the mathematics comes in inside the functions.
"""

from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.datasets.importing.pairs import pair_of
from asyncgen.datasets.measuring.pairs import Pair
from asyncgen.datasets.safe_marks import digest, safe_marks
from asyncgen.problems.errors import ParseError
from asyncgen.problems.published import in_published_notation, operators_of
from asyncgen.problems.tokens import ARITY, skeleton


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


def measure(pairs: Sequence[Pair]) -> list[Measure | str | None]:
    """What is known of each pair, why it cannot be read, or None where it has no answer."""
    return [_measured(pair) for pair in pairs]


def _measured(pair: Pair) -> Measure | str | None:
    _, _, problem, answer, fault = pair_of(pair.record, pair.layout)
    if fault is not None or answer is None:
        return fault
    marks = safe_marks(problem)
    return Measure(
        problem=len(problem),
        answer=len(answer),
        published_problem=_published(problem),
        published_answer=_published(answer),
        operators=operators_of(problem),
        names=tuple(sorted(ARITY.keys() & set(problem))),
        text=digest(" ".join(problem), 16),
        form=marks.form,
        values=marks.values,
        skeleton=digest(skeleton(problem), 16),
        by_text=marks.by_text,
    )


def _published(tokens: Sequence[str]) -> int | None:
    try:
        return len(in_published_notation(tokens))
    except (ParseError, ZeroDivisionError, RecursionError):
        return None
