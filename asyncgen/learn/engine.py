"""A trained integrator as an engine of the portfolio: it guesses, and the check decides.

The catalogue names `Model` as a text, so that nothing beneath this package imports it.

Guarantees: a worker that holds a model has one thread. The process that workers are copies of is an
    interpreter of its own, started with one thread whatever the parent does, and `use_one_thread` keeps
    PyTorch from starting others; only then it forks. The weights are those that the run began with.
"""

import hashlib
from pathlib import Path

import torch

from asyncgen.learn.files import WEIGHTS
from asyncgen.learn.integrator import Integrator
from asyncgen.mathematics.cpu_limit import EXPIRED, within
from asyncgen.mathematics.engines.interface import Answer, Finding, Integrand
from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import TrainedModel

_PROCESSOR = torch.device("cpu")


def use_one_thread() -> None:
    """Let PyTorch compute in the thread that calls it, here and in processes that are forked from this."""
    torch.set_num_threads(1)


def trained_model(folder: Path, beam: int = 10) -> TrainedModel:
    """The model in a folder, which is loaded to see that it can be. Raises UsageError."""
    Integrator(folder, _PROCESSOR)
    return TrainedModel(str(folder.resolve()), _digest(folder), beam)


class Model:
    """The engine. The model is loaded once in a process."""

    name = "model"

    def __init__(self, model: TrainedModel) -> None:
        """Load the model. Raises UsageError where its weights are not those that the run began with."""
        use_one_thread()
        folder = Path(model.folder)
        self._integrator = Integrator(folder, _PROCESSOR)
        if _digest(folder) != model.weights:
            raise UsageError(f"{folder / WEIGHTS} was changed since the run began: start it again")
        self._beam = model.beam

    def start(self) -> None:
        """Have it answer once, as the first answer takes long."""
        self._integrator.answers([("x",)], self._beam)

    def integrate(self, integrand: Integrand, seconds: float) -> Answer:
        """What the model writes, the likeliest first, found in so many CPU seconds."""
        found = within(seconds, lambda: self._integrator.answers([integrand.tokens], self._beam))
        if found is EXPIRED:
            return Answer(Finding.CUT)
        guesses = tuple(written.answer for written in found[0])
        return Answer(Finding.GUESSED, guesses) if guesses else Answer(Finding.UNSOLVED, reason="long")


def _digest(folder: Path) -> str:
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
