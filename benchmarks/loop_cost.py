"""What does a row cost the parent process, and where does it go?

The main job with workers that answer at once (trivial.py) and a real store. Printed: CPU microseconds a row
of the parent, from the start of the job to its end, sampler and store included, and wall microseconds. The
goal: at most 150, so that one loop can feed a hundred cores.

What a row costs depends on how many workers there are: with two the loop often waits for an answer, and pays
for a sleep and for waking a worker with each row; with many an answer is always there, and a turn of the loop
serves several. So each round makes the job with 2, 8 and 100 workers.

The profile is a statistical one: a timer of CPU time interrupts the parent a thousand times a second, and
what its main thread used since the last time goes to the innermost of our modules that is at work. The
store's thread is what is left of the whole.

    python benchmarks/loop_cost.py [--rows 20000] [--rounds 5] [--workers 2,8,100] [--loop asyncio] [--quick]
"""

import asyncio
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rounds import LOOPS, parser, table
from trivial import fill

import asyncgen

GOAL = 150.0  # CPU microseconds of the parent a row
TICK = 0.001  # CPU seconds between two samples
PACKAGE = str(Path(asyncgen.__file__).parent)
LIBRARY = "asyncio or uvloop, outside our calls"


def run(loop: str, rows: int, workers: int) -> tuple[float, float]:
    """Make one job; CPU seconds of this process, wall seconds."""
    with tempfile.TemporaryDirectory(dir=".") as folder, asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        used, started = time.process_time(), time.perf_counter()
        runner.run(fill(Path(folder) / "trivial.db", rows, workers=workers))
        return time.process_time() - used, time.perf_counter() - started


@contextmanager
def profiled(spent: Counter[str]) -> Iterator[None]:
    """Count the CPU seconds of this thread by module while inside."""
    last = time.thread_time()

    def note(_: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.thread_time()
        spent[_module(frame)] += now - last  # type: ignore[assignment]
        last = now

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _module(frame: FrameType | None) -> str:
    """The innermost of our modules on the stack, or the loop."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            return str(Path(frame.f_code.co_filename).relative_to(PACKAGE).with_suffix("")).replace("/", ".")
        frame = frame.f_back
    return LIBRARY


def show_profile(loop: str, rows: int, workers: int) -> None:
    """Print where the CPU of one job goes."""
    spent: Counter[str] = Counter()
    with profiled(spent):
        cpu, _ = run(loop, rows, workers)
    spent["the store's thread (SQLite)"] = cpu - sum(spent.values())  # type: ignore[assignment]
    shown = [
        [name, f"{seconds / rows * 1e6:.1f}", f"{seconds / cpu:.0%}"] for name, seconds in spent.most_common()
    ]
    table(["module", "us a row", "share"], [row for row in shown if row[2] != "0%"])
    print(f"profiled, {workers} workers: {cpu / rows * 1e6:.0f} us a row")


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> None:
    flags = parser(__doc__, rounds=5)
    flags.add_argument("--rows", type=int, default=20_000)
    flags.add_argument("--loop", choices=LOOPS, default="uvloop")
    flags.add_argument("--workers", type=_numbers, default="2,8,100", help="as many in turn, by commas")
    options = flags.parse_args()
    crews = options.workers
    rows, rounds = (1000, 1) if options.quick else (options.rows, options.rounds)
    costs: dict[int, list[float]] = {workers: [] for workers in crews}
    for _ in range(rounds):
        for workers in crews:
            cpu, wall = run(options.loop, rows, workers)
            costs[workers].append(cpu / rows * 1e6)
            spent = f"{costs[workers][-1]:.1f} us of parent's CPU, {wall / rows * 1e6:.1f} us of wall clock"
            print(f"{rows} rows, {workers} workers: {spent}", flush=True)
    for workers in crews:
        show_profile(options.loop, rows, workers)
    for workers in crews:
        median = statistics.median(costs[workers])
        verdict = "met" if median <= GOAL else "NOT met"
        named = f"{options.loop}, {workers} workers"
        print(f"{named}, median: {median:.1f} us a row; the goal is {GOAL:g}: {verdict}")


if __name__ == "__main__":
    main()
