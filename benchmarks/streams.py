"""What do rows cost that are made while somebody trains on them, beside the main job?

The main job fills a store with rows of a kind, and a stream gives the same rows to a program that does
nothing with them, in turns, each in a process of its own; the medians are compared. A stream also works out
each pair in the published notation, and with `part` the marks that say in which part a row is. The last
column is the time from asking a stream for its first row, as after a state was loaded, until it is there.

    python benchmarks/streams.py [--kinds backward,ode1,forward] [--rows 3000] [--workers 2] [--quick]
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounting import spent
from rounds import HERE, parser, table

from asyncgen import spec_for
from asyncgen.datasets import stream
from asyncgen.jobs.generate import generate
from asyncgen.jobs.limits import Workforce
from asyncgen.jobs.run import RunSettings

CONTENDERS = ("main job", "stream", "stream of a part")
CODE = "import json, sys, streams; streams.serve(json.loads(sys.argv[1]))"


def serve(order: dict[str, Any]) -> None:
    """Make the rows as the order says; print rows and seconds, and those to the first row."""
    spec, rows, workers = spec_for(order["kind"]), order["rows"], order["workers"]
    started = time.perf_counter()
    if order["how"] == "main job":
        with tempfile.TemporaryDirectory(dir=".") as folder:
            settings = RunSettings(workforce=Workforce(workers=workers))
            asyncio.run(generate(Path(folder) / "rows.db", spec, range(rows), settings))
        times = [time.perf_counter()]
    else:
        part = "train" if order["how"] == "stream of a part" else None
        given = stream(spec, stop=rows, workers=workers, part=part, columns=("input", "output"))
        times = [time.perf_counter() for _ in given]
    print(json.dumps({"seconds": times[-1] - started, "first": times[0] - started}))


def measure(order: dict[str, Any]) -> dict[str, float]:
    """One contender, once."""
    path = os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))
    cost = spent([sys.executable, "-c", CODE, json.dumps(order)], {**os.environ, "PYTHONPATH": path})
    return {**json.loads(cost.output.splitlines()[-1]), "cpu": cost.cpu_seconds}


def lines(kind: str, rows: int, workers: int, rounds: int) -> Iterator[list[str]]:
    """The lines of the table for a kind."""
    seen: dict[str, list[dict[str, float]]] = {how: [] for how in CONTENDERS}
    for number in range(rounds):
        for how in CONTENDERS:
            print(f"{kind}, round {number + 1} of {rounds}: {how}", file=sys.stderr, flush=True)
            seen[how].append(measure({"kind": kind, "rows": rows, "workers": workers, "how": how}))
    medians = {
        how: {name: statistics.median(one[name] for one in each) for name in each[0]}
        for how, each in seen.items()
    }
    for how, found in medians.items():
        yield [
            f"{kind}, {how}",
            f"{rows / found['seconds']:.0f}",
            f"{medians['main job']['seconds'] / found['seconds']:.2f}",
            f"{found['cpu'] / rows * 1e3:.2f}",
            "" if how == "main job" else f"{found['first']:.2f}",
        ]


def main() -> None:
    flags = parser(__doc__)
    flags.add_argument("--kinds", default="backward,ode1,forward")
    flags.add_argument("--rows", type=int, default=3000)
    flags.add_argument("--workers", type=int, default=2)
    options = flags.parse_args()
    rows, rounds = (60, 1) if options.quick else (options.rows, options.rounds)
    found: list[list[str]] = []
    for kind in options.kinds.split(","):
        found += lines(kind, rows, options.workers, rounds)
    table(["rows", "indices/s", "ratio", "CPU-ms an index", "first row after s"], found)


if __name__ == "__main__":
    main()
