"""What one run of the main command does on this machine: rate, CPU, memory, statuses.

    main_job.measure(["--n", "500", "--timeout", "2"])  # the flags of `asyncgen`, but --store

CPU is that of every descendant, the killed ones and the start included. Memory is sampled. What all other
programs used meanwhile is told too: rows a second mean nothing where that is much.

    python benchmarks/main_job.py workers 1,2,3,4 -- --n 500  # one flag at several values, as a table
"""

import argparse
import contextlib
import json
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from accounting import MIB, cpu_of_machine, memory, spent

SAMPLE = 0.5  # seconds between two looks at the memory
HEAD = (
    *("rows/s", "rows per CPU-s", "others' CPUs", "peak MiB", "bytes/row"),
    *("labelled", "timeout", "memory", "recycled"),
)
LABELLED = ("elementary", "special", "nonelementary")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run. Seconds, CPU seconds, bytes, rows."""

    rows: int
    seconds: float  # of the job, its workers' start included
    cpu_seconds: float  # of all its processes
    others: float  # processors that all other programs kept busy meanwhile, on average
    peak_memory: int  # of all processes together; a page that several share counts in parts
    file_bytes: int  # of the store after the run
    killed: int  # rows that reached the wall-clock limit
    statuses: dict[str, int]
    recycled: dict[str, int]

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    @property
    def rows_per_cpu_second(self) -> float:
        return self.rows / self.cpu_seconds

    def share(self, *statuses: str) -> float:
        """The part of the rows that has one of these statuses."""
        return sum(self.statuses[status] for status in statuses) / self.rows


def measure(flags: Sequence[str]) -> Measurement:
    """Run `asyncgen` with these flags into a store of its own. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory(dir=".") as folder, _peak_memory() as peaks:
        store = Path(folder) / "measured.db"
        before = cpu_of_machine()
        cost = spent([sys.executable, "-m", "asyncgen", *flags, "--store", str(store), "--json", "--quiet"])
        others = (cpu_of_machine() - before - cost.cpu_seconds) / cost.wall_seconds
        summary = json.loads(cost.output)
        return Measurement(
            rows=summary["stored"],
            seconds=summary["seconds"],
            cpu_seconds=cost.cpu_seconds,
            others=others,
            peak_memory=max(peaks),
            file_bytes=store.stat().st_size,
            killed=_killed(store),
            statuses=summary["statuses"],
            recycled=summary["recycled"],
        )


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """A list that grows by the bytes that all descendants hold together, as long as the context lasts."""
    found, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(SAMPLE):
            family = psutil.Process().children(recursive=True)
            found.append(memory(process.pid for process in family).proportional)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _killed(store: Path) -> int:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM results WHERE reason = 'wall'")
    return int(count)


def line(value: str, found: Measurement) -> str:
    """One row of a table."""
    cells = [
        value,
        f"{found.rate:.1f}",
        f"{found.rows_per_cpu_second:.1f}",
        f"{found.others:.2f}",
        f"{found.peak_memory / MIB:.0f}",
        f"{found.file_bytes / found.rows:.0f}",
        f"{found.share(*LABELLED):.1%}",
        f"{found.share('timeout'):.1%}",
        f"{found.share('memory'):.1%}",
        ", ".join(f"{why} {count}" for why, count in sorted(found.recycled.items())),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("flag", help="without its dashes")
    parser.add_argument("values", help="separated by commas")
    parser.add_argument("flags", nargs="*", help="further flags of asyncgen, after --")
    options = parser.parse_args()
    print(f"| --{options.flag} | {' | '.join(HEAD)} |\n" + "|---" * (1 + len(HEAD)) + "|")
    for value in options.values.split(","):
        found = measure([*options.flags, f"--{options.flag}", value])
        print(line(value, found), flush=True)


if __name__ == "__main__":
    main()
