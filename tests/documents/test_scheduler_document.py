"""docs/scheduler.md is right about settings, and about what becomes of a call when something goes wrong."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

import pytest
import workload
from document_text import codes, section, table
from places import DOCS

from asyncgen import Scheduler, Settings

DOCUMENT = DOCS / "scheduler.md"
SEEN = {row[0]: row[1] for row in table(section(DOCUMENT, "## What happens when"))}  # by event
LIMITS = Settings(workers=1, timeout=60.0, memory_limit=150 << 20, max_message=1 << 20)


async def kill_the_template(scheduler: Scheduler) -> object:
    await scheduler.run(workload.echo, 1)
    call = asyncio.create_task(scheduler.run(workload.hang))
    while not scheduler.statistics.busy:
        await asyncio.sleep(0.001)
    os.kill(scheduler.template_pid, signal.SIGKILL)
    return await call


async def close(scheduler: Scheduler) -> object:
    call = asyncio.create_task(scheduler.run(workload.hang))
    while not scheduler.statistics.busy:
        await asyncio.sleep(0.001)
    await scheduler.close()
    return await call


async def cancel(scheduler: Scheduler) -> object:
    call = asyncio.create_task(scheduler.run(workload.hang))
    while not scheduler.statistics.busy:
        await asyncio.sleep(0.001)
    call.cancel()
    return await call


Provoke = Callable[[Scheduler], Awaitable[object]]

# By how the event's row begins: what brings it about.
EVENTS: dict[str, Provoke] = {
    "it raises what cannot be pickled": lambda s: s.run(workload.raise_unpicklable),
    "arguments or result are over `max_message`": lambda s: s.run(workload.echo, bytes(2 << 20)),
    "the time limit": lambda s: s.run(workload.hang, timeout=0.05),
    "the awaiting task is cancelled": cancel,
    "the CPU limit": lambda s: s.run(workload.burn, cpu_limit=0.1),
    "the memory limit": lambda s: s.run(workload.allocate, 300 << 20),
    "`os._exit`": lambda s: s.run(workload.die, "segv"),
    "the worker stops (SIGSTOP)": lambda s: s.run(workload.stop_oneself, timeout=0.2),
    "rubbish on the socket": lambda s: s.run(workload.write_rubbish, b"rubbish" * 100),
    "the template dies": kill_the_template,
    "the scheduler is closed during a call": close,
}
# The same, under settings of its own.
SETTINGS: dict[str, dict[str, Any]] = {
    "the initializer raises": {"initializer": workload.die, "initargs": ("exception",)},
    "a module of `preload` cannot be imported": {"preload": ("no_such_module",)},
    "processes do not start": {"initializer": workload.die, "initargs": ("_exit",)},
}


@pytest.mark.parametrize("event", [*EVENTS, *SETTINGS])
async def test_the_caller_sees_what_the_table_says(event: str):
    """Each event is brought about; the error that the caller gets is the first that its row names."""
    (seen,) = [text for row, text in SEEN.items() if row.startswith(event)]
    provoke = EVENTS.get(event, lambda scheduler: scheduler.run(workload.echo, 1))
    async with Scheduler(LIMITS, **SETTINGS.get(event, {})) as scheduler:
        with pytest.raises((Exception, asyncio.CancelledError)) as error:
            await provoke(scheduler)
    assert type(error.value).__name__ == next(name for name in codes(seen) if name[0].isupper())


def test_the_table_of_settings_is_complete():
    """Each setting has its row, and no other has."""
    listed = [name for row in table(section(DOCUMENT, "## Choosing settings")) for name in codes(row[0])]
    explained = {"memory_interval"}  # next to memory_limit
    assert sorted([*listed, *explained]) == sorted(field.name for field in fields(Settings))
