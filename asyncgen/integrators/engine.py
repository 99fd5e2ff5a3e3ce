"""What an engine is: the interface to fill for another one, and the list of those there are.

An engine gets an integrand and a number of CPU seconds, and answers with candidates: it is never
trusted, so it need not check them. It keeps to its slice itself, because what the slice counts
depends on the engine (this process for SymPy, a process of its own for others).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from importlib import import_module
from typing import Any, Protocol

from asyncgen.records import UsageError

Tokens = tuple[str, ...]


class Finding(StrEnum):
    """What an engine says of an integrand."""

    SOLVED = "solved"  # there are candidates
    NONELEMENTARY = "nonelementary"  # its decision procedure rules out an elementary antiderivative
    UNSOLVED = "unsolved"  # it finished without either
    CUT = "cut"  # its slice was used up


@dataclass(frozen=True, slots=True)
class Answer:
    """An engine's answer: candidates in prefix notation, best first, none of them checked.

    They are looked at one by one until one is confirmed, so that an engine may work out the later ones
    only when they are asked for.
    """

    finding: Finding
    candidates: Iterable[Tokens] = ()
    reason: str | None = None


class Integrand:
    """The function to integrate: as tokens, and as a SymPy expression once something asks for it."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens: Tokens = tuple(tokens)

    @cached_property
    def expression(self) -> Any:
        """The SymPy expression. Raises Untranslatable if it holds a number too large."""
        from asyncgen.notation import to_sympy

        return to_sympy(self.tokens)


class Integrator(Protocol):
    """One engine. Raises whatever goes wrong inside; the portfolio records it."""

    name: str

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """Candidates for an antiderivative, found in so many CPU seconds."""
        ...


ENGINES = {
    "fricas": "asyncgen.integrators.fricas:Fricas",
    "risch": "asyncgen.integrators.sympy_risch:SympyRisch",
    "manual": "asyncgen.integrators.sympy_manual:SympyManual",
    "integrate": "asyncgen.integrators.sympy_integrate:SympyIntegrate",
    "maxima": "asyncgen.integrators.maxima:Maxima",
}
_started: dict[str, Integrator] = {}


def engine(name: str) -> Integrator:
    """The engine of this name, the same for each call in a process. Raises UsageError for others."""
    if name not in ENGINES:
        near = get_close_matches(name, ENGINES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(ENGINES)}"
        raise UsageError(f"no engine is called '{name}': {hint}")
    if name not in _started:
        module, _, attribute = ENGINES[name].partition(":")
        _started[name] = getattr(import_module(module), attribute)()
    return _started[name]
