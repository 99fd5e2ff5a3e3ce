"""Drawing items from an iterable, plain or asynchronous, some at a time."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

Take = Callable[[Sequence[Any]], object]
Draw = Callable[[int], Awaitable[bool]]


def drawer(source: Iterable[Any] | AsyncIterable[Any], take: Take) -> Draw:
    """A coroutine function that draws at most so many items, and says whether there may be more.

    `take` is called with what it draws, also where the source raises behind that.
    """
    if isinstance(source, AsyncIterable):
        return _one_by_one(aiter(source), take)
    return _some_at_a_time(iter(source), take)


def _some_at_a_time(items: Iterator[Any], take: Take) -> Draw:
    async def draw(count: int) -> bool:
        drawn: list[Any] = []
        try:
            drawn.extend(islice(items, count))
        finally:
            take(drawn)
        return len(drawn) == count

    return draw


def _one_by_one(items: AsyncIterator[Any], take: Take) -> Draw:
    """One item may be long in coming, and another is not worth waiting for."""

    async def draw(count: int) -> bool:
        try:
            item = await anext(items)
        except StopAsyncIteration:
            return False
        take([item])
        return True

    return draw
