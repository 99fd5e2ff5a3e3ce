"""What workers say besides their answers, handled here: how far a call is, and log records.

Guarantees: nothing that a note, a logging handler or a filter raises reaches the scheduler: it goes to the
    loop's exception handler, and what would end the program is raised from the loop itself. A record is
    handled before the answer of its call is.
Assumes: everything is called on the loop's own thread.
"""

import asyncio
import contextlib
import logging
from typing import Protocol

from asyncgen.calls import frames
from asyncgen.calls.child.telling import Logged, Step
from asyncgen.calls.context import given, name_of
from asyncgen.calls.events import CallProgress, Event
from asyncgen.calls.frames import Frame
from asyncgen.calls.work import Described, Work
from asyncgen.calls.worker_process import WorkerProcess


class Observer(Protocol):
    """Whoever is told of events."""

    def tell(self, event: Event) -> None: ...


def take(frame: Frame, process: WorkerProcess, work: Work | None, observer: Observer) -> None:
    """Handle a note of a process that is busy with this, or with nothing."""
    loop = asyncio.get_running_loop()
    try:
        _handle(frame, process, work, observer)
    except (SystemExit, KeyboardInterrupt) as error:
        loop.call_soon(_throw, error)
    except BaseException as error:
        context = {"message": f"a note of worker process {process.pid} was lost", "exception": error}
        with contextlib.suppress(Exception):  # as of a logging handler that raises here too
            loop.call_exception_handler(context)


def _handle(frame: Frame, process: WorkerProcess, work: Work | None, observer: Observer) -> None:
    match _unpickled(frame):
        case Step() as step:
            call = _call_of(step.number, process, work)
            if call is not None and process.pid is not None:
                event = CallProgress(process.pid, given(call.function), step.fraction, step.message)
                observer.tell(event)
                if call.on_progress is not None:
                    call.on_progress(event)
        case Logged() as logged:
            call = _call_of(logged.number, process, work)
            record = logging.makeLogRecord(logged.attributes)
            record.worker_pid = logged.pid
            record.call = logged.number - 1 if call is not None else None  # the first one is our own
            record.function = name_of(call.function) if call is not None else None
            logging.getLogger(record.name).handle(record)


def _unpickled(frame: Frame) -> object:
    try:
        note: object = frames.loads(frame.parts)
    except SystemExit as error:  # of a class in it: it must not end this program
        raise ValueError("unpickling it raised SystemExit") from error
    return note


def _call_of(number: int, process: WorkerProcess, work: Work | None) -> Described | None:
    """What is known of the call of this number, if it is the one under way; otherwise a thread was left."""
    return work.call if work is not None and number == process.sent - work.left + 1 else None


def _throw(error: BaseException) -> None:
    raise error
