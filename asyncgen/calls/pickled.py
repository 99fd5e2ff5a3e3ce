"""A function with arguments that travels with every call, and so is pickled only once."""

import pickle
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class PickledOnce(partial[T]):
    """A partial that keeps its own pickle: its arguments must not change."""

    @cached_property
    def _packed(self) -> bytes:
        return pickle.dumps((self.func, self.args, self.keywords), protocol=5)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self._packed,)


class Spread(Generic[T]):
    """A function of a tuple, which is another function's arguments."""

    def __init__(self, function: Callable[..., T]) -> None:
        self.func = function

    def __call__(self, arguments: tuple[Any, ...]) -> T:
        """Call it with them."""
        return self.func(*arguments)


@lru_cache(maxsize=16)
def _unpacked(packed: bytes) -> PickledOnce[Any]:
    function, args, keywords = pickle.loads(packed)
    return PickledOnce(function, *args, **keywords)
