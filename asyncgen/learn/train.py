"""Trains a model in a folder: prepared data, the loop, the configuration around it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from asyncgen.learn import folder as folders
from asyncgen.learn.classification import Report, labels_of, report, shares_of, some_of, temperature_on
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.examples import LABELS
from asyncgen.learn.data.passes import CorpusData
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.folder import Configuration
from asyncgen.learn.networks.choice import network, new_classifier
from asyncgen.learn.objectives import class_of_problem, next_token
from asyncgen.learn.progress import Hooks
from asyncgen.learn.settings import Recipe
from asyncgen.learn.training import Objective, Trainer
from asyncgen.problems.errors import UsageError

_LEAST_LONGEST = 16  # tokens of an answer that may be written at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What computes. compiled: the network is compiled first, which pays on a GPU."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    compiled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is trained, on what, for what."""

    configuration: Configuration
    make: Callable[[], nn.Module]
    objective: Objective
    data: CorpusData


def train_integrator(
    data: Prepared, to: Path, recipe: Recipe, machine: Machine, hooks: Hooks
) -> Configuration | None:
    """Train in this folder, or go on; what came of it, or None where it was stopped.

    Raises UsageError where the folder holds another model, LearningError where training fails.
    """
    train, settings = data.part("train"), recipe.training
    work = _Work(
        configuration=Configuration(
            task="integrator",
            model=recipe.model,
            training=settings,
            data=data.about(),
            longest=max(_LEAST_LONGEST, int(train.index["answer"].max())),
        ),
        make=lambda: network(recipe.model),
        objective=next_token,
        data=CorpusData(train, data.part("validation"), settings.batch, settings.seed),
    )
    done = _trained(work, to, machine, hooks)
    if done is None:
        return None
    configuration, _ = done
    folders.write(to, configuration)
    return configuration


def train_classifier(
    data: Prepared, to: Path, recipe: Recipe, machine: Machine, hooks: Hooks
) -> tuple[Configuration, Report] | None:
    """The same for a classifier, with its report on the part `test`."""
    train, validation, settings = data.part("train"), data.part("validation"), recipe.training
    names = LABELS[: data.classes]
    _check_classes(train, names)
    work = _Work(
        configuration=Configuration(
            task="classifier",
            model=recipe.model,
            training=settings,
            data=data.about(),
            classes=names,
        ),
        make=lambda: new_classifier(recipe.model, len(names), to),
        objective=class_of_problem,
        data=CorpusData(train, validation, settings.batch, settings.seed),
    )
    done = _trained(work, to, machine, hooks)
    if done is None:
        return None
    configuration, found = done
    shares = shares_of(labels_of(train, some_of(train, None)), len(names)).tolist()
    temperature = temperature_on(found, validation)
    return _measured(
        configuration.with_figures({"shares": shares, "temperature": temperature}), data, to, machine
    )


def _measured(
    configuration: Configuration, data: Prepared, to: Path, machine: Machine
) -> tuple[Configuration, Report]:
    """Measure the classifier in a folder on the part `test`; its figures, report and picture."""
    from asyncgen.learn.reliability import draw  # as what trains integrators needs no library for pictures

    folders.write(to, configuration)
    model = Classifier(to, machine.device)
    train, test = data.part("train"), data.part("test")
    measured = report(model, test, some_of(test, None), train)
    draw(measured, to / folders.PICTURE)
    configuration = configuration.with_figures(
        {
            "cut": model.cut(train, some_of(train, None)),
            "balanced_accuracy": measured.model.balanced_accuracy,
        }
    )
    folders.write(to, configuration)
    return configuration, measured


def _trained(work: _Work, to: Path, machine: Machine, hooks: Hooks) -> tuple[Configuration, nn.Module] | None:
    """The configuration with its figures, the network with the best weights; None where it was stopped."""
    configuration = folders.begun(to, work.configuration)
    torch.manual_seed(configuration.training.seed)
    found = work.make().to(machine.device)
    trainer = Trainer(found, work.objective, work.data, configuration.training, to)
    if machine.compiled:
        trainer.compile()
    if not trainer.run(hooks):
        return None
    return configuration.with_figures(_figures(trainer, found)), found


def _check_classes(train: Corpus, names: Sequence[str]) -> None:
    """Raise UsageError where a class has no row to learn from."""
    there = set(train.index["label"].tolist())
    if missing := [name for label, name in enumerate(names) if label not in there]:
        raise UsageError(
            f"the data have no row of the class {missing[0]}: export more statuses, make more rows, or "
            "choose --binary"
        )


def _figures(trainer: Trainer, found: nn.Module) -> dict[str, Any]:
    place = trainer.place
    best = min(place.epochs, key=lambda epoch: epoch.validation_loss)
    return {
        "parameters": sum(one.numel() for one in found.parameters()),
        "epochs": place.epoch,
        "steps": place.step,
        "seconds": place.seconds,
        "validation_loss": best.validation_loss,
        "validation_accuracy": best.validation_accuracy,
        "by_epoch": [asdict(epoch) for epoch in place.epochs],
    }
