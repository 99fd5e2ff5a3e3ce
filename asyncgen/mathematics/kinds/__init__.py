"""Kinds of problem: for each, what to solve and how to check it, in a module with one `solve`.

`solve(problem, limits)` returns an Outcome without its seconds, which `worker` adds. Modules are
imported when a problem first asks for them, because they pull SymPy in.
"""

from importlib import import_module
from typing import Protocol, cast

from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import CpuLimits, Outcome, Problem

KINDS = {"forward": "asyncgen.mathematics.kinds.forward"}


class Kind(Protocol):
    """A module of this package."""

    def solve(self, problem: Problem, limits: CpuLimits) -> Outcome:
        """What became of the problem; its seconds are left at 0."""
        ...


def kind(name: str) -> Kind:
    """The module that solves problems of this kind. Raises UsageError for a kind there is none for."""
    if name not in KINDS:
        raise UsageError(f"no kind of problem is called '{name}': there are {', '.join(KINDS)}")
    return cast(Kind, import_module(KINDS[name]))
