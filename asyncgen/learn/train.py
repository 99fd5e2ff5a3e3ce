"""Trains a model in a folder: prepared data, the loop, the configuration around it."""

from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from asyncgen.learn import folder as folders
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.progress import Hooks
from asyncgen.learn.settings import Recipe
from asyncgen.learn.tasks import LEARNERS, Trained
from asyncgen.learn.training import Trainer


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What computes. compiled: the network is compiled first, which pays on a GPU."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    compiled: bool = False


def train(data: Prepared, to: Path, recipe: Recipe, machine: Machine, hooks: Hooks) -> Trained | None:
    """Train in this folder, or go on; what came of it, or None where it was stopped.

    Raises UsageError where the folder holds another model, LearningError where training fails.
    """
    learner, settings = LEARNERS[recipe.task], recipe.training
    with closing(data.to_learn(settings, hooks.is_stopped)) as rows:
        configuration = folders.begun(to, learner.configuration(recipe, data))
        torch.manual_seed(settings.seed)
        network = learner.network(configuration, to).to(machine.device)
        trainer = Trainer(network, learner.objective, rows, settings, to)
        if machine.compiled:
            trainer.compile()
        if not trainer.run(hooks):
            return None
    done = learner.trained(configuration.with_figures(_figures(trainer, network)), network, data, to)
    folders.write(to, done.configuration)
    return done


def _figures(trainer: Trainer, network: nn.Module) -> dict[str, Any]:
    place = trainer.place
    best = min(place.epochs, key=lambda epoch: epoch.validation_loss)
    return {
        "parameters": sum(one.numel() for one in network.parameters()),
        "epochs": place.epoch,
        "steps": place.step,
        "seconds": place.seconds,
        "validation_loss": best.validation_loss,
        "validation_accuracy": best.validation_accuracy,
        "by_epoch": [asdict(epoch) for epoch in place.epochs],
    }
