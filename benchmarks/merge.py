"""How fast are stores merged, and does the memory grow with their number?

Makes folders of stores from rows of one kind, merges each folder in a process of its own, then once more,
when nothing is new. Printed: stores, rows, seconds, rows and stores a second, peak memory of the process.

    python benchmarks/merge.py [--sizes 1x200000,10x20000,2000x100,50000x1] [--quick]
"""

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rounds import parser, table

from asyncgen.jobs.generate import generate
from asyncgen.problems.configuration import load_configuration, specification

SIZES = "1x200000,10x20000,2000x100,50000x1"  # stores, and rows of each
QUICK = "1x200,10x5"
SEED_ROWS = 500  # built for real; the others repeat them under other indices
FLAGS = ["--quiet"]
Figures = tuple[float, float]  # seconds, MiB


def model(folder: Path, rows: int) -> Path:
    """A store with so many rows of kind backward, the first ones built for real."""
    path = folder / "model.db"
    found = load_configuration(None, None, "backward")
    real = min(rows, SEED_ROWS)
    asyncio.run(generate(path, specification(found, found.within(None, None)), range(real)))
    with closing(sqlite3.connect(path)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(results)")][1:]
        shown = ", ".join(f'"{name}"' for name in names)
        for start in range(real, rows, real):
            connection.execute(
                f"INSERT INTO results (idx, {shown}) SELECT idx + ?, {shown} FROM results "
                "WHERE idx < ? AND idx + ? < ?",
                (start, real, start, rows),
            )
        connection.commit()
    return path


def make(model: Path, folder: Path, stores: int, rows: int) -> None:
    """Copies of the model, each with indices and a run of its own."""
    folder.mkdir()
    for number in range(stores):
        path = folder / f"{number:06d}.db"
        shutil.copy(model, path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("UPDATE runs SET start = ?", (number * rows,))
            shift(connection, number * rows)
            connection.execute("DELETE FROM attempts")  # which a trigger has made
            connection.commit()


def shift(connection: sqlite3.Connection, by: int) -> None:
    """Move all rows to higher indices, from the last to the first, so that none is in another's way."""
    indices = [index for (index,) in connection.execute("SELECT idx FROM results ORDER BY idx DESC")]
    connection.executemany("UPDATE results SET idx = idx + ? WHERE idx = ?", ((by, i) for i in indices))


def merged(out: Path, folder: Path) -> Figures:
    """Merge a folder in a process of its own: seconds, and the most memory that it had."""
    started = time.monotonic()
    command = [sys.executable, "-m", "asyncgen", "merge", str(out), str(folder), *FLAGS]
    pid = os.spawnv(os.P_NOWAIT, sys.executable, command)
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"the merge ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, used.ru_maxrss / 1024


def measured(sizes: str) -> Iterator[list[str]]:
    for size in sizes.split(","):
        stores, rows = map(int, size.split("x"))
        print(f"{stores} stores of {rows} rows", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(model(folder, rows), folder / "many", stores, rows)
            for what in ("new", "again"):
                seconds, memory = merged(folder / "all.db", folder / "many")
                per_second = f"{stores * rows / seconds:,.0f}", f"{stores / seconds:,.0f}"
                yield [f"{stores} x {rows}, {what}", f"{seconds:.1f}", *per_second, f"{memory:.0f}"]


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--sizes", default=SIZES)
    chosen = options.parse_args()
    head = ("stores x rows", "seconds", "rows/s", "stores/s", "peak MiB")
    table(head, measured(QUICK if chosen.quick else chosen.sizes))


if __name__ == "__main__":
    main()
