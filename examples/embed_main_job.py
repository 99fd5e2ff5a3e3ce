"""The whole main job as one coroutine in a program of yours: with progress, a way to stop, and its rows.

Asks for a thousand labelled functions, stops early as a user would, and reads back what was stored.
The job could go on from there: the same call again fills what is missing.

    python examples/embed_main_job.py [STORE]      (without STORE: in a temporary folder)
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from asyncgen import Spec
from asyncgen.distributions import preset, with_operator_range
from asyncgen.generate import generate
from asyncgen.job import Control, RunSettings
from asyncgen.labelling import Limits
from asyncgen.progress import Progress
from asyncgen.store import Reader

ENOUGH = 20  # rows after which this program has seen what it wanted
SPEC = Spec(with_operator_range(preset("lample-charton"), 1, 5), seed=2024)
SETTINGS = RunSettings(limits=Limits(timeout=1.0), flush_seconds=0.2)


async def make(store: Path) -> Progress:
    """Run the job until enough rows are stored."""
    stop = asyncio.Event()

    def follow(progress: Progress) -> None:
        print(f"{progress.state}: {progress.rows} of {progress.total} rows")
        if progress.rows >= ENOUGH:
            stop.set()

    return await generate(store, SPEC, range(1000), SETTINGS, Control(on_progress=follow, stop=stop))


async def show(store: Path) -> None:
    """Print the first rows of a store, which may still be growing."""
    async with Reader(store) as reader:
        async for row in reader.rows(stop=10):
            print(f"{row.index:3} {row.status:14} {row.integrand}  ->  {row.integral or row.reason}")


async def main(store: Path) -> None:
    progress = await make(store)
    print("stored now:", ", ".join(f"{status} {count}" for status, count in progress.counts.items()))
    await show(store)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(main(Path(folder) / "functions.db"))
