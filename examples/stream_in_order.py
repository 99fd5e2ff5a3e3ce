"""Many calls at the same time, their results in the order of the source.

The source here is asynchronous, as lines from a socket would be.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from asyncgen import Scheduler


def shout(word: str) -> str:
    """The first word takes longest, and is still the first to come."""
    time.sleep(1 / len(word))
    return word.upper()


async def words() -> AsyncIterator[str]:
    """What comes in, one word at a time."""
    for word in ("a", "few", "words", "in", "their", "own", "order"):
        await asyncio.sleep(0)
        yield word


async def main() -> None:
    async with Scheduler(workers=4) as scheduler:
        async for result in scheduler.stream(shout, words(), ordered=True):
            print(result.unwrap())


if __name__ == "__main__":
    asyncio.run(main())
