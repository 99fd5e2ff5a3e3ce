"""The context of a caller around its call: what was captured there is restored in the worker.

The parent wraps a function in its context before it is sent, and the worker calls it like any other.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Carrier(Protocol):
    """Takes something from the context of the caller to that of the call.

    It is pickled with each call, and so is what it captured.
    """

    def capture(self) -> Any:
        """What is to travel; called in the caller's context."""

    def restored(self, captured: Any) -> AbstractContextManager[object]:
        """What the worker enters around the call. It lets exceptions pass."""
        ...


class InContext(Generic[T]):
    """A function that is called with what carriers captured restored around it."""

    __slots__ = ("captured", "func")

    def __init__(self, func: Callable[..., T], captured: Sequence[tuple[Carrier, Any]]) -> None:
        self.func = func
        self.captured = captured

    def __reduce__(self) -> tuple[Any, ...]:
        return InContext, (self.func, self.captured)

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        """Call the function with these arguments."""
        with ExitStack() as stack:
            for carrier, captured in self.captured:
                stack.enter_context(carrier.restored(captured))
            value = self.func(*args, **kwargs)
        return value  # noqa: RET504  # type checkers allow for carriers that swallow exceptions


_UNSET: Any = object()


class Variable:
    """Carries the value of the ContextVar that is named as "module:variable", where it is set."""

    def __init__(self, name: str) -> None:
        """Raises what importing it does, AttributeError where it is missing, TypeError for anything else."""
        module, _, variable = name.partition(":")
        found = getattr(import_module(module), variable)
        if not isinstance(found, ContextVar):
            raise TypeError(f"{name} in context must be a ContextVar, not {found!r}")
        self._name = name
        self._variable: ContextVar[Any] = found

    def __reduce__(self) -> tuple[Any, ...]:
        return _variable, (self._name,)

    def capture(self) -> tuple[Any, ...]:
        """Its value, or nothing."""
        value = self._variable.get(_UNSET)
        return () if value is _UNSET else (value,)

    @contextmanager
    def restored(self, captured: tuple[Any, ...]) -> Any:
        """Set it to the value, if there was one, and reset it afterwards."""
        if not captured:
            yield
            return
        token = self._variable.set(*captured)
        try:
            yield
        finally:
            self._variable.reset(token)


@cache
def _variable(name: str) -> Variable:
    return Variable(name)
