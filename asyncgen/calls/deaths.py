"""The end of processes that are not our children, awaited without a thread and without a signal handler."""

import asyncio

from asyncgen.calls import system

_PAUSE = 0.05  # seconds until the next try where there is no descriptor to be had


async def ended(pid: int) -> None:
    """Wait until a process is dead."""
    loop = asyncio.get_running_loop()
    try:
        while (watch := _watch(pid)) is None:  # noqa: ASYNC110 - nobody tells when a descriptor is free
            await asyncio.sleep(_PAUSE)
    except ProcessLookupError:
        return
    is_dead = asyncio.Event()
    loop.add_reader(watch, is_dead.set)
    try:
        await is_dead.wait()
    finally:
        loop.remove_reader(watch)
        watch.close()


def _watch(pid: int) -> system.Watch | None:
    """What is readable once the process is dead; None while there is no descriptor to be had."""
    try:
        return system.Watch(pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None
