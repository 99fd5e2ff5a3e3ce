"""Exceptions and values whose classes mean harm to whoever handles them."""

from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class NotFound(Exception):
    """Forbids that any attribute is set, its cause and its notes too."""

    what: str = "it"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what,)


@dataclass(frozen=True)
class NotRebuilt(Exception):
    """The same, without a way to be rebuilt: pickle sets its attributes."""

    what: str = "it"


class Mute(Exception):
    """Cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class Shut(Exception):
    """Has properties in place of what every exception has."""

    @property
    def __cause__(self) -> NoReturn:  # type: ignore[override]
        raise RuntimeError("no cause")

    @property
    def __notes__(self) -> NoReturn:  # type: ignore[override]
        raise RuntimeError("no notes")

    def with_traceback(self, traceback: object) -> NoReturn:  # type: ignore[override]
        raise RuntimeError("no traceback")

    def add_note(self, note: str) -> NoReturn:
        raise RuntimeError("no note")


class Exits(Exception):
    """Ends the process that rebuilds it, unless that takes care."""

    def __reduce__(self) -> tuple[Any, ...]:
        return leave, ()


class Unpicklable(Exception):
    """Ends the process that pickles it, unless that takes care."""

    def __reduce__(self) -> NoReturn:
        raise SystemExit(3)


ERRORS: dict[str, type[Exception]] = {
    "frozen": NotFound,
    "not rebuilt": NotRebuilt,
    "mute": Mute,
    "shut": Shut,
    "exits": Exits,
    "unpicklable": Unpicklable,
}


class ExitsValue:
    """A value that does the same."""

    def __reduce__(self) -> tuple[Any, ...]:
        return leave, ()


class FrozenError:
    """A value whose rebuilding raises an exception that forbids attributes."""

    def __reduce__(self) -> tuple[Any, ...]:
        return throw, ("frozen",)


VALUES: dict[str, type[Any]] = {"exits": ExitsValue, "frozen": FrozenError}


def leave() -> NoReturn:
    raise SystemExit(3)


def throw(name: str) -> NoReturn:
    raise ERRORS[name]()


def give(name: str) -> Any:
    return VALUES[name]()
