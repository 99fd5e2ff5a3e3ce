"""What an exported row needs besides its columns: marks, and the pair as published; worked out in workers.

Its top level imports problems only: the mathematics stays in the worker processes.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.tokens import ALL_LEAVES, SPECIAL, SUMS, read_prefix

PRELOAD = ("asyncgen.mathematics.marks", "asyncgen.mathematics.cpu_limit")
CPU_SECONDS = 5.0  # for the marks of one problem: most take less than a thousandth of a second

_BEFORE_INTEGRAND = ("sub", "Y'")
_UNPUBLISHED = frozenset((*SPECIAL, *SUMS))


class Task(NamedTuple):
    """A row as a worker is given it. `real_answer` in ordinary notation takes the place of the answer."""

    kind: str
    problem: str
    answer: str | None
    real_answer: str | None
    confirmed: bool


class Wanted(NamedTuple):
    """What a row must have; `published`: a pair of problem and answer in the vocabulary of these files."""

    max_tokens: int
    published: bool


class Marked(NamedTuple):
    """What was worked out. `by_text`: its marks are those of its text, as no others could be had."""

    form: bytes
    values: bytes
    tokens: int  # of the problem
    answer: str | None
    source: str | None
    target: str | None
    by_text: bool


def mark(tasks: Sequence[Task], wanted: Wanted) -> list[Marked | str]:
    """For each row what was worked out, or why it is left out."""
    return [_marked(task, wanted, by_text=False) for task in tasks]


def mark_by_text(task: Task, wanted: Wanted) -> Marked | str:
    """The same without any mathematics, for a row that kills its worker."""
    return _marked(task, wanted, by_text=True)


def _marked(task: Task, wanted: Wanted, by_text: bool) -> Marked | str:
    try:
        problem = read_prefix(task.problem, ALL_LEAVES)
        answer = _answer(task)
    except ParseError:
        return "unreadable"
    pair = _pair(task, problem, answer, wanted)
    if isinstance(pair, str) and wanted.published:
        return pair
    if not wanted.published and max(len(problem), len(answer or ())) > wanted.max_tokens:
        return "too long"
    marks = None if by_text else _marks(problem)
    form, values = marks or _marks_of_text(problem)
    source, target = (None, None) if isinstance(pair, str) else pair
    shown = " ".join(answer) if answer else None
    return Marked(form, values, len(problem), shown, source, target, marks is None)


def _answer(task: Task) -> tuple[str, ...] | None:
    if task.real_answer is not None:
        return read_infix(task.real_answer)
    return read_prefix(task.answer, ALL_LEAVES) if task.answer else None


def _pair(
    task: Task, problem: Sequence[str], answer: Sequence[str] | None, wanted: Wanted
) -> tuple[str, str] | str:
    """Input and output as in the published files, or why there are none."""
    if not answer:
        return "no answer"
    if not task.confirmed:
        return "answer not confirmed"
    if wanted.published and not _UNPUBLISHED.isdisjoint((*problem, *answer)):
        return "outside the published vocabulary"
    try:
        found = in_published_notation(problem), in_published_notation(answer)
    except (ParseError, ZeroDivisionError):  # 1/0, which nobody publishes
        return "unreadable"
    except RecursionError:
        return "nested too deeply"
    source = found[0] if task.kind in EQUATIONS else (*_BEFORE_INTEGRAND, *found[0])
    if max(len(source), len(found[1])) > wanted.max_tokens:
        return "too long"
    return " ".join(source), " ".join(found[1])


def _marks(tokens: Sequence[str]) -> tuple[bytes, bytes] | None:
    """The marks of a problem, or None where they cannot be had."""
    from asyncgen.mathematics.cpu_limit import EXPIRED, within
    from asyncgen.mathematics.marks import marks_of

    try:
        found = within(CPU_SECONDS, lambda: marks_of(tokens))
    except Exception:  # whatever flint makes of a strange function: its text does instead, and is counted
        return None
    return None if found is EXPIRED else (found.form, found.values)


def _marks_of_text(tokens: Sequence[str]) -> tuple[bytes, bytes]:
    text = " ".join(tokens).encode()
    return hashlib.blake2b(text, digest_size=16).digest(), hashlib.blake2b(text, digest_size=8).digest()
