"""Forward problems: a random function is given, its antiderivative is looked for."""

from collections.abc import Iterable

from sympy import S
from sympy.core.random import seed as seed_sympy

from asyncgen.mathematics.check import Verdict
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Integrand
from asyncgen.mathematics.engines.portfolio import Result, describe, judge
from asyncgen.mathematics.engines.portfolio import solve as integrate
from asyncgen.mathematics.engines.sympy_engines import forget
from asyncgen.mathematics.sympy_notation import Untranslatable, X
from asyncgen.mathematics.values import Program, compile_tokens
from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status
from asyncgen.problems.tokens import seed_of

INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
PLACES = (0.7109375, 2.328125, -1.2890625, 0.109375, 5.6171875, -0.3359375)  # where a function is tried first
OFF_AXIS = tuple(complex(sign * place, place / 3) for place in PLACES for sign in (1, -1))  # not real
MODERATE = 1e300  # values beyond which numbers may be too large for SymPy


def solve(problem: Problem, limits: CpuLimits) -> Outcome:
    """The outcome of a forward problem, without its seconds.

    SymPy's own randomness is seeded from the tokens, so that the outcome does not depend on the problems that
    the process solved before, nor on the problem's number.
    """
    integrand = Integrand(problem.prefix.split())
    seed_sympy(seed_of(integrand.tokens))
    result = _refused(integrand, limits.parse) or integrate(integrand, limits)
    outcome = problem.outcome(
        result.status,
        answer=result.answer,
        engine=result.engine,
        reason=result.reason,
        proof=result.proof,
    )
    if problem.given is None:
        return outcome
    return outcome._replace(given=_verdict(integrand, problem.given, limits.check))


def _verdict(integrand: Integrand, given: str, seconds: float) -> str:
    """What the check says of an answer that came with the function."""
    try:
        judged = judge(integrand.tokens, tuple(given.split()), None, seconds)
    except Exception as error:  # of numbers too large, for instance: the label stands without it
        return f"error:{describe(error)}"
    return judged.reason or Verdict.CONFIRMED.value


def _refused(integrand: Integrand, seconds: float) -> Result | None:
    """Why the function is not worth an engine's time, if it is not.

    Two different values, known with their error bounds, show that it is; only where they are not found
    quickly SymPy, which is many times as slow, evaluates it.
    """
    program = compile_tokens(integrand.tokens)
    if _varies(program):
        return None
    found = _refused_by_sympy(integrand, seconds)
    if found and found.status is not Status.ERROR:
        return found
    return _refused_by_values(program) or found  # SymPy may fail at cosh(1/0)


def _varies(program: Program) -> bool:
    """Whether two values are known, of moderate size, and for certain different."""
    known = None
    for place in PLACES:
        value = program.at(place).value
        if not value.is_finite() or not value.abs_upper() < MODERATE:
            continue
        if known is not None and not value.overlaps(known):
            return True
        known = value
    return False


def _refused_by_values(program: Program) -> Result | None:
    """That the function has no value at any place tried, complex ones among them, as (x - x)**x has none."""
    places: Iterable[complex] = (*PLACES, *OFF_AXIS)
    if any(program.at(place, bits).value.is_finite() for bits in (64, 512) for place in places):
        return None
    return Result(Status.DEGENERATE, reason="undefined")


def _refused_by_sympy(integrand: Integrand, seconds: float) -> Result | None:
    """Why the function, once SymPy has evaluated it, is not worth an engine's time."""
    try:
        found = within(seconds, lambda: _degenerate(integrand))
    except Untranslatable as error:
        return Result(Status.DEGENERATE, reason=error.head)
    except MemoryError:
        return Result(Status.MEMORY)
    except Exception as error:  # of SymPy's evaluation, which is not our code
        return Result(Status.ERROR, reason=f"parse:{describe(error)}")
    if found is EXPIRED:
        forget()
        return Result(Status.TIMEOUT, reason="cpu:parse")
    return Result(Status.DEGENERATE, reason=found) if found else None


def _degenerate(integrand: Integrand) -> str | None:
    """The word for a function that is undefined, infinite or constant once SymPy evaluates it."""
    expression = integrand.expression
    if expression.has(S.NaN):
        return "nan"
    if expression.has(*INFINITE):
        return "infinite"
    return None if expression.has(X) else "constant"
