"""A queue of jobs that outlives the program: submit, ask later, and results survive a restart.

    submit ──▶ jobs in an SQLite file ──waiting──▶ Scheduler.stream ──▶ worker processes
    poll   ◀──            ◀──────────── done or failed ──┘

As with Celery, but one file is all there is to run. A job that ran when the program was ended is made again.
"""

import asyncio
import math
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

from asyncgen import Scheduler

TASKS: dict[str, Callable[[Any], object]] = {"factorial": math.factorial, "sleep": time.sleep}
TABLE = """
    CREATE TABLE IF NOT EXISTS jobs (
        id INTEGER PRIMARY KEY,
        task TEXT NOT NULL,
        argument NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        result TEXT
    )
"""
TAKE = """
    UPDATE jobs SET state = 'running' WHERE id = (SELECT min(id) FROM jobs WHERE state = 'waiting')
    RETURNING id, task, argument
"""


class Job(NamedTuple):
    """One thing to do: the name of a task, so that the file holds no code."""

    id: int
    task: str
    argument: Any


def perform(job: Job) -> object:
    """What the worker does."""
    return TASKS[job.task](job.argument)


class Queue:
    """Jobs in a file. One program serves it at a time; each statement is a transaction."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(TABLE)
        self._database.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")

    def submit(self, task: str, argument: object) -> int:
        """Add a job; its number."""
        added = self._database.execute("INSERT INTO jobs (task, argument) VALUES (?, ?)", (task, argument))
        return int(added.lastrowid or 0)

    def poll(self, number: int) -> tuple[str, str | None]:
        """The state of a job, and its result."""
        found = self._database.execute("SELECT state, result FROM jobs WHERE id = ?", (number,))
        state, result = found.fetchone()
        return state, result

    async def waiting(self) -> AsyncIterator[Job]:
        """Each job that waits, which is running from then on; a service would wait for more at the end."""
        while (row := self._database.execute(TAKE).fetchone()) is not None:
            yield Job(*row)

    async def serve(self, timeout: float) -> None:
        """Make all jobs, each with this limit. What is cut off by cancelling is made again by the next."""
        async with (
            Scheduler(workers=2, timeout=timeout) as scheduler,
            scheduler.stream(perform, self.waiting(), inflight=4, chunk=1) as results,
        ):
            async for done in results:
                state = "done" if done.error is None else "failed"
                self._database.execute(
                    "UPDATE jobs SET state = ?, result = ? WHERE id = ?",
                    (state, str(done.value if done.error is None else done.error), done.item.id),
                )

    def close(self) -> None:
        self._database.close()


async def first_program(path: Path) -> list[int]:
    """Submit, and be ended before all is done."""
    queue = Queue(path)
    numbers = [queue.submit(*job) for job in (("factorial", 20), ("sleep", 1), ("sleep", 60))]
    serving = asyncio.create_task(queue.serve(timeout=50.0))
    while queue.poll(numbers[0])[0] != "done":  # noqa: ASYNC110 - as another program would ask
        await asyncio.sleep(0.01)
    print("before the end:", *(queue.poll(number)[0] for number in numbers))
    serving.cancel()
    await asyncio.wait([serving])
    queue.close()
    return numbers


async def second_program(path: Path, numbers: list[int]) -> None:
    """Find the results of the first, and make the rest, with a limit that one of the jobs does not keep."""
    queue = Queue(path)
    print("after a restart:", *(queue.poll(number) for number in numbers))
    await queue.serve(timeout=2.0)
    for number in numbers:
        print(number, *queue.poll(number))
    queue.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jobs.db"
        submitted = asyncio.run(first_program(file))
        asyncio.run(second_program(file, submitted))
