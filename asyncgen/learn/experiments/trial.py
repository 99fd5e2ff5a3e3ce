"""What happens in the process of a trial: a training as any other, which tells how far it is.

Guarantees: where the scheduler ends the call and leaves it time to, the training stops between two batches
    with a checkpoint, and the process ends.
Assumes: the process is a fresh interpreter, as PyTorch starts threads, and makes this call only.
"""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import torch

from asyncgen.calls.child.progress import progress
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.errors import LearningError
from asyncgen.learn.files import TRAINING, read_json, write_json
from asyncgen.learn.progress import Epoch, Hooks, Progress
from asyncgen.learn.settings import Recipe
from asyncgen.learn.train import Machine, train

_EPOCHS = "epochs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be trained, and where."""

    folder: Path
    data: Prepared
    recipe: Recipe
    device: str
    compiled: bool
    threads: int


def run_trial(work: Work) -> None:
    """Train to the end. Raises LearningError, UsageError; SystemExit where the scheduler ends the call."""
    torch.set_num_threads(work.threads)
    machine = Machine(device=torch.device(work.device), compiled=work.compiled)
    with told_to_end() as is_told:
        hooks = Hooks(_tell, is_told, partial(_keep_epochs, work.folder))
        try:
            train(work.data, work.folder, work.recipe, machine, hooks)
        except (MemoryError, torch.OutOfMemoryError) as error:
            reason = str(error).partition("\n")[0] or "no more is to be had"
            raise LearningError(f"memory: {reason}") from None
    if is_told():
        raise SystemExit


@contextmanager
def told_to_end() -> Iterator[Callable[[], bool]]:
    """Have the end of this call asked for, and not raised in the middle of whatever is being done."""
    before = signal.getsignal(signal.SIGTERM)
    told = []

    def note(number: int, frame: FrameType | None) -> None:
        try:
            if callable(before):
                before(number, frame)
        except SystemExit:
            told.append(number)

    signal.signal(signal.SIGTERM, note)
    try:
        yield lambda: bool(told)
    finally:
        signal.signal(signal.SIGTERM, before)


def epochs_of(folder: Path) -> list[Epoch]:
    """The epochs of a trial that have ended. Raises DamagedError."""
    path = folder / TRAINING / _EPOCHS
    return [Epoch(**one) for one in read_json(path)["epochs"]] if path.is_file() else []


def progress_in(message: str) -> Progress:
    """What a trial has told of its progress."""
    values = json.loads(message)
    last = values.pop("validation")
    return Progress(**values, validation=Epoch(**last) if last else None)


def _keep_epochs(folder: Path, epochs: list[Epoch]) -> None:
    write_json(folder / TRAINING / _EPOCHS, {"epochs": [asdict(epoch) for epoch in epochs]})


def _tell(found: Progress) -> None:
    progress(None, json.dumps(asdict(found)))
