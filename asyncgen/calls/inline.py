"""Calls in this very process, one at a time: what stands in for processes where there are to be no workers.

For debuggers, and for tests of what uses a scheduler. A function is called on the loop's own thread, and the
loop turns before each call. Nothing is pickled, limited or killed. What settings say of processes, as
`environment` and `nice` do, is not said of this one.

Guarantees: the value and the error are the function's own objects, the error with its traceback. What a
    function sets in context variables is not seen by its caller. Calls, their ends and their seconds are
    counted and told as those of workers are.
Assumes: everything is called on the loop's own thread.
"""

import asyncio
import os
import time
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from asyncgen.calls.call import Call, Surroundings
from asyncgen.calls.child.progress import told_here
from asyncgen.calls.child.start import PreloadError, import_all
from asyncgen.calls.context import given
from asyncgen.calls.errors import RemoteError, SchedulerBroken, SchedulerError
from asyncgen.calls.events import CallEnded, CallProgress
from asyncgen.calls.foreign import deliverable, text_of
from asyncgen.calls.settings import Settings
from asyncgen.calls.statistics import Counters
from asyncgen.calls.stream import CallResult

Item = TypeVar("Item")


class Inline:
    """Stands in for the supply of processes, of which there are none: this one is made ready instead."""

    def __init__(self, settings: Settings) -> None:
        """Import the preload, and call the initializer."""
        self._breakage: tuple[str, Exception] | None = None
        try:
            import_all(settings.preload)
            if settings.initializer is not None:
                settings.initializer(*settings.initargs)
        except PreloadError as error:
            self._breakage = str(error), error
        except Exception as error:
            self._breakage = f"the initializer raised {type(error).__name__}: {error}", error

    @property
    def broken(self) -> SchedulerBroken | None:
        """Why no call can be made: an exception of each caller's own; None if all is well."""
        if self._breakage is None:
            return None
        why, cause = self._breakage
        error = SchedulerBroken(f"no call can be made: {why}")
        error.__cause__ = cause
        return error

    @property
    def template_pid(self) -> int:
        """Raises SchedulerError."""
        raise SchedulerError("there is no template process: with workers=0 calls are made in this process")

    @property
    def stock(self) -> list[int]:
        """No process is ready."""
        return []

    async def ping(self) -> bool:
        """Answer, as a template does."""
        return True

    async def close(self) -> None:
        """Nothing runs."""


async def attempt_inline(call: Call[Item], shared: Surroundings) -> CallResult[Item, Any]:
    """Make the call in the loop's next turn, its failure a value, as call.attempt does in a process."""
    asked = time.perf_counter()
    await asyncio.sleep(0)
    shared.turns.check_open()
    if call.on_start is not None:
        call.on_start()
    counters, pid = shared.counters, os.getpid()
    started, cpu_before = time.perf_counter(), time.thread_time()
    counters.call_started(pid, call.function, started - asked)
    value, error = _outcome(call, counters)
    wall, cpu = time.perf_counter() - started, time.thread_time() - cpu_before
    if counters.watched:
        how = "value" if error is None else type(error).__name__
        counters.tell(CallEnded(pid, given(call.function), how, wall, cpu))
    return CallResult(call.item, value, error, cpu, wall)


def _outcome(call: Call[Any], counters: Counters) -> tuple[Any, Exception | None]:
    """The value of a function, or its error. What ends programs goes on to do so."""
    context = copy_context()
    context.run(told_here.set, partial(_take_step, call, counters))
    try:
        return context.run(call.function, *call.args), None
    except (SystemExit, KeyboardInterrupt):
        raise
    except Exception as error:
        return None, error if deliverable(error) else _substitute(error)
    except BaseException as error:
        return None, _substitute(error)


def _take_step(call: Call[Any], counters: Counters, fraction: float | None, message: str) -> None:
    step = CallProgress(os.getpid(), given(call.function), fraction, message)
    counters.tell(step)
    if call.on_progress is not None:
        call.on_progress(step)


def _substitute(error: BaseException) -> RemoteError:
    """What is raised in place of an error that would be taken for something else."""
    substitute = RemoteError(text_of(error))
    substitute.__cause__ = error
    return substitute
