"""Does a proof of our own integrator ever contradict an answer of another engine, and who is right?

The first N functions of a stream, each labelled by `risch` alone and by each other engine alone. A conflict
is an elementary answer of the one, confirmed by our check, to a function that the other rules out. For each,
the answer's numerical slope (mpmath, 30 digits) is compared with the function at real points, or at complex
ones where there are none: an oracle that shares nothing with our check. Where they agree, the one that rules
the function out is wrong. Exit status 1 if that is `risch`.

    python benchmarks/conflicts.py --low 1 --high 5 --n 2500 [--seed 40] [--engines fricas,sympy-risch]

SymPy's engines are slow: up to 0.25 CPU seconds for nearly every function.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

import mpmath
from sympy import lambdify

from asyncgen.jobs.limits import DEFAULT_TIMEOUT, choose
from asyncgen.mathematics.sympy_notation import X, to_sympy
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.worker import solve

OURS = "risch"
DIGITS = 30
ENOUGH = mpmath.mpf(10) ** -8  # of relative difference between a slope and a value
REAL = [mpmath.mpf(k) / 7 for k in range(-40, 41, 3)]
COMPLEX = [mpmath.mpc(point, 1 + point / 5) for point in REAL]


def labelled(problem: Problem, engine: str) -> Outcome:
    """What one engine says, within the CPU seconds of a default run."""
    return solve(problem, CpuLimits(engines=choose(engine, DEFAULT_TIMEOUT)))


def conflicts(outcomes: dict[str, Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    """Each confirmed elementary answer beside the word of an engine that says that there is none."""
    ours = outcomes[OURS]
    for other in outcomes.values():
        for answer, verdict in ((ours, other), (other, ours)):
            if answer.status is Status.ELEMENTARY and verdict.proof is not None:
                yield answer, verdict


def slopes(problem: str, answer: str) -> tuple[str, int, int]:
    """Where it was looked (real or complex points), and at how many the slope agrees, and does not."""
    function, antiderivative = (
        lambdify(X, to_sympy(prefix.split()), "mpmath") for prefix in (problem, answer)
    )
    counts: Counter[bool] = Counter()
    for place, points in (("real", REAL), ("complex", COMPLEX)):
        for point in points:
            try:
                value, slope = function(point), mpmath.diff(antiderivative, point)
            except (ValueError, ZeroDivisionError, OverflowError, TypeError, mpmath.libmp.NoConvergence):
                continue
            usable = place == "complex" or not mpmath.im(value)
            if usable and mpmath.isfinite(value) and mpmath.isfinite(slope):
                counts[bool(abs(value - slope) <= ENOUGH * max(abs(value), ENOUGH))] += 1
        if counts:
            break
    return place, counts[True], counts[False]


def report(answer: Outcome, verdict: Outcome) -> bool:
    """Print a conflict with its evidence; whether the one that rules the function out is wrong."""
    assert answer.answer_prefix
    place, right, wrong = slopes(answer.problem_prefix, answer.answer_prefix)
    print(f"CONFLICT {answer.index}: {answer.integrand}")
    print(f"  {verdict.proof} rules it out: {verdict.reason}")
    print(f"  {answer.engine} answers {to_infix(answer.answer_prefix)}")
    print(f"  its slope agrees at {right} {place} points, and differs at {wrong}", flush=True)
    return right > 0 and not wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--low", type=int, default=1)
    parser.add_argument("--high", type=int, default=5)
    parser.add_argument("--n", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--engines", default="fricas", help="those to compare with, separated by commas")
    options = parser.parse_args()
    mpmath.mp.dps = DIGITS
    engines = (OURS, *options.engines.split(","))
    distribution = with_operator_range(PRESETS["lample-charton"], options.low, options.high)
    sampler = Sampler(Spec(distribution, seed=options.seed))
    pairs: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[str | None] = Counter()
    for index in range(options.n):
        outcomes = {engine: labelled(sampler.problem(index), engine) for engine in engines}
        pairs.update((engine, outcomes[OURS].status, outcomes[engine].status) for engine in engines[1:])
        wrong.update(verdict.proof for answer, verdict in conflicts(outcomes) if report(answer, verdict))
    print(f"| engine | {OURS} | the engine | functions |\n|---|---|---|---|")
    for (engine, ours, theirs), count in sorted(pairs.items()):
        print(f"| {engine} | {ours} | {theirs} | {count} |")
    print(f"false verdicts: {dict(wrong) or 'none'}")
    return 1 if wrong[OURS] else 0


if __name__ == "__main__":
    sys.exit(main())
