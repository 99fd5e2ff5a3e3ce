"""A hook that is told what happens to processes and calls, here to log the slow, the lost and the dead."""

import asyncio
import ctypes
import time

from asyncgen import Event, Scheduler, WorkerDied
from asyncgen.calls.events import CallEnded, ProcessReady, ProcessRecycled


def log(event: Event) -> None:
    """Called from the loop; what it raises would be reported, and the scheduler would go on."""
    match event:
        case ProcessReady():
            print("a process is ready")
        case CallEnded(how="value"):
            pass
        case CallEnded(function=function, how=how, seconds=seconds):
            print(f"{function.__name__} ended with {how} after {seconds:.1f} s")
        case ProcessRecycled(why=why):
            print(f"a process was recycled: {why}")


async def main() -> None:
    async with Scheduler(workers=1, timeout=0.5, on_event=log) as scheduler:
        print(await scheduler.run(pow, 2, 10))
        for function, argument in ((time.sleep, 60), (ctypes.string_at, 0)):
            try:
                await scheduler.run(function, argument)
            except (TimeoutError, WorkerDied) as error:
                print(error)


if __name__ == "__main__":
    asyncio.run(main())
