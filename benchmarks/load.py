"""Does a label depend on what else the machine does?

The same functions are labelled by one worker on a machine that is left alone, and again: beside that, by
sixteen workers that share one core, beside processes that burn, and with half of the memory taken. Printed:
how many functions have the status of the first run, how many timeouts of the wall clock there were, and
whether the run said that it was starved. The goal: 98% the same, and no timeout of the wall clock.

    python benchmarks/load.py --n 400
"""

import argparse
import contextlib
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

WORKERS = 16
BURNING = 4  # processes for each core


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seconds, status and reason of each function, and whether it said that it was starved."""

    seconds: float
    rows: dict[int, tuple[str, str]]
    starved: bool


def label(flags: list[str], workers: int, cores: set[int] | None = None) -> Run:
    """Label functions in a store of its own; with `cores`, on these alone."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = Path(folder) / "functions.db"
        command = [sys.executable, "-m", "asyncgen", *flags, "--workers", str(workers), "--store", str(store)]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--no-progress"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
            preexec_fn=None if cores is None else lambda: os.sched_setaffinity(0, cores),
        )
        seconds = time.perf_counter() - began
        with contextlib.closing(sqlite3.connect(store)) as connection:
            found = connection.execute("SELECT idx, status, coalesce(reason, '') FROM results")
            rows = {idx: (status, reason) for idx, status, reason in found}
    return Run(seconds, rows, "of a core" in done.stderr)


def burn(*_: object) -> None:
    """Use a core until killed."""
    while True:
        pass


def hold(size: int, ready: "multiprocessing.synchronize.Event") -> None:
    """Hold so many bytes that are really there, until killed."""
    held = bytearray(b"1") * size
    ready.set()
    while held:
        time.sleep(1)


@contextlib.contextmanager
def beside(target: Callable[..., None], count: int, *arguments: object) -> Iterator[None]:
    """So many processes that do this meanwhile."""
    processes = [multiprocessing.Process(target=target, args=arguments, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def conditions(flags: list[str]) -> Iterator[tuple[str, Run]]:
    """Each way to run, the undisturbed one first."""
    cores = os.sched_getaffinity(0)
    yield "1 worker", label(flags, 1)
    yield "1 worker, again", label(flags, 1)
    yield f"{WORKERS} workers on one core", label(flags, WORKERS, {max(cores)})
    count = BURNING * len(cores)
    with beside(burn, count):
        yield f"1 worker for each core, beside {count} that burn", label(flags, len(cores))
    ready = multiprocessing.Event()
    with beside(hold, 1, psutil.virtual_memory().total // 2, ready):
        ready.wait()
        yield "1 worker for each core, half of the memory taken", label(flags, len(cores))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=400, help="functions")
    parser.add_argument("--quick", action="store_true", help="next to nothing to do")
    parser.add_argument("flags", nargs="*", help="further flags of asyncgen, after --")
    options = parser.parse_args()
    flags = ["--n", "8" if options.quick else str(options.n), *options.flags]
    print("| condition | seconds | same status | wall timeouts | said to be starved | that differ |")
    print("|---|---|---|---|---|---|")
    first: Run | None = None
    for name, run in conditions(flags):
        first = first or run
        others = {
            idx: (first.rows[idx], row) for idx, row in run.rows.items() if first.rows[idx][0] != row[0]
        }
        same = 1 - len(others) / len(run.rows)
        walls = sum(reason == "wall" for _, reason in run.rows.values())
        differ = "; ".join(f"{idx} {' '.join(was)} → {' '.join(now)}" for idx, (was, now) in others.items())
        starved = "yes" if run.starved else "no"
        print(f"| {name} | {run.seconds:.0f} | {same:.1%} | {walls} | {starved} | {differ} |", flush=True)


if __name__ == "__main__":
    main()
