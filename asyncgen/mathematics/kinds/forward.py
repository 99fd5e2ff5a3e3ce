"""Forward problems: a random function is given, its antiderivative is looked for."""

from dataclasses import replace

from flint import acb
from sympy import S
from sympy.core.random import seed as seed_sympy

from asyncgen.mathematics.answer_forms import described
from asyncgen.mathematics.check import Verdict
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Integrand, Tokens
from asyncgen.mathematics.engines.portfolio import Result, describe, judge
from asyncgen.mathematics.engines.portfolio import solve as integrate
from asyncgen.mathematics.engines.sympy_engines import forget
from asyncgen.mathematics.programs import Program
from asyncgen.mathematics.sympy_notation import Untranslatable, X
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.records import CpuLimits, Form, Known, Outcome, Problem, Status
from asyncgen.problems.tokens import seed_of

INFINITE = (S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
PLACES = (0.7109375, 2.328125, -1.2890625, 0.109375, 5.6171875, -0.3359375)  # where a function is tried first
FAR = (-0.01953125, 9.4140625, -12.453125, -21.265625, 35.28125, 77.53125, -118.40625, 1009.5, -1013.5)
OFF_AXIS = tuple(complex(sign * place, place / 3) for place in PLACES for sign in (1, -1))  # not real
_UNKNOWN = Form(Known.UNKNOWN, Known.UNKNOWN)
MODERATE = 1e300  # values beyond which numbers may be too large for SymPy
MANY_BITS = 512  # at which values that are equal to most digits are taken for the same
SAME_BITS = 200  # to which they must be known then
ENOUGH = 5  # places with the same value that show a constant


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
    if not _is_multiple_of_x(found.answer):
        return found
    return replace(refused, answer=found.answer, engine=found.engine)


def _is_multiple_of_x(answer: Tokens) -> bool:
    return _are_one(_values(compile_tokens(("div", *answer, "x"))))


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
    if _varies(program):
        return None
    values = _values(program)
    if _are_one(values):
        return Result(Status.DEGENERATE, reason="constant")
    found = _refused_by_sympy(integrand, seconds)
    if values or (found and found.status is not Status.ERROR and found.reason != "constant"):
        return found
    return Result(Status.DEGENERATE, reason="undefined")  # SymPy takes 1/(1/0) for 0, and fails at cosh(1/0)


def _varies(program: Program) -> bool:
    """Whether two values are known, of moderate size, and for certain different."""
    known = None
    for place in PLACES:
        value = program.value_at(place)
        if not value.is_finite() or not value.abs_upper() < MODERATE:
            continue
        if known is not None and not value.overlaps(known):
            return True
        known = value
    return False


def _values(program: Program) -> list[acb]:
    """The values at all places tried, complex ones among them; (x - x)/(x - x) has none."""
    values = (program.value_at(place, MANY_BITS) for place in (*PLACES, *FAR, *OFF_AXIS))
    return [value for value in values if value.is_finite()]


def _are_one(values: list[acb]) -> bool:
    """Whether enough values are known to many digits, and are the same, as of sin(x)**2 + cos(x)**2."""
    known = [value for value in values if value.rad() < (1 + value.abs_upper()) / 2**SAME_BITS]
    return len(known) >= ENOUGH and all(value.overlaps(known[0]) for value in values)


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
