"""Many calls, each result as soon as it is there; a failure is a value and the stream goes on.

No more items are drawn than `inflight`, so that the source may be endless.
"""

import asyncio
import itertools
import math
import time

from asyncgen import Scheduler


def slow_root(number: int) -> float:
    """Slower for larger numbers, and an error for negative ones."""
    time.sleep(max(0, number) / 20)
    return math.sqrt(number)


async def main() -> None:
    numbers = itertools.chain([16, 4, -1, 0], itertools.repeat(1))  # endless
    async with (
        Scheduler(workers=4, timeout=5.0) as scheduler,
        scheduler.stream(slow_root, numbers, inflight=4) as results,
    ):
        async for result in results:
            print(f"{result.item}: {result.error or result.value}")
            if result.item == 16:
                break  # leaving the block kills what still runs


if __name__ == "__main__":
    asyncio.run(main())
