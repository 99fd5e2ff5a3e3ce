"""How fast are rows exported, and does memory grow with them?

Rows go into a store directly: functions as the preset draws them, each with itself for an answer. They are
exported in each format, all rows and a tenth of them, each time by a process of its own. Printed: rows a
second of wall clock from the start of the export to its end, CPU seconds a thousand rows of all processes,
and the peak of the resident memory of the process that exports, its workers left out.

    python benchmarks/export.py [--rows 100000] [--workers 2] [--formats prefix,jsonl,parquet] [--quick]
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from accounting import spent
from needs import need
from rounds import HERE, parser, table
from trivial import LIMITS, answer

from asyncgen.datasets.exporting.export import Run, export
from asyncgen.datasets.exporting.request import Request
from asyncgen.datasets.splits import read_split
from asyncgen.problems.distributions import PRESETS
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import RunInfo, Store

MIB = 1024  # of the kernel's kB
CODE = "import json, sys, export; export.serve(json.loads(sys.argv[1]))"


async def fill(path: Path, rows: int) -> None:
    """A store with so many rows."""
    spec = Spec(PRESETS["lample-charton"])
    async with Store(path, spec) as store:
        run = await store.begin_run(RunInfo("generate"))
        problems = Sampler(spec).stream([range(rows)])
        while some := list(islice(problems, 5000)):
            await store.add(run, [answer(problem, LIMITS.cpu) for problem in some])
        await store.end_run(run, "done")


def serve(order: dict[str, Any]) -> None:
    """Export as the order says, and print rows read and exported, seconds, and the peak of memory in MiB."""
    request = Request(format=order["format"], split=read_split("0.8,0.1,0.1"))
    started = time.perf_counter()
    report = asyncio.run(
        export([Path(order["store"])], Path(order["to"]), request, Run(workers=order["workers"]))
    )
    seconds = time.perf_counter() - started
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(json.dumps([report.rows, report.exported, seconds, int(peak.split()[1]) / MIB]))


def measure(store: Path, format: str, workers: int, to: Path) -> list[str]:
    """One export, as a row of the table."""
    order = json.dumps({"store": str(store), "format": format, "workers": workers, "to": str(to)})
    path = os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))
    cost = spent([sys.executable, "-c", CODE, order], {**os.environ, "PYTHONPATH": path})
    rows, exported, seconds, peak = json.loads(cost.output.splitlines()[-1])
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file()) / rows
    cpu = cost.cpu_seconds / rows * 1e3
    return [
        format,
        str(rows),
        str(exported),
        f"{rows / seconds:.0f}",
        f"{cpu:.2f}",
        f"{peak:.0f}",
        f"{size:.0f}",
    ]


def main() -> None:
    flags = parser(__doc__, rounds=1)
    flags.add_argument("--rows", type=int, default=100_000)
    flags.add_argument("--workers", type=int, default=2)
    flags.add_argument("--formats", default="prefix,jsonl,parquet")
    options = flags.parse_args()
    need(*(["pyarrow"] if "parquet" in options.formats else []))
    rows = 500 if options.quick else options.rows
    found = []
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        for count in (rows // 10, rows):
            store = folder / f"{count}.db"
            asyncio.run(fill(store, count))
            for format in options.formats.split(","):
                found.append(measure(store, format, options.workers, folder / f"{format}{count}"))
                print(f"{count} rows: {found[-1]}", file=sys.stderr, flush=True)
    table(["format", "rows", "exported", "rows/s", "CPU-s/1000", "peak MiB", "bytes a row"], found)


if __name__ == "__main__":
    main()
