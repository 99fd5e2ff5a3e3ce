"""How many functions does each engine label, at what CPU a row, ours compared with the plain way?

The plain way is what people write first: `simplify`, then `integrate`, in a ProcessPoolExecutor, under an
alarm of 5 s; success means that no `Integral` is left, and labelled that our check confirms the answer. The
others are our main job with some `--engines`. All get the same functions (preset lample-charton, seed 20,
degenerate ones removed) and two workers. CPU is that of every descendant, the killed ones and the start of
the run included: this process adopts all orphans and waits for each. p99 and the longest row are CPU of a
worker; tokens are those of elementary answers, in the middle.

    python benchmarks/engines.py [--sizes 1-5,1-15 --n 500 --repeats 3 --contenders risch,auto,plain --both]

Ours run as often as --repeats says, in turn, and the middle CPU counts; the rest is said of the last run.
With --both a further table tells who labelled what.
"""

import argparse
import asyncio
import json
import math
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
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
from asyncgen.problems.infix_text import to_infix
from asyncgen.problems.records import CpuLimits, Outcome, Problem, Status
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import Reader, RunInfo, Store
from asyncgen.worker import solve

PLAIN, PLAIN_LIMIT = "plain", 5  # seconds
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


async def outcomes(path: Path) -> list[Outcome]:
    async with Reader(path) as reader:
        return [row async for row in reader.rows()]


# -- measuring -----------------------------------------------------------------------------------------------


def verified(problem: Problem, answer: str) -> bool:
    """Whether our check confirms an answer of the plain way."""
    from asyncgen.mathematics.check import Verdict, check

    try:
        tokens = read_infix(answer)
    except ParseError:
        return False
    return check(tuple(problem.prefix.split()), tokens).verdict is Verdict.CONFIRMED


@dataclass
class Contender:
    """One way to label, and what was measured of it at one size."""

    name: str
    costs: list[float] = field(default_factory=list)  # CPU seconds a row, start included, of each run
    words: dict[int, str] = field(default_factory=dict)  # what it said of each function, by index
    seconds: list[float] = field(default_factory=list)  # CPU of each row, sorted
    tokens: list[int] = field(default_factory=list)  # of each elementary answer

    def row(self, size: str, plain: "Contender | None") -> list[str]:
        """Its line of the table."""
        counts, n = Counter(self.words.values()), len(self.words)
        cost = statistics.median(self.costs)
        ratio = f"{statistics.median(plain.costs) / cost:.0f}" if plain else ""
        percent = [f"{counts[word] / n:.1%}" for word in LABELLED]
        labelled = f"{sum(counts[word] for word in (VERIFIED, *LABELLED)) / n:.1%}"
        rows = self.seconds or [math.nan]
        longest = [f"{1000 * rows[-1 - len(rows) // 100]:.0f}", f"{1000 * rows[-1]:.0f}"]
        tokens = f"{statistics.median(self.tokens):.0f}" if self.tokens else ""
        return [size, self.name, labelled, *percent, f"{1000 * cost:.2f}", ratio, *longest, tokens]


def compare(options: argparse.Namespace) -> None:
    """Measure at each size and print one table."""
    lines: list[list[str]] = []
    for size in options.sizes.split(","):
        options.low, options.high = map(int, size.split("-"))
        contenders = measured(options)
        plain = next((contender for contender in contenders if contender.name == PLAIN), None)
        lines += [contender.row(size, plain) for contender in contenders]
        if options.both and plain:
            for contender in contenders:
                if contender is not plain:
                    show_both(plain.words, contender.name, contender.words)
    table(
        [
            "operators",
            "engines",
            "labelled",
            *LABELLED,
            "CPU-ms a row",
            "times",
            "p99 ms",
            "longest ms",
            "tokens",
        ],
        lines,
    )


def measured(options: argparse.Namespace) -> list[Contender]:
    """All contenders at one size, in turn, the plain way once."""
    contenders = [Contender(name) for name in options.contenders.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        options.listed = str(Path(folder) / "functions.json")
        subprocess.run([sys.executable, __file__, "--list", *same(options)], check=True)
        problems = [Problem(**fields) for fields in json.loads(Path(options.listed).read_text())]
        for number in range(options.repeats):
            for contender in contenders:
                if contender.name != PLAIN or number == 0:
                    run_once(contender, options, problems, Path(folder) / "out")
    return contenders


def run_once(contender: Contender, options: argparse.Namespace, problems: list[Problem], out: Path) -> None:
    """One run of one contender in a process of its own."""
    out.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--contender", contender.name, "--out", str(out), *same(options)]
    contender.costs.append(spent(command).cpu_seconds / len(problems))
    print(f"{contender.name}: {1000 * contender.costs[-1]:.2f} CPU-ms a row", file=sys.stderr, flush=True)
    if contender.name == PLAIN:
        contender.words = words_of_plain(out, problems)
        return
    rows = asyncio.run(outcomes(out))
    contender.words = {row.index: row.status for row in rows}
    contender.seconds = sorted(row.cpu_seconds for row in rows)
    answers = (row.answer_prefix for row in rows if row.status is Status.ELEMENTARY)
    contender.tokens = [len(answer.split()) for answer in answers if answer]


def words_of_plain(out: Path, problems: list[Problem]) -> dict[int, str]:
    """What the plain way said of each function, its answers put to our check."""
    found = {}
    for problem, (word, answer) in zip(problems, json.loads(out.read_text()), strict=True):
        if answer:
            word = VERIFIED if verified(problem, answer) else "not verified"
        found[problem.index] = word
    return found


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
    parser.add_argument("--sizes", default="1-5,1-15", help="operators, from-to, separated by commas")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--contenders", default="risch,auto,fricas,sympy,plain")
    parser.add_argument("--both", action="store_true")
    for internal in ("--low", "--high"):
        parser.add_argument(internal, type=int, help=argparse.SUPPRESS)
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
        if options.contender == PLAIN:
            run_plain(problems, Path(options.out))
        else:
            asyncio.run(run_ours(problems, options.contender, Path(options.out), options.low, options.high))
    else:
        compare(options)


if __name__ == "__main__":
    main()
