"""What do an argument and a result of 1 MB cost, as bytes and as a NumPy array, in each process pool?

Two workers, four calls at a time. Printed in microseconds of wall clock a call.

    python benchmarks/pool_transfer.py [--rounds 5] [--quick]
"""

import time
from collections.abc import Callable
from typing import Any

from peers import POOLS, Wanted
from rounds import Figures, contend, everyone, parser, repeatedly, show
from tasks import length, some_array, some_bytes

SIZE = 1_000_000  # bytes
INFLIGHT = 4


async def measure(pool: str, calls: int) -> Figures:
    """Figures of one contender."""
    kinds: dict[str, tuple[Callable[..., Any], Any]] = {
        "bytes out": (length, some_bytes(SIZE)),
        "bytes back": (some_bytes, SIZE),
        "array out": (length, some_array(SIZE)),
        "array back": (some_array, SIZE),
    }
    figures: Figures = {}
    async with POOLS[pool](Wanted(workers=2)) as call:
        for name, (function, argument) in kinds.items():
            await repeatedly(lambda f=function, a=argument: call(f, a), 8, INFLIGHT)  # type: ignore[misc]
            started = time.perf_counter()
            await repeatedly(lambda f=function, a=argument: call(f, a), calls, INFLIGHT)  # type: ignore[misc]
            figures[name] = (time.perf_counter() - started) / calls * 1e6
    return figures


def main() -> None:
    options = parser(__doc__, rounds=5).parse_args()
    rounds, calls = (1, 8) if options.quick else (options.rounds, 300)
    results = contend("pool_transfer", everyone(POOLS), rounds, calls=calls)
    for figures in results.values():
        del figures["all cpu s"]
        figures["mean"] = sum(figures.values()) / len(figures)
    show(results, "mean", "ours, uvloop")


if __name__ == "__main__":
    main()
