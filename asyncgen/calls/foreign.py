"""Exceptions of other people's classes, touched so that nothing that their classes define can break us.

A class may forbid attributes, as a frozen dataclass does, or have properties and methods that raise. What
belongs to every exception is therefore read and set as BaseException has it, past the class.

Its top level is light: workers and the parent share it.
"""

import concurrent.futures
import contextlib
import traceback

# Exceptions that would be taken for something else when raised out of a future.
_UNDELIVERABLE = (StopIteration, concurrent.futures.CancelledError)


def deliverable(error: object) -> bool:
    """Whether a future can raise this as the exception that it is."""
    kind = type(error)  # and not what the object says of itself
    return issubclass(kind, Exception) and not issubclass(kind, _UNDELIVERABLE)


def cause_of(error: BaseException) -> BaseException | None:
    """Its `__cause__`."""
    cause: BaseException | None = BaseException.__dict__["__cause__"].__get__(error)
    return cause


def set_cause(error: BaseException, cause: BaseException) -> None:
    """Let it be raised from this one."""
    BaseException.__dict__["__cause__"].__set__(error, cause)


def without_traceback(error: BaseException) -> BaseException:
    """The same exception, which no longer keeps frames and their arguments alive."""
    BaseException.__dict__["__traceback__"].__set__(error, None)
    return error


def add_note(error: BaseException, note: str) -> None:
    """Add a note, if the exception takes one."""
    with contextlib.suppress(Exception):  # the error itself matters more
        BaseException.add_note(error, note)


def text_of(error: BaseException) -> str:
    """Traceback and message, as Python would print them, or as much of them as can be had."""
    try:
        return "".join(traceback.format_exception(error))
    except BaseException:  # what the class's methods raise, SystemExit too
        return f"{type(error).__module__}.{type(error).__qualname__}, which cannot be shown\n"
