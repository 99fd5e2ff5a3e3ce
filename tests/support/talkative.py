"""What tests of context, logs and progress have their workers do."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import workload

from asyncgen import progress

log = logging.getLogger("talkative")

# -- context ---------------------------------------------------------------------------------------------

tenant: ContextVar[Any] = ContextVar("tenant")
locale: ContextVar[str] = ContextVar("locale", default="en")
NOT_A_VARIABLE = 3


def tenant_and_locale(_: Any = None) -> tuple[Any, str]:
    return tenant.get(None), locale.get()


def change_tenant(value: str) -> str:
    tenant.set(value)
    return value


entered: list[str] = []


class Noting:
    """A carrier that notes in the worker what it does."""

    def __init__(self, name: str) -> None:
        self.name = name

    def capture(self) -> Any:
        return tenant.get(None)

    @contextmanager
    def restored(self, captured: Any) -> Iterator[None]:
        entered.append(f"{self.name} in with {captured}")
        try:
            yield
        finally:
            entered.append(f"{self.name} out")


def take_entered(_: Any = None) -> list[str]:
    """What carriers have noted since it was asked last."""
    noted = entered[:]
    entered.clear()
    return noted


# -- tracing ---------------------------------------------------------------------------------------------


def span_and_baggage(_: Any = None) -> tuple[int, int | None, Any]:
    """Trace and parent of a span that is opened here, and an entry of the baggage."""
    from opentelemetry import baggage, trace
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

    with TracerProvider().get_tracer("worker").start_as_current_span("work") as span:
        assert isinstance(span, ReadableSpan)
        parent = span.parent.span_id if span.parent is not None else None
        return trace.get_current_span().get_span_context().trace_id, parent, baggage.get_baggage("user")


# -- logs ------------------------------------------------------------------------------------------------


def log_all(*texts: str) -> None:
    for text in texts:
        log.warning(text)


def log_long(size: int) -> None:
    log.warning("x" * size)


def log_item(item: Any) -> Any:
    log.warning("item %s", item)
    return item


def sleep_and_log(seconds: float) -> None:
    workload.sleep(seconds)
    log.warning("slept")


def log_at_each_level() -> int:
    """How many records were made here, sent or not."""
    made = 0
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        made += log.isEnabledFor(level)
        log.log(level, "at %d", level)
    return made


def log_with(extra: dict[str, Any], *arguments: Any) -> None:
    log.warning("%s and %s", *arguments, extra=extra)


def log_a_function() -> None:
    """A record that cannot be pickled, for its argument and for what is added to it."""
    log.warning("called %s", lambda: None, extra={"thing": lambda: None, "count": 3})


def log_an_exception() -> None:
    try:
        workload.fail("so it goes")
    except ValueError:
        log.exception("it failed")


def log_what_dies_here(how: str) -> None:
    log.warning("%s", workload.DiesWhenUnpickled(how))


def log_and_die(how: str) -> None:
    log.error("last words")
    workload.die(how)


def log_and_hang(_: Any = None) -> None:
    log.error("hanging")
    workload.hang()


def log_many(count: int) -> int:
    for number in range(count):
        log.warning("line %d", number)
    return count


def log_from_threads(threads: int, count: int) -> bytes:
    """Each thread logs so many records; the answer, a long one, is sent while those are still at it."""
    for number in range(threads):
        threading.Thread(target=_log_numbered, args=(number, count), daemon=True).start()
    return bytes(3 << 20)


def _log_numbered(thread: int, count: int) -> None:
    for number in range(count):
        log.warning("%d", number, extra={"of": thread})


def leave_a_thread(path: str) -> None:
    """A thread that logs once the file exists, and the call is over."""

    def late() -> None:
        workload.wait_for(path)
        log.warning("late")

    threading.Thread(target=late, daemon=True).start()


def print_all(*texts: str) -> None:
    for text in texts:
        print(text, end="")


def complain(text: str) -> None:
    print(text, file=sys.stderr)


def print_in_a_fork(text: str) -> int:
    """The exit status of a forked child that logs, prints, and says how far it is."""
    pid = os.fork()
    if pid == 0:
        print(text)
        log.warning(text)
        progress(0.5, text)
        sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# -- progress --------------------------------------------------------------------------------------------


def advance(steps: int) -> int:
    """Say how far it is in as many steps, as fast as it can."""
    for step in range(steps):
        progress(step / steps, f"step {step}")
    progress(1.0, "done")
    return steps


def advance_item(item: int) -> int:
    progress(None, f"item {item}")
    return item


def advance_and_hang(_: Any = None) -> None:
    """The second step comes too early, and is the last word."""
    progress(0.25, "first")
    progress(0.5, "second")
    workload.hang()


def advance_and_wait_for(path: str) -> str:
    progress(0.5, path)
    return workload.wait_for(path)


def advance_and_wait_for_twice(path: str) -> str:
    advance_and_wait_for(path)
    progress(0.75, "again")
    return path


def advance_in_a_thread() -> None:
    thread = threading.Thread(target=progress, args=(0.75, "in a thread"))
    thread.start()
    thread.join()


def advance_and_fail() -> None:
    progress(0.5)
    raise ValueError("no further")


def say_wrong(fraction: Any) -> None:
    progress(fraction)


async def all_steps(call: Any) -> list[Any]:
    return [step async for step in call]


async def until(condition: Any) -> None:
    """Wait until something is true of this process."""
    while not condition():
        await asyncio.sleep(0.001)
