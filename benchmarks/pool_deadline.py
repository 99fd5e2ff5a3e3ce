"""How long after a call's time limit does its slot begin with the next call?

One worker, a call that hangs, and a call that waits behind it. Counted from the hanging call's start in the
worker plus the limit, to the next call's start in a worker. Ours has a ready spare. Only pools that can end a
call take part. The goal: ours within 5 ms, median.

    python benchmarks/pool_deadline.py [--rounds 3] [--quick]
"""

import asyncio
import statistics
import tempfile
from contextlib import suppress
from pathlib import Path

from peers import KILLING, POOLS, Call, Wanted
from rounds import Figures, contend, everyone, parser, show
from tasks import announce_and_hang, now

LIMIT = 0.5  # seconds
PAUSE = 0.1  # seconds between two kills: a fresh spare is ready long before
GOAL = 5.0  # milliseconds


async def measure(pool: str, kills: int) -> Figures:
    """Milliseconds of one contender."""
    with tempfile.TemporaryDirectory() as folder:
        async with POOLS[pool](Wanted(workers=1, timeout=LIMIT)) as call:
            gaps = []
            for _ in range(kills):
                await asyncio.sleep(PAUSE)
                gaps.append(await _gap(call, Path(folder) / "started"))
    return {"median ms": statistics.median(gaps), "least ms": min(gaps), "most ms": max(gaps)}


async def _gap(call: Call, started: Path) -> float:
    await _ready(call)
    hanging = asyncio.ensure_future(call(announce_and_hang, str(started)))
    behind = asyncio.ensure_future(call(now))
    with suppress(TimeoutError):
        await hanging
    began: float = await behind
    return 1000 * (began - float(started.read_text()) - LIMIT)  # noqa: ASYNC240 - nothing else runs


async def _ready(call: Call) -> None:
    """Have a process that runs; where its start counts as work, as with anyio, one may be cut."""
    while True:
        with suppress(TimeoutError):
            await call(now)
            return


def main() -> None:
    options = parser(__doc__).parse_args()
    rounds, kills = (1, 2) if options.quick else (options.rounds, 10)
    results = contend("pool_deadline", everyone(KILLING), rounds, kills=kills)
    show(results, "median ms", "ours, uvloop")
    median = results["ours, uvloop"]["median ms"]
    print(f"ours on uvloop: {median:.2f} ms, the goal is {GOAL:g}: {'met' if median <= GOAL else 'NOT met'}")


if __name__ == "__main__":
    main()
