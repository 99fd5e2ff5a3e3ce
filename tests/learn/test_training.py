"""The loop: it learns, it stops where it should, and it goes on as if it had not been stopped."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from asyncgen.learn.data.corpus import Corpus, write
from asyncgen.learn.data.examples import Example
from asyncgen.learn.data.passes import CorpusData
from asyncgen.learn.errors import DamagedError, LearningError
from asyncgen.learn.networks.choice import network
from asyncgen.learn.objectives import next_token
from asyncgen.learn.progress import Hooks, Progress
from asyncgen.learn.settings import ModelSettings, TrainingSettings
from asyncgen.learn.training import Trainer

POWERS = [
    Example(("pow2", "x"), ("div", "pow3", "x", "INT+", "3"), 0, 1, "forward"),
    *(
        Example(
            ("mul", "INT+", str(n), "x"),
            ("mul", "INT+", str(n), "div", "pow2", "x", "INT+", "2"),
            0,
            1,
            "ode1",
        )
        for n in range(2, 10)
    ),
]
MODEL = ModelSettings(cell="gru", units=32, embedding=16, heads=2, dropout=0.2)
TRAINING = TrainingSettings(batch=2, epochs=4, warmup=3, patience=0)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    write(tmp_path / "rows", POWERS)
    return Corpus(tmp_path / "rows")


def trainer(
    corpus: Corpus, folder: Path, settings: TrainingSettings = TRAINING, model: ModelSettings = MODEL
) -> Trainer:
    folder.mkdir(exist_ok=True)
    torch.manual_seed(settings.seed)
    data = CorpusData(corpus, corpus, settings.batch, settings.seed)
    return Trainer(network(model), next_token, data, settings, folder)


class Losses:
    """Notes the loss that is shown at each step, and stops at some of them."""

    def __init__(self, *stops: int) -> None:
        self.by_step: dict[int, float] = {}
        self._stops = stops
        self._step = 0

    def hooks(self) -> Hooks:
        return Hooks(self._note, lambda: self._step in self._stops)

    def _note(self, progress: Progress) -> None:
        self._step = progress.step
        self.by_step[progress.step] = progress.loss


def test_it_learns(corpus: Corpus, tmp_path: Path):
    """A few rows by heart."""
    settings = replace(TRAINING, epochs=150, learning_rate=1e-2)
    found = trainer(corpus, tmp_path / "model", settings, replace(MODEL, dropout=0.0))
    assert found.run(Hooks())
    assert found.place.epochs[-1].validation_accuracy > 0.95
    assert found.place.epochs[-1].validation_loss < 0.1 < found.place.epochs[0].validation_loss


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("cell", ["gru", "lstm", "transformer"])
def test_a_training_that_was_stopped_has_the_same_losses(
    corpus: Corpus, tmp_path: Path, optimizer: str, cell: str
):
    """In the middle of an epoch, and behind one; with dropout, and whatever the random numbers are then."""
    settings, model = replace(TRAINING, optimizer=optimizer), replace(MODEL, cell=cell)
    whole = Losses()
    assert trainer(corpus, tmp_path / "whole", settings, model).run(whole.hooks())
    cut = Losses(3, 5, 11)
    for _ in range(3):
        assert not trainer(corpus, tmp_path / "cut", settings, model).run(cut.hooks())
        torch.rand(7)
    again = trainer(corpus, tmp_path / "cut", settings, model)
    assert again.run(cut.hooks())
    assert len(whole.by_step) == 4 * 5
    assert cut.by_step == whole.by_step
    assert len(again.place.epochs) == 4


def test_it_ends_where_nothing_gets_better(corpus: Corpus, tmp_path: Path):
    """And keeps the weights of the best epoch."""
    settings = replace(TRAINING, epochs=50, patience=3, learning_rate=1e-9, schedule="constant")
    found = trainer(corpus, tmp_path / "model", replace(settings, learning_rate=5.0, clip=0.0), MODEL)
    try:
        found.run(Hooks())
    except LearningError:
        return  # so large a rate may end in no number at all
    epochs = found.place.epochs
    assert len(epochs) < 50
    best = min(range(len(epochs)), key=lambda place: epochs[place].validation_loss)
    assert len(epochs) - 1 - best == 3


def test_it_ends_with_the_time(corpus: Corpus, tmp_path: Path):
    found = trainer(corpus, tmp_path / "model", replace(TRAINING, epochs=100_000, max_time=0.5))
    assert found.run(Hooks())
    assert 1 <= found.place.epoch < 100_000
    assert found.place.seconds >= 0.5


def test_a_stop_when_the_time_is_over_loses_nothing(corpus: Corpus, tmp_path: Path):
    """Though no epoch had ended, the same training has its weights when it goes on."""
    settings = replace(TRAINING, max_time=1e-3)
    assert not trainer(corpus, tmp_path / "model", settings).run(Losses(1).hooks())
    later = trainer(corpus, tmp_path / "model", settings)
    assert later.run(Hooks())
    assert len(later.place.epochs) == 1


def test_an_epoch_may_be_so_many_batches(corpus: Corpus, tmp_path: Path):
    found = trainer(corpus, tmp_path / "model", replace(TRAINING, epochs=3, steps=2))
    assert found.run(Hooks())
    assert found.place.step == 6


def test_the_rate_rises_and_falls(corpus: Corpus, tmp_path: Path):
    """To 0 at the end where it is linear."""
    found = trainer(corpus, tmp_path / "model", replace(TRAINING, warmup=5))
    rates = []
    optimizer = found._optimizer
    hooks = Hooks(lambda _: rates.append(optimizer.param_groups[0]["lr"]))
    assert found.run(hooks)
    assert rates[0] == pytest.approx(TRAINING.learning_rate / 5)
    assert max(rates) == rates[4]
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(TRAINING.learning_rate / 20)


def test_a_loss_that_is_no_number_ends_it(corpus: Corpus, tmp_path: Path):
    found = trainer(corpus, tmp_path / "model")
    with torch.no_grad():
        found._network.encoder.tokens.weight[5:] = math.nan
    with pytest.raises(LearningError, match="smaller --learning-rate"):
        found.run(Hooks())


@pytest.mark.parametrize("damage", [b"", b"rubbish", None])
def test_a_damaged_checkpoint_is_named(corpus: Corpus, tmp_path: Path, damage: bytes | None):
    """Cut short, overwritten, or of another model."""
    trainer(corpus, tmp_path / "model").run(Losses(3).hooks())
    path = tmp_path / "model" / "training" / "checkpoint.safetensors"
    if damage is not None:
        path.write_bytes(damage)
    model = replace(MODEL, units=64) if damage is None else MODEL
    with pytest.raises(DamagedError, match=r"checkpoint.safetensors"):
        trainer(corpus, tmp_path / "model", model=model).run(Hooks())
