"""What an engine is: the interface to fill for another one.

An engine gets an integrand and a number of CPU seconds, and answers with candidates: it is never trusted, so
it need not check them. It keeps to its CPU limit itself, because what counts depends on the engine (this
process for SymPy, a process of its own for others).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from asyncgen.problems.derivations import Derivation

Tokens = tuple[str, ...]


class Finding(StrEnum):
    """What an engine says of an integrand."""

    SOLVED = "solved"  # there are candidates
    GUESSED = "guessed"  # there are candidates, of which it knows nothing: wrong ones are no evidence
    NONELEMENTARY = "nonelementary"  # its decision procedure rules out an elementary antiderivative
    UNSOLVED = "unsolved"  # it finished without either
    CUT = "cut"  # its CPU seconds were used up


@dataclass(frozen=True, slots=True)
class Answer:
    """An engine's answer: candidates in prefix notation, best first, none of them checked.

    They are looked at one by one until one is confirmed, so that an engine may work out the later ones
    only when they are asked for. Next to NONELEMENTARY they hold special functions; whether one of them is
    confirmed or not, and whatever goes wrong on the way, the proof stays.
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
        from asyncgen.mathematics.sympy_notation import to_sympy

        return to_sympy(self.tokens)


class Explainer(Protocol):
    """An engine that says how it decides a function."""

    def explain(self, integrand: Integrand, seconds: float) -> "Derivation":
        """The derivation, found in so many CPU seconds. Raises whatever goes wrong inside."""
        ...


class Integrator(Protocol):
    """One engine. Raises whatever goes wrong inside; the portfolio records it."""

    name: str

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """Candidates for an antiderivative, found in so many CPU seconds."""
        ...
