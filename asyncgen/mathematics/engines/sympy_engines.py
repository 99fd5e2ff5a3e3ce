"""SymPy's integrators, each within a CPU limit: `risch_integrate`, `integrate`, `manualintegrate`.

What `risch_integrate` proves (read from sympy/integrals/risch.py, 1.14): it writes f as g' + r with g
elementary; a remainder r that is a NonElementaryIntegral means that r, and so f itself, has no elementary
antiderivative. Only towers of exponentials and logarithms are covered; for all others it raises
NotImplementedError.

One step is weaker than a proof. `parametric_log_deriv_heu` returns None both where it has shown that an
equation has no solution and where its heuristic does not apply; callers read either as "no solution", and the
verdict may then be wrong. Calls of the second sort are noticed here, and a "nonelementary" after one is not
taken as a verdict. The other two prove nothing: an `Integral` left anywhere means unsolved.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sympy
from sympy import Integral
from sympy.core.cache import clear_cache
from sympy.integrals import prde
from sympy.integrals.manualintegrate import manualintegrate
from sympy.integrals.risch import derivation, risch_integrate

from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand, Tokens
from asyncgen.mathematics.sympy_notation import Untranslatable, X, candidates
from asyncgen.problems.tokens import fold

_COVERED = frozenset(
    ("add", "sub", "mul", "div", "inv", "pow", "pow2", "pow3", "pow4", "pow5", "exp", "ln"),
)


class SympyRisch:
    """`risch_integrate` with its heuristic step watched."""

    name = "sympy-risch"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        if not _is_covered(integrand.tokens):  # seen without the work of making a SymPy expression of it
            return Answer(Finding.UNSOLVED, reason="not implemented")
        return _within_limit(seconds, lambda: _risch(integrand))


def _is_covered(tokens: Tokens) -> bool:
    """Whether x stands inside exponentials, logarithms and arithmetic only."""
    others = []

    def apply(name: str, operands: list[bool]) -> bool:
        moves = any(operands)
        if moves and name not in _COVERED:
            others.append(name)
        return moves

    fold(tokens, lambda leaf: leaf == "x", apply)
    return not others


def _risch(integrand: Integrand) -> Answer:
    with _doubts() as doubts:
        try:
            elementary, rest = risch_integrate(integrand.expression, X, separate_integral=True, conds="none")
        except NotImplementedError:
            return Answer(Finding.UNSOLVED, reason="not implemented")
    if rest != 0:
        if doubts:
            return Answer(Finding.UNSOLVED, reason="heuristic")
        return Answer(Finding.NONELEMENTARY, reason="sympy-risch")
    return _whole(elementary)


@contextmanager
def _doubts() -> Iterator[list[str]]:
    """Collects the calls whose None may mean that the heuristic gave up."""
    doubts: list[str] = []
    heuristic: Any = prde.parametric_log_deriv_heu

    def watched(*arguments: Any) -> Any:
        found = heuristic(*arguments)
        if found is None and _undecided(*arguments):
            doubts.append("parametric_log_deriv")
        return found

    prde.parametric_log_deriv_heu = watched
    try:
        yield doubts
    finally:
        prde.parametric_log_deriv_heu = heuristic


def _undecided(fa: Any, fd: Any, wa: Any, wd: Any, tower: Any) -> bool:
    """Whether the degrees leave the question open, so that the heuristic's None is no proof.

    Bronstein, Symbolic Integration I, section 7.3: degrees above the bound decide; below it, the
    heuristic needs a special factor of the denominators.
    """
    bound = max(0, derivation(tower.t, tower).degree(tower.t) - 1)
    quotients = fa.div(fd)[0], wa.div(wd)[0]
    return all(quotient.degree(tower.t) <= bound for quotient in quotients)


class SympyIntegrate:
    """All of SymPy's methods in turn, elementary and special answers alike."""

    name = "integrate"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        return _within_limit(seconds, lambda: _whole(sympy.integrate(integrand.expression, X)))


class SympyManual:
    """The rules taught in school, tried as a person would."""

    name = "manual"

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        return _within_limit(seconds, lambda: _whole(manualintegrate(integrand.expression, X)))


# -- what they share -----------------------------------------------------------------------------------


def _within_limit(seconds: float, call: Callable[[], Answer]) -> Answer:
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


def _whole(expression: Any) -> Answer:
    """The answer that an expression makes, if no part of it is left unintegrated."""
    if expression.has(Integral):
        return Answer(Finding.UNSOLVED, reason="integral")
    return _answer_from(expression)


def _answer_from(expression: Any) -> Answer:
    """The answer that an expression makes: solved, or unsolved where it has no notation."""
    try:
        found = tuple(candidates(expression))
    except Untranslatable as error:
        return Answer(Finding.UNSOLVED, reason=f"notation:{error.head}")
    if not found:
        return Answer(Finding.UNSOLVED, reason="notation:Piecewise")
    return Answer(Finding.SOLVED, found)
