"""Kinds of problem: for each a module, with one `solve`, or with `attempt` if it is built with its answer.

`solve(problem, limits)` returns an Outcome without its seconds, which `worker` adds; `construction` says what
`attempt` is. Modules are imported when a problem first asks for them, because some pull SymPy in.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol, cast

from asyncgen.mathematics.kinds.construction import Construction
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import CONSTRUCTED, FORWARD
from asyncgen.problems.records import CpuLimits, Outcome, Problem

KINDS = {name: f"{__name__}.{name.replace('-', '_')}" for name in (FORWARD, *CONSTRUCTED)}


class Kind(Protocol):
    """A module of this package whose problems are solved."""

    def solve(self, problem: Problem, limits: CpuLimits) -> Outcome:
        """What became of the problem; its seconds are left at 0."""
        ...


def kind(name: str) -> Kind:
    """The module that solves problems of this kind. Raises UsageError for a kind there is none for."""
    return cast(Kind, _module(name))


def builder(name: str) -> Construction:
    """The module that builds problems of this kind. Raises as `kind`."""
    return cast(Construction, _module(name))


def _module(name: str) -> ModuleType:
    if name not in KINDS:
        raise UsageError(f"no kind of problem is called '{name}': there are {', '.join(KINDS)}")
    return import_module(KINDS[name])


def import_constructions() -> None:
    """Import every module that builds problems; one that is missing is missed when a problem asks for it."""
    for name in CONSTRUCTED:
        if find_spec(KINDS[name]) is not None:
            import_module(KINDS[name])
