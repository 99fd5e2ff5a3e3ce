"""What a scheduler says of itself at any time: who works, what failed, how long calls took and waited."""

import asyncio
import os
import time

from asyncgen import Scheduler, Statistics

ITEMS = (*(0.01,) * 30, 60.0, -1.0)


def work(seconds: float) -> None:
    """Take so long, or crash."""
    if seconds < 0:
        os._exit(3)
    time.sleep(seconds)


def show(now: Statistics) -> None:
    """A few of the figures."""
    print(f"{now.busy} of {now.workers} busy, {now.idle} idle, {now.spares} spare, {now.waiting} waiting")
    print(f"{now.calls} calls; failed: {dict(now.failures)}; recycled: {dict(now.recycled)}")
    if now.call_seconds is not None and now.wait_seconds is not None:
        print(f"calls took {now.call_seconds.p50:.3f} s, the slowest {now.call_seconds.p99:.3f} s")
        print(f"they had waited {now.wait_seconds.p90:.3f} s")


async def main() -> None:
    async with Scheduler(workers=2, timeout=0.5) as scheduler:
        show(scheduler.statistics)
        results = [result async for result in scheduler.stream(work, ITEMS)]
        print(f"{len(results)} results")
        show(scheduler.statistics)


if __name__ == "__main__":
    asyncio.run(main())
