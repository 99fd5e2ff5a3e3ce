"""What makes the calls of a stream, without a scheduler."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from asyncgen.calls.chunks import Chunks
from asyncgen.calls.stream import CallResult, Deliver, Leave, Made, OrderedRunners, Runners, Stream


class OneByOne:
    """Has a coroutine function make each call."""

    def __init__(self, call: Callable[[Any], Awaitable[CallResult[Any, Any]]]) -> None:
        self._call = call

    async def make(self, items: Sequence[Any], deliver: Deliver, leave: Leave) -> Made:
        (item,) = items
        deliver(0, await self._call(item))
        return Made((), 0.0)


def stream_of(
    call: Callable[[Any], Awaitable[CallResult[Any, Any]]],
    source: Any,
    workers: int,
    bound: int,
    kind: type[Runners[Any, Any]] = Runners,
) -> Stream[Any, Any]:
    """A stream whose runners are at work."""
    runners = kind(OneByOne(call), source, Chunks(1), workers, bound)
    runners.start(lambda _: None)
    return Stream(runners)


def ordered_stream_of(
    call: Callable[[Any], Awaitable[CallResult[Any, Any]]], source: Any, workers: int, bound: int
) -> Stream[Any, Any]:
    """The same in the order of the source."""
    return stream_of(call, source, workers, bound, OrderedRunners)
