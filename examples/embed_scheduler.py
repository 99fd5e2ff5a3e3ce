"""Blocking calls with a time limit that really ends them, inside an asyncio program that goes on meanwhile.

A regular expression can backtrack for years in C code that no thread could stop; a worker process can be
killed. Each call has one to itself: what hangs or crashes there takes nothing else with it.
"""

import asyncio
import ctypes
import re

from asyncgen import Scheduler, WorkerDied

CALLS = (
    ("a quick call", re.sub, "(a+)+b", "-", "from aab to aaaab"),
    ("an endless call", re.sub, "(a+)+b", "-", "a" * 60),
    ("a crashing call", ctypes.string_at, 0),
)


async def heartbeat() -> None:
    """What the program does otherwise: it never misses a beat."""
    while True:
        print("heartbeat")
        await asyncio.sleep(0.25)


async def main() -> None:
    pulse = asyncio.create_task(heartbeat())
    async with Scheduler(workers=2, timeout=1.0) as scheduler:
        for name, function, *arguments in CALLS:
            try:
                print(f"{name}: {await scheduler.run(function, *arguments)}")
            except (TimeoutError, WorkerDied) as error:
                print(f"{name}: {type(error).__name__}: {error}")
    pulse.cancel()


if __name__ == "__main__":
    asyncio.run(main())
