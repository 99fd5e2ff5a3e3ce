"""Event loops in threads of their own, for programs that have none: each is ended before the program ends.

Guarantees: when the program ends, what runs is cancelled or finished, and waited for; Ctrl-C cancels it. A
    process that is forked off has nothing to do with the threads of the one it comes from.
"""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

_running: dict[threading.Thread, Callable[[], None]] = {}  # threads whose loop runs: how to cancel each
_endings: dict[threading.Thread, Callable[[], None]] = {}  # what to do instead when the program ends


Main = Callable[[], Coroutine[Any, Any, None]]
OnError = Callable[[BaseException], object]


def start(main: Main, name: str, on_error: OnError) -> threading.Thread:
    """Run a coroutine on an event loop in a new thread.

    `on_error` is called there with what it raises, or with what keeps the loop from being made.
    """
    thread = threading.Thread(target=_run, args=(main, on_error), name=name, daemon=True)
    thread.start()
    return thread


def end_with(thread: threading.Thread, end: Callable[[], None]) -> None:
    """When the program ends, call this, which has the thread's loop end by and by, instead of cancelling."""
    _endings[thread] = end


def cancel(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]") -> None:
    """Cancel a task of such a loop, if it still runs; from any thread."""
    with contextlib.suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(task.cancel)


def _run(main: Main, on_error: OnError) -> None:
    try:
        with (
            contextlib.suppress(asyncio.CancelledError),
            asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner,
        ):
            runner.run(_known(main))
    except BaseException as error:
        on_error(error)
    finally:
        _running.pop(threading.current_thread(), None)
        _endings.pop(threading.current_thread(), None)


async def _known(main: Main) -> None:
    task = asyncio.current_task()
    assert task is not None
    _running[threading.current_thread()] = partial(cancel, asyncio.get_running_loop(), task)
    await main()


@atexit.register
def _end_all() -> None:
    """The program ends: let what still runs end, and wait until it is gone."""
    for thread, stop in list(_running.items()):
        _endings.get(thread, stop)()
        try:
            thread.join()
        except KeyboardInterrupt:
            stop()
            thread.join()
            raise


def _forget_all() -> None:
    _running.clear()
    _endings.clear()


if hasattr(os, "register_at_fork"):  # not on Windows, which can import this all the same
    os.register_at_fork(after_in_child=_forget_all)
