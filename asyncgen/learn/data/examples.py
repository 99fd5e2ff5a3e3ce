"""Rows of data sets as examples: what is asked, what is taught, to which class a problem belongs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from asyncgen.learn.data.targets import without_constant
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.published import operators_of
from asyncgen.problems.records import Status
from asyncgen.problems.tokens import ARBITRARY, UNKNOWNS

CLOSED, NONE, UNDECIDED = range(3)
LABELS = ("closed form", "proven to have none", "undecided")
TAUGHT = tuple(status for status in Status if status.success)
PROVEN = (*TAUGHT, Status.NONELEMENTARY)
CLASSIFIED = (*PROVEN, Status.UNVERIFIED, Status.TIMEOUT, Status.MEMORY, Status.UNSOLVED)
_INTEGRAL = ("sub", "Y'")  # begins the integrals of published files


class Example(NamedTuple):
    """A problem as it is learned from. answer: empty where there is none that may be taught."""

    problem: tuple[str, ...]
    answer: tuple[str, ...]
    label: int  # a place in LABELS
    operators: int
    kind: str


def from_row(row: Mapping[str, Any]) -> Example:
    """The example that a row is whose columns are in our own notation."""
    status = Status(row["status"])
    problem = tuple(row["problem_prefix"].split())
    answer = tuple((row["answer_prefix"] or "").split()) if status.success else ()
    label = CLOSED if status.success else NONE if status is Status.NONELEMENTARY else UNDECIDED
    return _example(problem, answer, label, row["kind"])


def from_published(line: str) -> Example:
    """The example in a line of a published file: problem, tab, answer. Raises ValueError."""
    problem_text, answer_text = line.partition("|")[2].split("\t") if "|" in line else line.split("\t")
    problem, answer = tuple(problem_text.split()), tuple(answer_text.split())
    if problem[:2] == _INTEGRAL and not has_unknown(problem[2:]):
        return _example(problem[2:], answer, CLOSED, "integral")
    return _example(problem, answer, CLOSED, f"ode{constants_of(problem)}")


def has_unknown(problem: tuple[str, ...]) -> bool:
    """Whether a problem is a differential equation."""
    return any(token in UNKNOWNS for token in problem)


def constants_of(problem: tuple[str, ...]) -> int:
    """How many arbitrary constants a solution has: the order of the equation, for an integral 0."""
    return len(ARBITRARY) if UNKNOWNS[-1] in problem else int(has_unknown(problem))


def _example(problem: tuple[str, ...], answer: tuple[str, ...], label: int, kind: str) -> Example:
    if answer and kind not in EQUATIONS:
        answer = without_constant(answer)
    return Example(problem, answer, label, operators_of(problem), kind)
