"""Where a program uses a ProcessPoolExecutor: the same calls, which can now be cancelled and have a limit.

The first half has no event loop; the second awaits calls on the executor of a scheduler that is open anyway.
"""

import asyncio
import math
import time
from concurrent.futures import CancelledError, as_completed

from asyncgen import KillableExecutor, Scheduler


def without_a_loop() -> None:
    """`submit`, `map` and `with` as of any executor; `cancel` also ends a call that runs."""
    with KillableExecutor(workers=2, timeout=1.0) as pool:
        print(list(pool.map(math.factorial, range(8))))
        futures = {pool.submit(time.sleep, seconds): seconds for seconds in (0.1, 60)}
        for future in as_completed(futures):
            print(f"{futures[future]} s: {future.exception() or 'slept'}")
        endless = pool.submit(time.sleep, 60)
        while not endless.running():
            time.sleep(0.01)
        endless.cancel()
        try:
            endless.result()
        except CancelledError:
            print("cancelled, and its process is dead")


async def on_a_loop() -> None:
    """Cancelling the task that waits kills the call."""
    async with Scheduler(workers=2) as scheduler:
        pool = scheduler.executor()
        loop = asyncio.get_running_loop()
        print(await loop.run_in_executor(pool, math.comb, 10, 5))
        try:
            await asyncio.wait_for(loop.run_in_executor(pool, time.sleep, 60), 0.5)
        except TimeoutError:
            print("nobody waits any more, and nothing runs on")


if __name__ == "__main__":
    without_a_loop()
    asyncio.run(on_a_loop())
