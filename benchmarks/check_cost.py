"""What does the check of an answer cost a row, building both programs from tokens included?

FriCAS answers the first N problems of preset lample-charton (operators uniform in LOW..HIGH); each answer is
then checked RUNS times, and the median of the runs is a row's cost. Prints percentiles and mean in
milliseconds of CPU, the part that goes into building, the verdicts, and the rows that cost most. With
--mpmath K, a second opinion: K confirmed answers are differentiated numerically, at twenty points each.

    python benchmarks/check_cost.py [--low 1 --high 5 --n 1000 --runs 5] [--mpmath 150]
"""

import argparse
import statistics
from collections import Counter
from collections.abc import Callable
from random import Random
from time import process_time
from typing import Any

import mpmath  # type: ignore[import-untyped]
from sympy import lambdify

from asyncgen.mathematics.check import Check, Verdict, check
from asyncgen.mathematics.engines.fricas.engine import Fricas
from asyncgen.mathematics.engines.interface import Finding, Integrand
from asyncgen.mathematics.sympy_notation import X, to_sympy
from asyncgen.mathematics.values import compile_tokens
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import Problem
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler

Tokens = tuple[str, ...]
Row = tuple[Problem, Tokens, Tokens]  # the problem, its integrand, an answer
CPU_LIMIT = 0.25  # CPU seconds of FriCAS a problem
DIGITS = 50  # of mpmath's arithmetic
POINTS = 20  # real points a row, for the second opinion


def answered(low: int, high: int, count: int) -> list[Row]:
    """Every candidate that FriCAS has for the first problems."""
    sampler = Sampler(Spec(with_operator_range(PRESETS["lample-charton"], low, high)))
    fricas, rows = Fricas(), []
    fricas.start()
    for problem in map(sampler.problem, range(count)):
        integrand = Integrand(problem.prefix.split())
        answer = fricas.integrate(integrand, CPU_LIMIT)
        if answer.finding is Finding.SOLVED:
            rows += [(problem, integrand.tokens, candidate) for candidate in answer.candidates]
    return rows


def seconds(call: Callable[[], Any], runs: int) -> float:
    """CPU seconds, the median of some runs."""
    taken = []
    for _ in range(runs):
        started = process_time()
        call()
        taken.append(process_time() - started)
    return statistics.median(taken)


def line(name: str, costs: list[float]) -> str:
    ordered = sorted(1000 * cost for cost in costs)
    marks = " ".join(f"p{p} {ordered[len(ordered) * p // 100]:.3f}" for p in (10, 50, 90, 99))
    return f"{name:9} {marks} max {ordered[-1]:.1f} mean {statistics.mean(ordered):.3f} ms"


def agrees(f: Callable[[Any], Any], answer: Callable[[Any], Any], place: Any) -> bool | None:
    """Whether mpmath's slope of the answer is f there; None where f is no real number."""
    try:
        wanted = mpmath.mpmathify(f(place))
        if not mpmath.isfinite(wanted) or abs(mpmath.im(wanted)) > 1e-25 * abs(wanted):
            return None
        step = mpmath.mpf(10) ** -15
        slope = (answer(place + step) - answer(place - step)) / (2 * step)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return bool(abs(slope - wanted) <= 1e-12 * (1 + abs(wanted)))


def second_opinion(rows: list[Row], random: Random) -> None:
    """Print how often mpmath agrees with what the check confirmed, and each point where it does not."""
    mpmath.mp.dps = DIGITS
    tally: Counter[bool | None] = Counter()
    for problem, integrand, answer in rows:
        f, primitive = (lambdify(X, to_sympy(tokens), "mpmath") for tokens in (integrand, answer))
        for _ in range(POINTS):
            place = mpmath.mpf(random.choice((-1, 1)) * 2 ** random.uniform(-3, 4))
            tally[verdict := agrees(f, primitive, place)] += 1
            if verdict is False:
                print(f"  mpmath differs at {float(place):g}: problem {problem.index} {to_infix(integrand)}")
    print(f"mpmath on {len(rows)} confirmed rows: {tally[True]} points agree, {tally[False]} differ")


def report(rows: list[Row], results: list[Check], runs: int) -> None:
    """Print the costs, the verdicts, and the most expensive rows."""
    costs = [seconds(lambda row=row: check(row[1], row[2]), runs) for row in rows]  # type: ignore[misc]
    building = [seconds(lambda row=row: [*map(compile_tokens, row[1:])], runs) for row in rows]  # type: ignore[misc]
    print(line("check", costs))
    print(line("building", building))
    print(dict(Counter(result.reason for result in results).most_common(9)))
    worst = sorted(zip(costs, rows, strict=True), key=lambda pair: -pair[0])[:3]
    for cost, (problem, integrand, answer) in worst:
        text = to_infix(integrand)[:60]
        print(f"  {1000 * cost:.1f} ms: problem {problem.index}, {len(answer)} tokens, {text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("low", 1), ("high", 5), ("n", 1000), ("runs", 5), ("mpmath", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    rows = answered(options.low, options.high, options.n)
    results = [check(integrand, answer) for _, integrand, answer in rows]
    print(f"operators {options.low}..{options.high}: {len(rows)} answers of FriCAS to {options.n} problems")
    report(rows, results, options.runs)
    pairs = zip(rows, results, strict=True)
    confirmed = [row for row, result in pairs if result.verdict is Verdict.CONFIRMED]
    if options.mpmath:
        random = Random(1)
        second_opinion(random.sample(confirmed, min(options.mpmath, len(confirmed))), random)


if __name__ == "__main__":
    main()
