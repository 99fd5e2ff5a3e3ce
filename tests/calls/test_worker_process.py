"""Who hears of a worker process: its owner, and nobody else."""

from asyncgen.calls import frames
from asyncgen.calls.frames import Frame, Kind
from asyncgen.calls.worker_process import Exit, WorkerProcess


class Owner:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def answered(self, process: WorkerProcess, frame: Frame) -> None:
        self.heard.append(frames.loads(frame.parts))

    def ended(self, process: WorkerProcess, end: Exit) -> None:
        self.heard.append(end.exitcode)


def say(process: WorkerProcess, value: object) -> None:
    """Send an answer as the worker would."""
    process.child_end.sendall(b"".join(frames.encode(Kind.RESULT, frames.dumps(value))))
    process.catch_up()


async def test_only_the_owner_hears():
    """From the moment a process is handed over, the new owner hears of answers and of the end."""
    first, second = Owner(), Owner()
    process = WorkerProcess(first, lambda _: None, 1 << 20)
    with process.child_end:
        say(process, "one")
        process.hand_to(second)
        say(process, "two")
    process.finish(Exit(0))
    assert (first.heard, second.heard) == (["one"], ["two", 0])


async def test_the_end_is_told_once():
    """Though the template may report it, and the socket end, too."""
    owner = Owner()
    process = WorkerProcess(owner, lambda _: None, 1 << 20)
    process.child_end.close()
    process.finish(Exit(-9))
    process.finish(Exit(-9))
    assert owner.heard == [-9]
