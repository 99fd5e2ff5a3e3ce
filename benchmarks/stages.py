"""Where do the CPU seconds of a labelled row go: sampling, parsing, engine, translation, check, store?

One process, no scheduler: the stages of a worker are timed by wrapping their functions, each charged without
the stages inside it; FriCAS's own CPU is read from its clock. Prints the mean and the median of each stage in
milliseconds a row.

    python benchmarks/stages.py --low 1 --high 5 --n 500
"""

import argparse
import asyncio
import statistics
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path
from time import thread_time

from clocks import Stages

from asyncgen.calls.child import companions
from asyncgen.jobs.limits import Limits
from asyncgen.mathematics.engines import catalogue, portfolio, sympy_engines
from asyncgen.mathematics.engines.fricas import engine as fricas
from asyncgen.mathematics.kinds import forward
from asyncgen.problems.distributions import PRESETS, with_operator_range
from asyncgen.problems.records import Outcome
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import RunInfo, Store
from asyncgen.worker import prepare, solve, warm


def instrument(stages: Stages, engines: list[str]) -> None:
    """Put clocks around the functions that make up a row."""
    forward.refusal = stages.timed("parse", forward.refusal)
    portfolio.judge = stages.timed("check", portfolio.judge)
    fricas.to_fricas = stages.timed("translate", fricas.to_fricas)
    fricas.from_fricas = stages.timed("translate", fricas.from_fricas)
    sympy_engines.candidates = stages.timed("translate", sympy_engines.candidates)
    forward.form_within = stages.timed("form", forward.form_within)
    for name in engines:
        engine = catalogue.engine(name)
        clock = companions.used if name == "fricas" else thread_time
        engine.integrate = stages.timed(f"engine {name}", engine.integrate, clock)  # type: ignore[method-assign]


async def stored(rows: list[Outcome], spec: Spec) -> float:
    """CPU seconds of storing rows in batches of 500."""
    with tempfile.TemporaryDirectory() as folder:
        async with Store(Path(folder) / "s.db", spec) as store:
            add = partial(store.add, await store.begin_run(RunInfo("benchmark")))
            started = thread_time()
            for start in range(0, len(rows), 500):
                await add(rows[start : start + 500])
            return thread_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--low", type=int, default=1)
    parser.add_argument("--high", type=int, default=5)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--engines", default="auto")
    parser.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    options = parser.parse_args()
    if options.quick:
        options.n = 5
    spec = Spec(with_operator_range(PRESETS["lample-charton"], options.low, options.high), seed=20)
    sampler, stages = Sampler(spec), Stages()
    limits = Limits(engines=options.engines).cpu
    warm()
    prepare([name for name, _ in limits.engines])
    for index in range(50):
        solve(sampler.problem(10**6 + index), limits)
    instrument(stages, [name for name, _ in limits.engines])
    sample = stages.timed("sample", sampler.problem)
    table: dict[str, list[float]] = defaultdict(list)
    rows = []
    for index in range(options.n):
        stages.row.clear()
        rows.append(solve(sample(index), limits))
        for name, seconds in stages.row.items():
            table[name].append(seconds * 1e3)
    table["store"] = [asyncio.run(stored(rows, spec)) / len(rows) * 1e3] * options.n
    for name, values in sorted(table.items()):
        every = values + [0.0] * (options.n - len(values))
        print(f"{name:18s} mean {statistics.fmean(every):7.3f} ms  median {statistics.median(every):7.3f} ms")


if __name__ == "__main__":
    main()
