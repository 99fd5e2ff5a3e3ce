"""Forward problems: a random function is given, its antiderivative is looked for."""

from collections.abc import Iterable

from sympy import S
from sympy.core.random import seed as seed_sympy

from asyncgen.evaluate import Program, compile_tokens
from asyncgen.integrators.engine import Integrand
from asyncgen.integrators.portfolio import Result, describe
from asyncgen.integrators.portfolio import solve as integrate
from asyncgen.integrators.sympy_slice import forget
from asyncgen.notation import Untranslatable, X
from asyncgen.records import Outcome, Problem, Slices, Status
from asyncgen.slices import EXPIRED, within
from asyncgen.tokens import to_infix

INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
PLACES = (0.7109375, 2.328125, -1.2890625, 0.109375, 5.6171875, -0.3359375)  # where a function is tried first
BESIDE = tuple(complex(sign * place, place / 3) for place in PLACES for sign in (1, -1))  # off the real line
MODERATE = 1e300  # values beyond which numbers may be too large for SymPy


def solve(problem: Problem, slices: Slices) -> Outcome:
    """The outcome of a forward problem, without its seconds.

    SymPy's own randomness is seeded from the problem's, so that the outcome does not depend on the
    problems that the process solved before.
    """
    seed_sympy(problem.seed)
    integrand = Integrand(problem.prefix.split())
    result = _refused(integrand, slices.parse) or integrate(integrand, slices, problem.seed)
    return outcome(problem, result)


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
    places: Iterable[complex] = (*PLACES, *BESIDE)
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
        return Result(Status.TIMEOUT, reason="slice:parse")
    return Result(Status.DEGENERATE, reason=found) if found else None


def _degenerate(integrand: Integrand) -> str | None:
    """The word for a function that is undefined, infinite or constant once SymPy evaluates it."""
    expression = integrand.expression
    if expression.has(S.NaN):
        return "nan"
    if expression.has(*INFINITE):
        return "infinite"
    return None if expression.has(X) else "constant"


def outcome(problem: Problem, result: Result) -> Outcome:
    """The row that a result makes of a problem; the answer is written out only if it succeeded."""
    answer = result.answer
    return Outcome(
        index=problem.index,
        kind=problem.kind,
        status=result.status,
        problem_prefix=problem.prefix,
        integrand=to_infix(problem.prefix),
        operators=problem.operators,
        answer_prefix=" ".join(answer) if answer else None,
        integral=to_infix(answer) if answer and result.status.success else None,
        engine=result.engine,
        reason=result.reason,
    )
