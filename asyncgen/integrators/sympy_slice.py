"""What the SymPy engines share: the CPU slice, and the way from an expression to candidates."""

from collections.abc import Callable
from typing import Any

from sympy.core.cache import clear_cache

from asyncgen.integrators.engine import Answer, Finding
from asyncgen.notation import Untranslatable, candidates
from asyncgen.slices import EXPIRED, within


def in_slice(seconds: float, call: Callable[[], Answer]) -> Answer:
    """The call's answer, or that it was cut."""
    answer = within(seconds, call)
    if answer is EXPIRED:
        forget()
        return Answer(Finding.CUT)
    return answer


def forget() -> None:
    """Clear SymPy's caches; to be called after a cut.

    SymPy marks a fact that it is working out as unknown; a cut leaves such marks on objects that its
    caches hand out again, where they would change the outcome of later problems.
    """
    clear_cache()


def answer_from(expression: Any) -> Answer:
    """The answer that an expression makes: solved, or unsolved where it has no notation."""
    try:
        found = tuple(candidates(expression))
    except Untranslatable as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
    if not found:
        return Answer(Finding.UNSOLVED, reason="notation:Piecewise")
    return Answer(Finding.SOLVED, found)
