"""Does anything grow with the number of rows: the parent's memory, or its time a row?

The main job with workers that answer at once (trivial.py), a real store, and a million rows. From row 1,000
on are noted, about every 5,000 rows: resident memory of the parent, and its CPU and wall microseconds a row
since the last note. Printed: both at the beginning and at the end. With --out FOLDER: flat.csv and flat.png.

    python benchmarks/flat.py [--rows 1000000] [--out docs/pictures] [--quick]
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from accounting import MIB
from pictures import Panel, Row, draw, write_csv
from rounds import LOOPS, parser, table
from trivial import fill

from asyncgen.jobs.progress import Progress

FIRST = 1000  # rows after which the comparison begins
PANELS = (
    Panel("resident memory of the parent, MiB", {"resident MiB": "resident"}),
    Panel("microseconds a row", {"wall us": "wall clock", "cpu us": "parent's CPU"}),
)


class Notes:
    """Rows for the picture, one each time that enough rows were stored."""

    def __init__(self, every: int) -> None:
        """`every`: so many rows, at least, lie between two notes."""
        self._every = every
        self.rows: list[Row] = []
        self._process = psutil.Process()
        self._last = (0, time.perf_counter(), time.process_time())

    def add(self, progress: Progress) -> None:
        """Note how far the job is."""
        stored, wall, cpu = self._last
        new = progress.stored - stored
        if progress.stored < FIRST or (stored and new < self._every):
            return
        self._last = progress.stored, time.perf_counter(), time.process_time()
        if not stored:
            return  # the start of the job is not part of the question
        self.rows.append(
            {
                "rows": progress.stored,
                "resident MiB": self._process.memory_info().rss / MIB,
                "wall us": (self._last[1] - wall) / new * 1e6,
                "cpu us": (self._last[2] - cpu) / new * 1e6,
            }
        )


def ends(rows: list[Row], name: str) -> tuple[float, float]:
    """The median of a column over the first and the last twentieth of the rows."""
    part = max(1, len(rows) // 20)
    first, last = rows[:part], rows[-part:]
    return statistics.median(row[name] for row in first), statistics.median(row[name] for row in last)


def main() -> None:
    flags = parser(__doc__, rounds=1)
    flags.add_argument("--rows", type=int, default=1_000_000)
    flags.add_argument("--out", type=Path, help="a folder for flat.csv and flat.png")
    options = flags.parse_args()
    rows = 8 * FIRST if options.quick else options.rows
    notes = Notes(rows // 200)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        with asyncio.Runner(loop_factory=LOOPS["uvloop"]) as runner:
            runner.run(fill(Path(folder) / "trivial.db", rows, notes.add))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    print(f"{notes.rows[-1]['rows']:.0f} rows, a store of {size / MIB:.0f} MiB")
    shown = []
    for name in ("resident MiB", "wall us", "cpu us"):
        first, last = ends(notes.rows, name)
        shown.append([name, f"{first:.1f}", f"{last:.1f}", f"{last / first:.3f}"])
    table(["", "first twentieth", "last twentieth", "ratio"], shown)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        write_csv(options.out / "flat.csv", notes.rows)
        draw(options.out / "flat.png", notes.rows, ("rows", "rows"), PANELS)


if __name__ == "__main__":
    main()
