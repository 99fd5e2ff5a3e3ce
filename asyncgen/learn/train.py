"""Trains an integrator in a folder: prepared data, the loop in a thread, the configuration around it."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from asyncgen.learn import folder as folders
from asyncgen.learn.data.passes import CorpusData
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.folder import Configuration
from asyncgen.learn.networks.choice import network
from asyncgen.learn.objectives import next_token
from asyncgen.learn.settings import Recipe
from asyncgen.learn.training import Hooks, Trainer

_LEAST_LONGEST = 16  # tokens of an answer that may be written at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What computes. compiled: the network is compiled first, which pays on a GPU."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    compiled: bool = False


def train(data: Prepared, to: Path, recipe: Recipe, machine: Machine, hooks: Hooks) -> Configuration | None:
    """Train in this folder, or go on; what came of it, or None where it was stopped.

    Raises UsageError where the folder holds another model, LearningError where training fails.
    """
    train_part = data.part("train")
    configuration = folders.begun(
        to,
        Configuration(
            task="integrator",
            model=recipe.model,
            training=recipe.training,
            data=folders.data_of(data),
            longest=max(_LEAST_LONGEST, int(train_part.index["answer"].max())),
        ),
    )
    torch.manual_seed(recipe.training.seed)
    found = network(recipe.model).to(machine.device)
    rows = CorpusData(train_part, data.part("validation"), recipe.training.batch, recipe.training.seed)
    trainer = Trainer(found, next_token, rows, recipe.training, to)
    if machine.compiled:
        trainer.compile()
    if not trainer.run(hooks):
        return None
    done = configuration.with_figures(_figures(trainer, found))
    folders.write(to, done)
    return done


def _figures(trainer: Trainer, found: torch.nn.Module) -> dict[str, Any]:
    place = trainer.place
    best = min(place.epochs, key=lambda epoch: epoch.validation_loss)
    return {
        "parameters": sum(one.numel() for one in found.parameters()),
        "epochs": place.epoch,
        "steps": place.step,
        "seconds": place.seconds,
        "validation_loss": best.validation_loss,
        "validation_token_accuracy": best.validation_accuracy,
        "by_epoch": [asdict(epoch) for epoch in place.epochs],
    }
