"""What does a call that does nothing cost, in each process pool, from asyncio and from uvloop?

Two workers; calls made one after the other (the way there and back) and sixteen at a time (what the pool can
carry). Printed for both, in microseconds a call: wall clock, CPU of the caller's process, of all processes.
The goal: on uvloop at most half of Pebble's, sixteen at a time.

    python benchmarks/pool_call.py [--rounds 5] [--quick]
"""

import time

from accounting import cpu_of_family
from peers import POOLS, Call, Wanted
from rounds import Figures, contend, everyone, parser, repeatedly, show
from tasks import nothing

MANY = 16


async def measure(pool: str, calls: int) -> Figures:
    """Figures of one contender."""
    figures: Figures = {}
    async with POOLS[pool](Wanted(workers=2)) as call:
        await repeatedly(lambda: call(nothing), calls // 10, MANY)
        for inflight in (1, MANY):
            figures |= await _cost(call, calls, inflight)
    return figures


async def _cost(call: Call, calls: int, inflight: int) -> Figures:
    family, parent, started = cpu_of_family(), time.process_time(), time.perf_counter()
    await repeatedly(lambda: call(nothing), calls, inflight)
    wall, parent = time.perf_counter() - started, time.process_time() - parent
    everybody = cpu_of_family() - family
    return {
        f"{inflight}: {name}": seconds / calls * 1e6
        for name, seconds in (("wall", wall), ("parent", parent), ("all", everybody))
    }


def main() -> None:
    options = parser(__doc__, rounds=5).parse_args()
    rounds, calls = (1, 50) if options.quick else (options.rounds, 4000)
    results = contend("pool_call", everyone(POOLS), rounds, calls=calls)
    for figures in results.values():
        del figures["all cpu s"]
    column = f"{MANY}: wall"
    show(results, column, "pebble, uvloop")
    share = results["ours, uvloop"][column] / results["pebble, uvloop"][column]
    print(
        f"ours on uvloop: {share:.2f} of Pebble's, the goal is 0.50: {'met' if share <= 0.5 else 'NOT met'}"
    )


if __name__ == "__main__":
    main()
