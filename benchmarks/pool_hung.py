"""How much time is lost where one call in ten hangs?

Two workers; calls that sleep for 20 ms, one in ten of them hangs until its limit of 0.3 s. Next to the time
stands the makespan of list scheduling with the same durations in the same order: what two workers take that
lose nothing. The clock runs from a moment when both workers are ready. The goal: ours within 5%.

    python benchmarks/pool_hung.py [--seconds 60] [--rounds 1] [--quick]
"""

import asyncio
import heapq
import random
import time
from collections.abc import Iterable, Sequence

from peers import KILLING, POOLS, Wanted
from rounds import Contender, Figures, contend, parser, repeatedly, show
from tasks import hang, rest

WORK, LIMIT = 0.020, 0.3  # seconds
SHARE = 0.1  # of the calls hang
WORKERS, INFLIGHT = 2, 8
GOAL = 5.0  # percent over the makespan


def plan(seconds: float) -> list[bool]:
    """Which calls hang, so many that two perfect workers need about so long."""
    calls = round(seconds * WORKERS / (SHARE * LIMIT + (1 - SHARE) * WORK))
    hung = round(SHARE * calls)
    return random.Random(1).sample([True] * hung + [False] * (calls - hung), calls)


def makespan(durations: Iterable[float], workers: int) -> float:
    """When the last call ends if each goes, in this order, to the worker that is free first."""
    free = [0.0] * workers
    for duration in durations:
        heapq.heapreplace(free, free[0] + duration)
    return max(free)


def perfect(hangs: Sequence[bool]) -> float:
    """Seconds that two workers need which lose nothing."""
    return makespan((LIMIT if hanging else WORK for hanging in hangs), WORKERS)


async def measure(pool: str, seconds: float) -> Figures:
    """Figures of one contender."""
    hangs = plan(seconds)
    left = iter(hangs)
    async with POOLS[pool](Wanted(workers=WORKERS, timeout=LIMIT)) as call:
        await asyncio.gather(*(call(rest, 0.1) for _ in range(WORKERS)), return_exceptions=True)

        cut = 0

        async def one() -> None:
            nonlocal cut
            try:
                await (call(hang) if next(left) else call(rest, WORK))
            except TimeoutError:
                cut += 1

        started, parent = time.perf_counter(), time.process_time()
        await repeatedly(one, len(hangs), INFLIGHT)
        taken, parent = time.perf_counter() - started, time.process_time() - parent
    return {
        "calls": len(hangs),
        "cut by mistake": cut - sum(hangs),
        "seconds": taken,
        "perfect": perfect(hangs),
        "% over": 100 * (taken / perfect(hangs) - 1),
        "parent cpu s": parent,
    }


def main() -> None:
    flags = parser(__doc__, rounds=1)
    flags.add_argument("--seconds", type=float, default=60.0, help="what two perfect workers would take")
    options = flags.parse_args()
    seconds = 1.0 if options.quick else options.seconds
    contenders = [Contender(pool) for pool in KILLING]
    results = contend("pool_hung", contenders, options.rounds, seconds=seconds)
    show(results, "seconds", "ours, uvloop")
    over = results["ours, uvloop"]["% over"]
    print(f"ours on uvloop: {over:.1f}% over, the goal is {GOAL:g}%: {'met' if over <= GOAL else 'NOT met'}")


if __name__ == "__main__":
    main()
