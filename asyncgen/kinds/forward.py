"""Forward problems: a random function is given, its antiderivative is looked for."""

from sympy import S
from sympy.core.random import seed as seed_sympy

from asyncgen.integrators.engine import Integrand
from asyncgen.integrators.portfolio import Result, describe
from asyncgen.integrators.portfolio import solve as integrate
from asyncgen.integrators.sympy_slice import forget
from asyncgen.notation import Untranslatable, X
from asyncgen.records import Outcome, Problem, Slices, Status
from asyncgen.slices import EXPIRED, within
from asyncgen.tokens import to_infix

INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity)


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
    """Why the function is not worth an engine's time, if it is not: read it, and look at it."""
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
