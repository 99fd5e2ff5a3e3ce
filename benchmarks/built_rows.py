"""Where does the time of a row go that is built with its answer, and does anything grow over a million?

Runs `asyncgen --kind KIND` with two workers to its end, and notes every ten seconds: rows, CPU seconds of
the parent's loop, of its store's thread, of the template and of the workers, and resident memory of each.
In the end a sample of rows is read back from the store and checked again, from its text. Printed: CPU
milliseconds a row by place, memory at the beginning and at the end, rates, rows by status, the second
check. What the workers do is taken apart in this process: drawing, reading and deriving, writing, checking.

    python benchmarks/built_rows.py [--kind backward] [--rows 1000000] [--quick]
"""

import asyncio
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from accounting import MIB
from clocks import Stages
from rounds import parser, table

from asyncgen import sampler as sampler_module
from asyncgen.mathematics.check import Verdict, check
from asyncgen.mathematics.kinds import builder, construction
from asyncgen.mathematics.kinds import pairs as kinds_pairs
from asyncgen.problems.configuration import load_configuration, specification
from asyncgen.problems.records import CpuLimits
from asyncgen.problems.spec import Spec
from asyncgen.sampler import Sampler
from asyncgen.store import Reader
from asyncgen.worker import load_constructions, solve

WORKERS = 2
EVERY = 10.0  # seconds
AGAIN = 2000  # rows that are checked again
TICKS = os.sysconf("SC_CLK_TCK")
PLACES = ("loop", "store", "template")


@dataclass(frozen=True, slots=True)
class Note:
    """How far a run is. Rows, seconds, CPU seconds and bytes by place."""

    rows: int
    seconds: float
    cpu: dict[str, float]
    memory: dict[str, int]


def run(kind: str, rows: int, store: Path, every: float) -> list[Note]:
    """Fill a store, and what was noted meanwhile."""
    command = [sys.executable, "-m", "asyncgen", "--kind", kind, "--n", str(rows), "--store", str(store)]
    command += ["--workers", str(WORKERS), "--quiet"]
    with subprocess.Popen(command) as process:
        notes = list(follow(process, store, every))
    if process.returncode:
        raise SystemExit(f"asyncgen ended with status {process.returncode}")
    return notes


def follow(process: subprocess.Popen[bytes], store: Path, every: float) -> Iterator[Note]:
    """Notes while a command runs."""
    started, command = time.monotonic(), psutil.Process(process.pid)
    while process.poll() is None:
        template = next(iter(command.children()), None)
        if template is not None:
            with suppress(psutil.Error):
                yield look(command, template, store, time.monotonic() - started)
        with suppress(subprocess.TimeoutExpired):
            process.wait(every)


def look(command: psutil.Process, template: psutil.Process, store: Path, seconds: float) -> Note:
    """One note. Raises psutil.Error where a process has just ended."""
    forked = template.children()
    threads = {thread.id: thread.user_time + thread.system_time for thread in command.threads()}
    loop = threads.pop(command.pid)
    return Note(
        rows_in(store),
        seconds,
        {
            "loop": loop,
            "store": sum(threads.values()),
            "template": sum(template.cpu_times()[:2]),
        },
        {
            "parent": command.memory_info().rss,
            "template": template.memory_info().rss,
            "workers": sum(worker.memory_info().rss for worker in forked),
        },
    )


def rows_in(store: Path) -> int:
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as file,
    ):
        return int(file.execute("SELECT coalesce(max(idx) + 1, 0) FROM results").fetchone()[0])
    return 0


def worker_seconds(store: Path) -> float:
    """CPU seconds of workers a row, as the rows themselves say: a worker lives for a second or two only."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as file:
        return float(file.execute("SELECT avg(cpu_seconds) FROM results").fetchone()[0])


def print_notes(notes: list[Note], in_worker: float) -> None:
    """Costs a row by place, and memory over the run."""
    first, last = notes[1], notes[-1]
    rows = last.rows - first.rows
    print(f"\n{rows / (last.seconds - first.seconds):.0f} rows/s over {last.seconds:.0f} s")
    costs = {place: (last.cpu[place] - first.cpu[place]) / rows * 1e3 for place in PLACES}
    costs["workers"] = in_worker * 1e3
    total = sum(costs.values())
    table(
        ["place", "CPU ms a row", "share"],
        [[place, f"{cost:.3f}", f"{cost / total:.1%}"] for place, cost in costs.items()],
    )
    quarter = max(1, len(notes) // 4)
    table(
        ["resident MiB", "median of the first quarter", "of the last quarter"],
        [
            [
                place,
                *(
                    f"{statistics.median(note.memory[place] for note in part) / MIB:.1f}"
                    for part in (notes[1 : quarter + 1], notes[-quarter:])
                ),
            ]
            for place in first.memory
        ],
    )


async def print_second_check(store: Path, rows: int) -> None:
    """Rows by status, and how many of a sample are confirmed again."""
    async with Reader(store) as reader:
        print({str(status): count for status, count in (await reader.counts()).items()})
        confirmed = seen = 0
        step = max(1, rows // AGAIN)
        for index in range(0, rows, step):
            async for row in reader.rows(start=index, stop=index + 1):
                if row.success and row.answer_prefix:
                    found = check(row.problem_prefix.split(), row.answer_prefix.split())
                    confirmed += found.verdict is Verdict.CONFIRMED
                    seen += 1
    print(f"checked again, from the text in the store: {confirmed} of {seen} rows confirmed")


def print_stages(spec: Spec, count: int) -> None:
    """What the workers do with a row of a kind that writes pairs."""
    clocks = Stages()
    sampler = Sampler(spec)
    sampler_module._Draw.function = clocks.timed("drawing", sampler_module._Draw.function)
    kinds_pairs.read = clocks.timed("reading F", kinds_pairs.read)
    kinds_pairs.Derivation.__call__ = clocks.timed("deriving", kinds_pairs.Derivation.__call__)
    kinds_pairs.Writer.__call__ = clocks.timed("writing", kinds_pairs.Writer.__call__)
    construction.check = clocks.timed("checking", construction.check)
    one_row = clocks.timed("all else", solve_with(sampler, spec))
    for index in range(count):
        one_row(index)
    total = sum(clocks.row.values())
    table(
        ["stage of a worker", "CPU ms a row", "share"],
        [[stage, f"{s / count * 1e3:.3f}", f"{s / total:.1%}"] for stage, s in clocks.row.items()],
    )


def solve_with(sampler: Sampler, spec: Spec) -> Callable[[int], object]:
    """What a worker does with an index, by this sampler."""
    module = builder(spec.kind)
    limits = CpuLimits(engines=())
    assert solve(sampler.problem(0), limits, spec)

    def build(index: int) -> object:
        return construction.construct(
            sampler.problem(index),
            lambda attempt: sampler.draw(index, attempt, spec.kind),
            module,
            spec.published,
        )

    return build


def main() -> None:
    flags = parser(__doc__)
    flags.add_argument("--kind", default="backward", help="backward, parts, parts-lookup or substitution")
    flags.add_argument("--rows", type=int, default=1_000_000)
    options = flags.parse_args()
    rows = 6000 if options.quick else options.rows
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "built.db"
        notes = run(options.kind, rows, store, 1.0 if options.quick else EVERY)
        print_notes(notes, worker_seconds(store))
        asyncio.run(print_second_check(store, rows))
        print(f"{store.stat().st_size / rows:.0f} bytes a row")
    load_constructions()
    configuration = load_configuration(None, kind=options.kind)
    print_stages(specification(configuration, configuration.laws), 50 if options.quick else 3000)


if __name__ == "__main__":
    main()
