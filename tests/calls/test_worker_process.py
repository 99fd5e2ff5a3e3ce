"""Who hears of a worker process: its owner, and nobody else."""

import asyncio

from asyncgen.calls import frames
from asyncgen.calls.board import Boards
from asyncgen.calls.frames import Frame, Kind
from asyncgen.calls.worker_process import Exit, WorkerProcess


class Keeper:
    """Has nothing to do."""

    def kill(self, process: WorkerProcess) -> None: ...

    def measure(self, process: WorkerProcess) -> "asyncio.Future[float | None]":
        raise NotImplementedError


class Owner:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        self.heard.append(frames.loads(frame.parts))

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        self.heard.append(end.exitcode)


def say(process: WorkerProcess, *values: object) -> None:
    """Send answers as the worker would, at once."""
    answers = [b"".join(frames.encode(Kind.RESULT, frames.dumps(value))) for value in values]
    process.child_end.sendall(b"".join(answers))
    process.catch_up()


def new_process(owner: Owner) -> WorkerProcess:
    """The parent's end of a process that there is not."""
    return WorkerProcess(owner, Keeper(), Boards(1).take()[1], 1 << 20)


async def test_only_the_owner_hears():
    """From the moment a process is handed over, the new owner hears of answers and of the end."""
    first, second = Owner(), Owner()
    process = new_process(first)
    with process.child_end:
        say(process, "one")
        process.hand_to(second)
        say(process, "two", "three")
    process.finish(Exit(0))
    assert (first.heard, second.heard) == (["one"], ["two", "three", 0])


async def test_the_end_is_told_once():
    """Though the template may report it, and the socket end, too."""
    owner = Owner()
    process = new_process(owner)
    process.child_end.close()
    process.finish(Exit(-9))
    process.finish(Exit(-9))
    assert owner.heard == [-9]
