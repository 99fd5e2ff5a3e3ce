"""Cancelling the task that awaits a call kills the process that makes it, with everything that it started.

When the cancelled task is done, so are the processes.
"""

import asyncio
import subprocess
from pathlib import Path

from asyncgen import Event, Scheduler
from asyncgen.calls.events import CallStarted


def lives(pid: int) -> bool:
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


async def main() -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with Scheduler(workers=1, on_event=events.put_nowait) as scheduler:
        task = asyncio.create_task(scheduler.run(subprocess.call, ["sleep", "1000"]))
        while not isinstance(event := await events.get(), CallStarted):
            pass
        print(f"the call runs: {lives(event.pid)}")
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print(f"cancelled; the call runs: {lives(event.pid)}")
        print(f"the next call: {await scheduler.run(pow, 2, 10)}")


if __name__ == "__main__":
    asyncio.run(main())
