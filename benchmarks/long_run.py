"""Does anything grow or slow down in hours of the real thing?

Starts `asyncgen` with two workers, and notes every ten seconds: rows, rows a second and per CPU-second,
resident memory of parent, template, workers and engines, replaced workers by reason, and the share of each
status. It stops by itself.

In the folder --out: long_run.csv, which grows as the run goes, long_run.png at the end, the store, and what
the command said. Started again on the same folder it goes on where it stopped; with --draw it only draws what
has been noted so far, also while a run is going on.

    python benchmarks/long_run.py --hours 2 --out long_run [--draw] [--quick] [-- FLAGS OF asyncgen]
"""

import argparse
import csv
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import psutil
from accounting import MIB
from pictures import Panel, Row, draw, read_csv

from asyncgen.problems.records import Status

WORKERS = 2
EVERY = 10.0  # seconds
ENDLESS = 1_000_000_000  # rows
ROLES = ("parent", "template", "workers", "engines")  # by their depth below the command
REASONS = ("retired", "killed", "memory", "died", "template")
PANELS = (
    Panel("rows a second", {"rows/s": "rows/s"}, smooth=True),
    Panel("rows per CPU-second of all processes", {"rows per cpu s": "rows"}, smooth=True),
    Panel("resident memory, MiB", {f"{role} MiB": role for role in ROLES}),
    Panel("parent and template alone, MiB", {f"{role} MiB": role for role in ROLES[:2]}),
    Panel("workers replaced so far, by reason", {f"recycled {why}": why for why in REASONS}),
    Panel("% of each status", {f"% {status}": str(status) for status in Status}, smooth=True),
)


def sizes_and_cpu(command: psutil.Process) -> tuple[dict[str, float], float]:
    """Resident MiB by role, and the CPU seconds of all processes so far.

    Whoever is gone was waited for by the one above it, whose figure for its children holds what it used.
    """
    held: Counter[str] = Counter()
    used = 0.0
    level = [command]
    for depth in range(20):
        children = []
        for process in level:
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                children += process.children()
                held[ROLES[min(depth, 3)]] += process.memory_info().rss
                times = process.cpu_times()
                used += times.user + times.system + times.children_user + times.children_system
        level = children
    return {f"{role} MiB": held[role] / MIB for role in ROLES}, used


def statuses(store: Path) -> Counter[str]:
    """Rows by status; none while there is no store yet."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as file,
    ):
        return Counter(dict(file.execute("SELECT status, count(*) FROM results GROUP BY status")))
    return Counter()


def recycled(log: Path) -> dict[str, float]:
    """How many workers were replaced by reason, from the last line in which the command told it."""
    told = re.findall(r"recycled \(([^)]*)\)", log.read_text(errors="replace"))
    counts = dict(re.findall(r"(\w+) (\d+)", told[-1])) if told else {}
    return {f"recycled {why}": float(counts.get(why, 0)) for why in REASONS}


def notes(command: psutil.Process, store: Path, log: Path, before: float) -> Iterator[Row]:
    """A row of figures every ten seconds while the command runs; `before` in hours."""
    started = last = time.monotonic()
    seen, spent = statuses(store), 0.0
    while command.is_running() and command.status() != psutil.STATUS_ZOMBIE:
        time.sleep(max(0.0, last + EVERY - time.monotonic()))
        found, (held, used) = statuses(store), sizes_and_cpu(command)
        seconds, last = time.monotonic() - last, time.monotonic()
        new, cpu = found - seen, used - spent
        if cpu <= 0 or not held["template MiB"]:  # the command is ending
            return
        shares = {f"% {status}": 100 * new[status] / max(1, new.total()) for status in Status}
        yield {
            "hours": before + (last - started) / 3600,
            "rows": found.total(),
            "rows/s": new.total() / seconds,
            "rows per cpu s": new.total() / cpu,
            **held,
            **recycled(log),
            **shares,
        }
        seen, spent = found, used


def follow(folder: Path, hours: float, flags: Sequence[str]) -> int:
    """Run the command for so long and note what it does; its exit status."""
    store, log, table = (folder / f"long_run.{kind}" for kind in ("db", "log", "csv"))
    before = read_csv(table)[-1]["hours"] if table.exists() else 0.0
    command = [sys.executable, "-m", "asyncgen", "--n", str(ENDLESS), "--store", str(store)]
    command += ["--workers", str(WORKERS), "--max-time", str(hours * 3600), *flags]
    with log.open("a") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        for row in notes(psutil.Process(process.pid), store, log, before):
            append(table, row)
    return process.returncode


def append(table: Path, row: Row) -> None:
    """Add a line to the CSV file, and first its head where it is new."""
    new = not table.exists()
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow({name: f"{value:.6g}" for name, value in row.items()})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--out", type=Path, default=Path("long_run"), help="the folder for all files")
    parser.add_argument("--draw", action="store_true", help="only draw what has been noted")
    parser.add_argument("--quick", action="store_true", help="25 seconds: a smoke test")
    parser.add_argument("flags", nargs="*", help="more flags for asyncgen, after --")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.draw:
        follow(options.out, 25 / 3600 if options.quick else options.hours, options.flags)
    rows = read_csv(options.out / "long_run.csv")
    draw(options.out / "long_run.png", rows, ("hours", "hours"), PANELS)
    print(f"{rows[-1]['rows']:.0f} rows in {rows[-1]['hours']:.2f} hours: {options.out / 'long_run.png'}")


if __name__ == "__main__":
    main()
