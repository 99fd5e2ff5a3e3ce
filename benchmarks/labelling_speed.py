"""How many functions does one CPU-second label, ours compared with the plain way, and who labels what?

The plain way is what people write first: `simplify`, then `integrate`, in a ProcessPoolExecutor, under an
alarm of 5 s; success means that no `Integral` is left. All contenders get the same functions (preset
lample-charton, operators uniform in LOW..HIGH, degenerate ones removed) and two workers. CPU is that of every
descendant, the killed ones included: this process adopts all orphans and waits for each.

    python benchmarks/labelling_speed.py --low 1 --high 5 --n 500 [--contenders plain,sympy,auto]

Ours runs as often as --repeats says, and the middle one counts; who labelled what is said of the last.
"""

import argparse
import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from accounting import spent
from rounds import table

from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.jobs.progress import Tally
from asyncgen.jobs.run import Control, Job, RunSettings
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.errors import ParseError
from asyncgen.problems.infix import read_infix
from asyncgen.problems.records import CpuLimits, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.problems.tokens import to_infix
from asyncgen.sampler import Sampler
from asyncgen.store import Reader, RunInfo, Store
from asyncgen.worker import solve

PLAIN_LIMIT = 5  # seconds
LABELLED = (Status.ELEMENTARY, Status.SPECIAL, Status.NONELEMENTARY)
VERIFIED = "verified"  # an answer of the plain way that our check confirms


def spec(low: int, high: int) -> Spec:
    return Spec(with_operator_range(PRESETS["lample-charton"], low, high), seed=20)


def functions(low: int, high: int, n: int) -> list[Problem]:
    """The first n functions of the stream that are not degenerate."""
    sampler, found, index = Sampler(spec(low, high)), [], 0
    limits = CpuLimits(parse=5.0, engines=(), check=1.0)
    while len(found) < n:
        problem = sampler.problem(index)
        if solve(problem, limits).status is not Status.DEGENERATE:
            found.append(problem)
        index += 1
    return found


# -- the plain way -------------------------------------------------------------------------------------------


def plainly(text: str) -> tuple[str, str | None]:
    """Integrate one function as people write it first."""
    import sympy

    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(PLAIN_LIMIT)
    try:
        x = sympy.Symbol("x")
        answer = sympy.integrate(sympy.simplify(sympy.sympify(text)), x)
        signal.alarm(0)
    except TimeoutError:
        return "timeout", None
    except Exception:
        return "error", None
    finally:
        signal.alarm(0)
    return ("unevaluated", None) if answer.has(sympy.Integral) else ("solved", str(answer))


def run_plain(problems: list[Problem], out: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(plainly, [to_infix(problem.prefix) for problem in problems]))
    out.write_text(json.dumps(results))


# -- ours ----------------------------------------------------------------------------------------------------


async def run_ours(problems: list[Problem], engines: str, path: Path, low: int, high: int) -> None:
    settings = RunSettings(limits=Limits(engines=engines), workforce=Workforce(workers=2))

    async def source() -> AsyncGenerator[Problem, None]:
        for problem in problems:
            yield problem

    async with Store(path, spec(low, high)) as store:
        run = await store.begin_run(RunInfo("benchmark"))
        job = Job(settings, Tally(len(problems), {}), Control())
        await job.run(store, run, source(), partial(store.add, run))


async def outcomes(path: Path) -> dict[int, tuple[str, str | None]]:
    async with Reader(path) as reader:
        return {row.index: (row.status, row.answer_prefix) async for row in reader.rows()}


# -- measuring -----------------------------------------------------------------------------------------------


def verified(problem: Problem, answer: str) -> bool:
    """Whether our check confirms an answer of the plain way."""
    from asyncgen.mathematics.check import Verdict, check

    try:
        tokens = read_infix(answer)
    except ParseError:
        return False
    return check(tuple(problem.prefix.split()), tokens).verdict is Verdict.CONFIRMED


def compare(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "functions.json"
        options.listed = str(listed)
        subprocess.run([sys.executable, __file__, "--list", *same(options)], check=True)
        problems = [Problem(**fields) for fields in json.loads(listed.read_text())]
        rates: dict[str, float] = {}
        found: dict[str, dict[int, str]] = {}
        for name in options.contenders.split(","):
            out = Path(folder) / f"{name}.out"
            costs = []
            for _ in range(1 if name == "plain" else options.repeats):
                out.unlink(missing_ok=True)
                command = [sys.executable, __file__, "--contender", name, "--out", str(out), *same(options)]
                cost = spent(command)
                costs.append(cost.cpu_seconds / options.n)
                seconds = f"{costs[-1]:.4f} CPU-s a row, {cost.wall_seconds:.0f} s in all"
                found[name] = found_by(name, out, problems)
                print(f"{name:8s} {seconds},", told(found[name]), flush=True)
            rates[name] = 1 / statistics.median(costs)
        for name, rate in rates.items():
            if name != "plain" and "plain" in rates:
                print(f"{name}: {rate / rates['plain']:.1f} times the rows per CPU-second of the plain way")
                show_both(found["plain"], name, found[name])


def found_by(name: str, out: Path, problems: list[Problem]) -> dict[int, str]:
    """What a contender said of each function, by index: a status, or the plain way's word."""
    if name != "plain":
        return {index: status for index, (status, _) in asyncio.run(outcomes(out)).items()}
    found = {}
    for problem, (word, answer) in zip(problems, json.loads(out.read_text()), strict=True):
        if answer:
            word = VERIFIED if verified(problem, answer) else "not verified"
        found[problem.index] = word
    return found


def told(found: Mapping[int, str]) -> str:
    """How much was labelled, and what was said how often, in percent."""
    counts = Counter(found.values())
    labelled = sum(counts[word] for word in (VERIFIED, *LABELLED))
    shares = ", ".join(f"{word} {count / len(found):.1%}" for word, count in counts.most_common())
    return f"labelled {labelled / len(found):.1%}; {shares}"


def show_both(plain: Mapping[int, str], name: str, ours: Mapping[int, str]) -> None:
    """Print who labelled what: a line for each word of the plain way, a column for each status of ours."""
    pairs = Counter((plain[index], ours[index]) for index in plain)
    lines = [word for word, _ in Counter(plain.values()).most_common()]
    columns = [word for word in Status if word in ours.values()]
    table(
        [f"plain / {name}", *columns],
        [[line, *(str(pairs[line, column] or "") for column in columns)] for line in lines],
    )


def same(options: argparse.Namespace) -> list[str]:
    flags = {"--low": options.low, "--high": options.high, "--n": options.n, "--listed": options.listed}
    return [str(word) for pair in flags.items() for word in pair]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--low", type=int, default=1)
    parser.add_argument("--high", type=int, default=5)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--contenders", default="plain,sympy,auto")
    for internal in ("--contender", "--out", "--listed"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        chosen: list[dict[str, Any]] = [
            {"index": p.index, "prefix": p.prefix, "operators": p.operators}
            for p in functions(options.low, options.high, options.n)
        ]
        Path(options.listed).write_text(json.dumps(chosen))
    elif options.contender:
        problems = [Problem(**fields) for fields in json.loads(Path(options.listed).read_text())]
        if options.contender == "plain":
            run_plain(problems, Path(options.out))
        else:
            asyncio.run(run_ours(problems, options.contender, Path(options.out), options.low, options.high))
    else:
        compare(options)


if __name__ == "__main__":
    main()
