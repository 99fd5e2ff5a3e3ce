"""How long is the event loop held while 200 MB go to a worker, or come back? The limit is 20 ms.

A ticker on the loop notes the largest gap between two of its turns, from before the call until its result is
freed. Objects that are no buffers are pickled and unpickled in one piece by the loop's thread: those rows
have no limit, and show what a megabyte of pickle costs.

    python benchmarks/transfer.py [rounds]
"""

import asyncio
import pickle
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import uvloop

from asyncgen.scheduler import Scheduler

SIZE = 200_000_000  # bytes
OBJECTS = 20_000_000  # bytes of pickle, for what has no limit
LIMIT = 20.0  # milliseconds
TICK = 0.0005  # seconds


def buffer(size: int) -> pickle.PickleBuffer:
    """What a NumPy array is to pickle: memory that travels out of band."""
    return pickle.PickleBuffer(bytearray(size))


def numbers(size: int) -> list[float]:
    """So many bytes of pickle: nine for each number."""
    return [float(number) for number in range(size // 9)]


def size_of(value: Any) -> int:
    return len(value)


@dataclass(frozen=True)
class Case:
    """A call, how many bytes it moves, and whether they cross in one piece."""

    name: str
    function: Callable[..., Any]
    argument: Callable[[], Any]
    size: int = SIZE
    whole: bool = False


CASES = [
    Case("buffer to the worker", size_of, lambda: buffer(SIZE)),
    Case("buffer from the worker", buffer, lambda: SIZE),
    Case("bytes to the worker", size_of, lambda: bytes(SIZE)),
    Case("bytes from the worker", bytes, lambda: SIZE, whole=True),
    Case("list of floats to the worker", size_of, lambda: numbers(OBJECTS), OBJECTS, whole=True),
    Case("list of floats from the worker", numbers, lambda: OBJECTS, OBJECTS, whole=True),
]


class Ticker:
    """Turns of the loop, and the largest time between two of them, in milliseconds."""

    def __init__(self) -> None:
        self.largest = 0.0
        self._task = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            self.largest = max(self.largest, 1000 * (now - last - TICK))
            last = now

    async def stop(self) -> float:
        await asyncio.sleep(2 * TICK)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        return self.largest


async def held(scheduler: Scheduler, function: Callable[..., Any], argument: Any) -> tuple[float, float]:
    """Milliseconds that the loop was held at most, and seconds that the call took."""
    ticker = Ticker()
    await asyncio.sleep(10 * TICK)
    started = time.perf_counter()
    result = await scheduler.run(function, argument)
    seconds = time.perf_counter() - started
    del result
    return await ticker.stop(), seconds


async def measure(rounds: int) -> list[tuple[Case, list[float], float]]:
    found = []
    async with Scheduler(workers=1, max_message=2 * SIZE) as scheduler:
        await scheduler.run(size_of, b"")
        for case in CASES:
            argument = case.argument()
            runs = [await held(scheduler, case.function, argument) for _ in range(rounds)]
            found.append((case, [gap for gap, _ in runs], statistics.median(s for _, s in runs)))
    return found


def report(loop: str, found: list[tuple[Case, list[float], float]]) -> bool:
    """Print a line for each case; return whether all that have a limit kept it."""
    kept = True
    for case, gaps, seconds in found:
        median, worst = statistics.median(gaps), max(gaps)
        verdict = f"no limit: {median / (case.size / 1e6):.2f} ms a MB"
        if not case.whole:
            kept = kept and median <= LIMIT
            verdict = f"limit {LIMIT:g} ms: {'kept' if median <= LIMIT else 'MISSED'}"
        size = case.size / 1e6
        print(f"{loop:8} {case.name:31} {size:5.0f} {median:8.1f} {worst:8.1f} {seconds:8.2f}   {verdict}")
    return kept


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"the largest gap of the loop in ms, median and worst of {rounds} rounds; seconds for the call")
    print(f"{'loop':8} {'what':31} {'MB':>5} {'median':>8} {'worst':>8} {'call s':>8}")
    kept = True
    for name, factory in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop.new_event_loop)):
        with asyncio.Runner(loop_factory=factory) as runner:
            kept = report(name, runner.run(measure(rounds))) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
