"""Forward problems: a random function is given, its antiderivative is looked for."""

from dataclasses import replace

from sympy import S
from sympy.core.random import seed as seed_sympy

from asyncgen.mathematics.answer_forms import described
from asyncgen.mathematics.check import Verdict
from asyncgen.mathematics.constancy import are_one, is_multiple_of_x, values_of, varies
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Integrand, Tokens
from asyncgen.mathematics.engines.portfolio import Result, describe, judge
from asyncgen.mathematics.engines.portfolio import solve as integrate
from asyncgen.mathematics.engines.sympy_engines import forget
from asyncgen.mathematics.sympy_notation import Untranslatable, X
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.records import CpuLimits, Form, Known, Outcome, Problem, Status
from asyncgen.problems.tokens import seed_of

INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
_UNKNOWN = Form(Known.UNKNOWN, Known.UNKNOWN)


def solve(problem: Problem, limits: CpuLimits) -> Outcome:
    """The outcome of a forward problem, without its seconds.

    SymPy's own randomness is seeded from the tokens, so that the outcome does not depend on the problems that
    the process solved before, nor on the problem's number.
    """
    integrand = Integrand(problem.prefix.split())
    seed_sympy(seed_of(integrand.tokens))
    result = _result(integrand, limits)
    outcome = problem.outcome(
        result.status,
        answer=result.answer,
        engine=result.engine,
        reason=result.reason,
        proof=result.proof,
    )
    if result.answer is not None and outcome.success:
        outcome = outcome.formed(form_within(integrand.tokens, result.answer, limits.check))
    if problem.given is None:
        return outcome
    return outcome._replace(given=_verdict(integrand, problem.given, limits.check))


def _result(integrand: Integrand, limits: CpuLimits) -> Result:
    """A constant c is degenerate, and yet has the antiderivative c x.

    What seems constant, and has another antiderivative, is constant on intervals only, as sign(x - 1000) is.
    """
    refused = refusal(integrand, limits.parse)
    if refused is not None and refused.reason != "constant":
        return refused
    found = integrate(integrand, limits)
    if refused is None:
        return found
    if found.status is not Status.ELEMENTARY or found.answer is None:
        return replace(refused, answer=("mul", *integrand.tokens, "x"))
    if not is_multiple_of_x(found.answer):
        return found
    return replace(refused, answer=found.answer, engine=found.engine)


def form_within(integrand: Tokens, answer: Tokens, seconds: float) -> Form:
    """What else is to be said of a confirmed answer, in so many CPU seconds."""
    found = within(seconds, lambda: described(integrand, answer))
    return _UNKNOWN if found is EXPIRED else found


def _verdict(integrand: Integrand, given: str, seconds: float) -> str:
    """What the check says of an answer that came with the function."""
    try:
        judged = judge(integrand.tokens, tuple(given.split()), None, seconds)
    except Exception as error:  # of numbers too large, for instance: the label stands without it
        return f"error:{describe(error)}"
    return judged.reason or Verdict.CONFIRMED.value


def refusal(integrand: Integrand, seconds: float) -> Result | None:
    """Why the function is not worth an engine's time, if it is not.

    Two different values, known with their error bounds, show that it is; only where they are not found
    quickly more values are looked for, and SymPy, which is many times as slow, evaluates it.
    """
    program = compile_tokens(integrand.tokens)
    if varies(program):
        return None
    values = values_of(program)
    if are_one(values):
        return Result(Status.DEGENERATE, reason="constant")
    found = _refused_by_sympy(integrand, seconds)
    if values or (found and found.status is not Status.ERROR and found.reason != "constant"):
        return found
    return Result(Status.DEGENERATE, reason="undefined")  # SymPy takes 1/(1/0) for 0, and fails at cosh(1/0)


def _refused_by_sympy(integrand: Integrand, seconds: float) -> Result | None:
    """Why the function, once SymPy has evaluated it, is not worth an engine's time."""
    seed_sympy(seed_of(integrand.tokens))
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
