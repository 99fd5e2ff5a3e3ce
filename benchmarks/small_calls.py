"""What does an item of a stream cost whose call does nothing, beside pools that send items in chunks?

Two workers; the same items go through `scheduler.stream` and `KillableExecutor.map`, in packets that find
their size, and through the standard library's two pools in chunks of 500, which are given up whole where one
item fails or hangs. Printed, in microseconds an item: wall clock, and CPU of the caller's process. The goal:
at most 6 on uvloop.

    python benchmarks/small_calls.py [--rounds 5] [--quick]
"""

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from rounds import Figures, contend, everyone, parser, show

from asyncgen import KillableExecutor, Scheduler

CHUNK = 500
WORKERS = 2


async def through_a_stream(items: Sequence[int]) -> None:
    """Ours, on the caller's loop."""
    async with Scheduler(WORKERS) as scheduler, scheduler.stream(abs, items) as results:
        async for result in results:
            result.unwrap()


def _drain(values: Iterable[int]) -> None:
    for _ in values:
        pass


def through_our_executor(items: Sequence[int]) -> None:
    """Ours, with a loop in a thread."""
    with KillableExecutor(WORKERS) as pool:
        _drain(pool.map(abs, items))


def through_concurrent_futures(items: Sequence[int]) -> None:
    """The standard library's executor."""
    with ProcessPoolExecutor(WORKERS) as pool:
        _drain(pool.map(abs, items, chunksize=CHUNK))


def through_multiprocessing(items: Sequence[int]) -> None:
    """The standard library's other pool."""
    with multiprocessing.Pool(WORKERS) as pool:
        _drain(pool.imap(abs, items, chunksize=CHUNK))


def aside(way: Callable[[Sequence[int]], None]) -> Callable[[Sequence[int]], Awaitable[None]]:
    """The same in a thread, so that the loop is not blocked."""
    return lambda items: asyncio.to_thread(way, items)


WAYS: dict[str, Callable[[Sequence[int]], Awaitable[None]]] = {
    "ours, stream": through_a_stream,
    "ours, map": aside(through_our_executor),
    "ProcessPoolExecutor": aside(through_concurrent_futures),
    "multiprocessing.Pool": aside(through_multiprocessing),
}


async def measure(pool: str, items: int) -> Figures:
    """Figures of one contender, its start and its end included."""
    parent, started = time.process_time(), time.perf_counter()
    await WAYS[pool](range(items))
    wall, parent = time.perf_counter() - started, time.process_time() - parent
    return {name: seconds / items * 1e6 for name, seconds in (("wall", wall), ("parent", parent))}


def main() -> None:
    options = parser(__doc__, rounds=5).parse_args()
    rounds, items = (1, 2000) if options.quick else (options.rounds, 300_000)
    results = contend("small_calls", everyone(WAYS, ("uvloop",)), rounds, items=items)
    for figures in results.values():
        del figures["all cpu s"]
    show(results, "wall", "ProcessPoolExecutor, uvloop")
    ours = results["ours, stream, uvloop"]["wall"]
    print(f"ours: {ours:.1f} us an item, the goal is 6: {'met' if ours <= 6 else 'NOT met'}")


if __name__ == "__main__":
    main()
