"""What travels with each call from the context of its caller, where the setting `context` says so."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from asyncgen.calls.child.context import Carrier, InContext, Variable

T = TypeVar("T")

Entry = str | Carrier  # of the setting


class Context:
    """The carriers of a scheduler. Raises what importing the variables does, which are named."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._carriers = [Variable(entry) if isinstance(entry, str) else entry for entry in entries]

    def wrapped(self, function: Callable[..., T]) -> Callable[..., T]:
        """The function in the context that is current now. Raises what a carrier does."""
        return InContext(function, [(carrier, carrier.capture()) for carrier in self._carriers])


def given(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function that the caller gave, without the context around it."""
    return function.func if type(function) is InContext else function


def name_of(function: Any) -> str:
    """Its module and name, the same for each copy of a function that is made for a call."""
    function = given(function)
    inner = getattr(function, "func", function)  # of a partial
    return f"{getattr(inner, '__module__', '?')}.{getattr(inner, '__qualname__', type(inner).__qualname__)}"


def check(entries: Any) -> None:
    """Raise TypeError or ValueError for what cannot be the setting."""
    if not isinstance(entries, tuple):
        raise TypeError(f"context must be a tuple, such as ('package.module:variable',), not {entries!r}")
    for entry in entries:
        if isinstance(entry, str):
            if not all(entry.partition(":")):
                raise ValueError(f"context must name a variable as 'module:variable', not {entry!r}")
        elif isinstance(entry, type) or not all(
            callable(getattr(entry, name, None)) for name in ("capture", "restored")
        ):
            raise TypeError(
                f"context must hold names of ContextVars and objects with the methods `capture` and "
                f"`restored`, not {entry!r}"
            )
