"""How many finished rows would a kill of the whole run lose?

A row that is finished waits in memory until its transaction: `--batch` and `--flush-seconds` say how long.
The store is counted every few milliseconds during a run; the largest step between two counts is what a kill
just before that transaction would have lost. Functions in the workers' hands are lost besides: at most four
a worker.

    python benchmarks/crash_loss.py --flush-seconds 1 --batch 500 --seconds 30
"""

import argparse
import contextlib
import itertools
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOOK = 0.005  # seconds between two counts


def counts(store: Path, process: "subprocess.Popen[bytes]") -> list[int]:
    """Each number of rows that the store was seen to hold, in order."""
    seen = [0]
    while process.poll() is None:
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(reader(store)) as connection:
            ((rows,),) = connection.execute("SELECT count(*) FROM results")
            if rows != seen[-1]:
                seen.append(rows)
        time.sleep(LOOK)
    return seen


def reader(store: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{store}?mode=ro", uri=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", default="500")
    parser.add_argument("--flush-seconds", default="1")
    parser.add_argument("--seconds", default="30", help="how long the run goes on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = Path(folder) / "watched.db"
        flags = ["--batch", options.batch, "--flush-seconds", options.flush_seconds]
        limits = ["--max-time", options.seconds, "--n", "1000000", "--min-ops", "1", "--max-ops", "5"]
        command = [sys.executable, "-m", "asyncgen", "--store", str(store), "--quiet", *limits, *flags]
        with subprocess.Popen(command) as process:
            seen = counts(store, process)
    steps = [after - before for before, after in itertools.pairwise(seen)]
    middle = sorted(steps)[len(steps) // 2]
    print(
        f"batch {options.batch}, flush-seconds {options.flush_seconds}: {seen[-1]} rows in {len(steps)} ",
        end="",
    )
    print(f"transactions, of {middle} rows (median), at most {max(steps)}")


if __name__ == "__main__":
    main()
