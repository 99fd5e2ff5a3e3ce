"""Do the engines agree, and is "nonelementary" ever said of a function that has an antiderivative?

For N functions: each engine alone labels every one; the table counts agreements, and every conflict (one has
a confirmed antiderivative, another says nonelementary) is printed with both. For N derivatives of random
elementary functions, whose antiderivative is known: how many were ruled out. FriCAS labels the functions
twice: rows whose status differs were near the end of a CPU limit. Its unverified rows are printed.

    python benchmarks/quality.py --low 1 --high 5 --n 1000
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from asyncgen.jobs.labelling import outcome_of, scheduler_settings, solver
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.sympy_notation import X, from_sympy, to_sympy
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import Outcome, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.scheduler import Scheduler

ENGINES = ("fricas", "sympy-risch", "integrate")


async def labelled(problems: Iterable[Problem], engines: str) -> dict[int, Outcome]:
    """The outcome of each problem by its index."""
    limits = Limits(engines=engines)
    async with Scheduler(scheduler_settings(limits, Workforce(workers=2))) as scheduler:
        outcomes = [outcome_of(result) async for result in scheduler.stream(solver(limits), problems)]
    return {outcome.index: outcome for outcome in outcomes}


def verdict(outcome: Outcome) -> str:
    if outcome.status.success:
        return "solved"
    return "nonelementary" if outcome.status is Status.NONELEMENTARY else "no label"


def agreement(found: dict[str, dict[int, Outcome]], indices: range) -> None:
    """Print how often each pair of engines said what, and every conflict."""
    names = list(found)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            pairs = Counter((verdict(found[one][i]), verdict(found[other][i])) for i in indices)
            print(f"\n{one} / {other}")
            for (left, right), count in sorted(pairs.items()):
                print(f"  {left:14s} {right:14s} {count}")
            for i in indices:
                conflict(found[one][i], found[other][i])


def conflict(one: Outcome, other: Outcome) -> None:
    """Print a pair of which one is solved elementarily and the other says that this is impossible."""
    for left, right in ((one, other), (other, one)):
        if left.status is Status.ELEMENTARY and right.status is Status.NONELEMENTARY:
            print(f"  CONFLICT {left.index}: {left.integrand}")
            print(f"    {left.engine}: {left.integral}\n    {right.engine}: nonelementary ({right.reason})")


def unverified(outcomes: dict[int, Outcome]) -> None:
    """Print the unverified rows by reason."""
    rows = [outcome for outcome in outcomes.values() if outcome.status is Status.UNVERIFIED]
    print(f"\nunverified: {dict(Counter((row.reason or '').partition(':')[0] for row in rows))}")
    for row in sorted(rows, key=lambda row: row.reason or ""):
        print(f"  {row.reason} {row.index}: {row.integrand} -> {to_infix(row.answer_prefix or 'x')[:300]}")


def derivatives(sampler: Sampler, n: int) -> list[Problem]:
    """Derivatives of the stream's functions, as problems; those that do not depend on x are left out."""
    found, index = [], 0
    while len(found) < n:
        problem = sampler.problem(index)
        index += 1
        try:
            derivative = within(1.0, partial(_derivative, problem.prefix.split()))
            if derivative is EXPIRED or not derivative.has(X):
                continue
            prefix = " ".join(from_sympy(derivative))
        except Exception:
            continue
        found.append(Problem(len(found), prefix, problem.operators))
    return found


def _derivative(tokens: list[str]) -> Any:
    return to_sympy(tokens).diff(X)


async def run(options: argparse.Namespace) -> None:
    distribution = with_operator_range(PRESETS["lample-charton"], options.low, options.high)
    sampler, indices = Sampler(Spec(distribution, seed=options.seed)), range(options.n)
    problems = [sampler.problem(index) for index in indices]
    found = {name: await labelled(problems, name) for name in ENGINES}
    for name, outcomes in found.items():
        print(name, dict(Counter(outcome.status.value for outcome in outcomes.values())))
    agreement(found, indices)
    unverified(found["fricas"])
    again = await labelled(problems, "fricas")
    print(
        f"\nlabelled twice: {sum(again[i].status is not found['fricas'][i].status for i in indices)} differ"
    )
    known = derivatives(Sampler(Spec(distribution, seed=options.seed + 1)), options.n)
    outcomes = await labelled(known, "auto")
    print(
        f"\nderivatives of elementary functions: {dict(Counter(o.status.value for o in outcomes.values()))}"
    )
    for outcome in outcomes.values():
        if outcome.proof or (outcome.reason or "").startswith("contradicts:"):
            said = outcome.reason if outcome.proof is None else f"proof by {outcome.proof}"
            print(f"  FALSE VERDICT {outcome.index}, {said}: {outcome.problem_prefix}")


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--low", type=int, default=1)
    parser.add_argument("--high", type=int, default=5)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=30)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
