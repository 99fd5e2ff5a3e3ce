"""What a worker was given for objects of `multiprocessing`: descriptors, and the key of managers."""

from collections.abc import Callable, Sequence
from typing import Any

_descriptors: list[int] = []


def receive(descriptors: Sequence[int]) -> None:
    """These came along with the worker's socket, in this order."""
    _descriptors[:] = descriptors


class SentDescriptor:
    """A descriptor in a pickle; `detach`, as its users call it, gives the one of this process."""

    def __init__(self, place: int) -> None:
        self._place = place

    def detach(self) -> int:
        """The descriptor in the worker; it is whose that asks."""
        return _descriptors[self._place]


class Keyed:
    """A function in a pickle before which the key of the parent's managers is set.

    What is unpickled behind it, such as the proxy of a queue, can then speak with its manager.
    """

    def __init__(self, key: bytes, function: Callable[..., Any]) -> None:
        self._key = key
        self._function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return _keyed, (self._key, self._function)


def _keyed(key: bytes, function: Callable[..., Any]) -> Callable[..., Any]:
    from multiprocessing import process

    process.current_process().authkey = key
    return function
