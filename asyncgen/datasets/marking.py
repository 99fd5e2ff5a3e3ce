"""What workers work out for an exported row: marks, the pair as published, and its derivation.

Its top level is light: the mathematics stays in the worker processes.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from asyncgen.datasets.columns import OWN, PAIR
from asyncgen.datasets.safe_marks import NO_MARKS, digest, marks_by_text, safe_marks
from asyncgen.datasets.selection import Selection
from asyncgen.datasets.steps import fitting, steps
from asyncgen.problems.derivations import Verdict
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.integral_equations import asked
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.published import in_published_notation
from asyncgen.problems.records import Outcome
from asyncgen.problems.tokens import ALL_LEAVES, SPECIAL, SUMS, read_prefix, skeleton

PRELOAD = ("asyncgen.mathematics.marks", "asyncgen.mathematics.cpu_limit")
PRELOAD_FOR_STEPS = ("asyncgen.datasets.steps:load",)

_BEFORE_INTEGRAND = ("sub", "Y'")
_UNPUBLISHED = frozenset((*SPECIAL, *SUMS))


class Task(NamedTuple):
    """A row as a worker is given it. `real_answer` in ordinary notation takes the place of the answer.

    verdict: what its derivation has to come to; None if none is wanted.
    """

    kind: str
    problem: str
    answer: str | None
    real_answer: str | None
    confirmed: bool
    verdict: Verdict | None = None


def task_of(row: Outcome, selection: Selection, with_steps: bool) -> Task:
    """A row as a worker is given it, with the answer that is selected."""
    real = row.real_answer if selection.real_answers else None
    verdict = fitting(row) if with_steps else None
    return Task(row.kind, row.problem_prefix, row.answer_prefix, real, selection.is_confirmed(row), verdict)


class Wanted(NamedTuple):
    """What a row must have; `published`: a pair of problem and answer in the vocabulary of these files.

    skeletons, marks: whether anybody asks for them. pair: whether pairs are written, so that a row with an
    answer has one; only_pairs: nothing else is, so that every row has one. own: whether problem and answer
    are written in our own notation. `max_tokens` counts in each notation that is written.
    """

    max_tokens: int
    published: bool
    skeletons: bool = False
    marks: bool = True
    pair: bool = False
    only_pairs: bool = False
    own: bool = True


class Notations(NamedTuple):
    """In which notations a problem and its answer are written: fields of Wanted."""

    pair: bool
    only_pairs: bool
    own: bool


def notations(columns: Collection[str]) -> Notations:
    """Those of rows with these columns; without either of them, a row counts as one in our own."""
    shown = set(columns)
    pair = not shown.isdisjoint(PAIR)
    return Notations(pair, bool(shown) and shown <= PAIR, not pair or not shown.isdisjoint(OWN))


class Skeletons(NamedTuple):
    """Marks of a problem without its numbers, of 8 bytes: as published if it can be, and as it stands."""

    published: bytes
    own: bytes


class Marked(NamedTuple):
    """What was worked out. `by_text`: its marks are those of its text, as no others could be had."""

    form: bytes
    values: bytes
    tokens: int  # of the problem
    answer: str | None
    source: str | None
    target: str | None
    by_text: bool
    steps: str | None = None  # the derivation, as JSON
    skeletons: Skeletons | None = None


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
    if isinstance(pair, str):
        may_be_taught = bool(answer) and task.confirmed
        if wanted.published or wanted.only_pairs or (wanted.pair and may_be_taught):
            return pair
    counts = isinstance(pair, str) or (wanted.own and not wanted.published)
    if counts and max(len(problem), len(answer or ())) > wanted.max_tokens:
        return "too long"
    marks = NO_MARKS
    if wanted.marks:
        marks = marks_by_text(problem) if by_text else safe_marks(problem)
    source, target = (None, None) if isinstance(pair, str) else pair
    shown = " ".join(answer) if answer else None
    how = None if by_text or task.verdict is None else steps(task.problem, task.verdict)
    blank = _skeletons(problem) if wanted.skeletons else None
    return Marked(marks.form, marks.values, len(problem), shown, source, target, marks.by_text, how, blank)


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


def _skeletons(problem: Sequence[str]) -> Skeletons:
    """Those of a function; an equation Y' = f(x) has those of f, whose integral it asks for."""
    problem = asked(problem)
    try:
        published = in_published_notation(problem)
    except (ParseError, ZeroDivisionError, RecursionError):
        published = tuple(problem)
    return Skeletons(*(digest(skeleton(tokens), 8) for tokens in (published, problem)))
