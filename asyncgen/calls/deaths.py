"""The end of processes that are not our children, awaited without a thread and without a signal handler."""

import asyncio
import os

_PAUSE = 0.05  # seconds until the next try where there is no descriptor to be had


async def ended(pid: int) -> None:
    """Wait until a process is dead."""
    loop = asyncio.get_running_loop()
    try:
        while (watch := _pidfd(pid)) is None:  # noqa: ASYNC110 - nobody tells when a descriptor is free
            await asyncio.sleep(_PAUSE)
    except ProcessLookupError:
        return
    is_dead = asyncio.Event()
    loop.add_reader(watch, is_dead.set)
    try:
        await is_dead.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)


def _pidfd(pid: int) -> int | None:
    """A descriptor that is readable once the process is dead; None while there is no descriptor to be had."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None
