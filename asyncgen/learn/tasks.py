"""What the tasks differ in: what a recipe and data make, what is to be learned, what is said in the end."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import nn

from asyncgen.learn import folder as folders
from asyncgen.learn.classification import Report, labels_of, report, shares_of, some_of, temperature_on
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.examples import LABELS
from asyncgen.learn.data.prepare import Prepared
from asyncgen.learn.folder import Configuration
from asyncgen.learn.networks.choice import network, new_classifier
from asyncgen.learn.objectives import class_of_problem, next_token
from asyncgen.learn.settings import Recipe, Task
from asyncgen.learn.training import Objective
from asyncgen.problems.errors import UsageError

_LEAST_LONGEST = 16  # tokens of an answer that may be written at least


class Trained(NamedTuple):
    """What came of a training. report: of a classifier, on the part `test`."""

    configuration: Configuration
    report: Report | None = None


class Learner(Protocol):
    """One task."""

    @property
    def objective(self) -> Objective:
        """What its networks are to learn."""
        ...

    def configuration(self, recipe: Recipe, data: Prepared) -> Configuration:
        """What its model is to be. Raises UsageError where the data do not do."""
        ...

    def network(self, configuration: Configuration, folder: Path) -> nn.Module:
        """A network that has not learned this yet, for a training in a folder. Raises UsageError."""
        ...

    def trained(self, configuration: Configuration, network: nn.Module, data: Prepared, to: Path) -> Trained:
        """What is said of one that has; its weights are in a folder already."""
        ...


class _Integrator:
    objective: Objective = staticmethod(next_token)

    def configuration(self, recipe: Recipe, data: Prepared) -> Configuration:
        longest = max(_LEAST_LONGEST, int(data.part("train").index["answer"].max()))
        return Configuration(
            task="integrator",
            model=recipe.model,
            training=recipe.training,
            data=data.about(),
            longest=longest,
        )

    def network(self, configuration: Configuration, folder: Path) -> nn.Module:
        return network(configuration.model)

    def trained(self, configuration: Configuration, network: nn.Module, data: Prepared, to: Path) -> Trained:
        return Trained(configuration)


class _Classifier:
    objective: Objective = staticmethod(class_of_problem)

    def configuration(self, recipe: Recipe, data: Prepared) -> Configuration:
        names = LABELS[: data.classes]
        _check_classes(data.part("train"), names)
        data.part("test")  # of which the report is
        return Configuration(
            task="classifier",
            model=recipe.model,
            training=recipe.training,
            data=data.about(),
            classes=names,
        )

    def network(self, configuration: Configuration, folder: Path) -> nn.Module:
        return new_classifier(configuration.model, len(configuration.classes), folder)

    def trained(self, configuration: Configuration, network: nn.Module, data: Prepared, to: Path) -> Trained:
        train = data.part("train")
        fitted = {
            "shares": shares_of(labels_of(train, some_of(train, None)), len(configuration.classes)).tolist(),
            "temperature": temperature_on(network, data.part("validation")),
        }
        return _measured(configuration.with_figures(fitted), data, to, next(network.parameters()).device)


LEARNERS: Mapping[Task, Learner] = {"integrator": _Integrator(), "classifier": _Classifier()}


def _measured(configuration: Configuration, data: Prepared, to: Path, device: torch.device) -> Trained:
    """Measure the classifier in a folder on the part `test`; its figures and report. A picture is drawn."""
    from asyncgen.learn.reliability import draw  # as what trains integrators needs no library for pictures

    folders.write(to, configuration)
    model = Classifier(to, device)
    train, test = data.part("train"), data.part("test")
    found = report(model, test, some_of(test, None), train)
    draw(found, to / folders.PICTURE)
    figures = {
        "cut": model.cut(train, some_of(train, None)),
        "balanced_accuracy": found.model.balanced_accuracy,
    }
    return Trained(configuration.with_figures(figures), found)


def _check_classes(train: Corpus, names: Sequence[str]) -> None:
    """Raise UsageError where a class has no row to learn from."""
    there = set(train.index["label"].tolist())
    if missing := [name for label, name in enumerate(names) if label not in there]:
        raise UsageError(
            f"the data have no row of the class {missing[0]}: export more statuses, make more rows, or "
            "choose --binary"
        )
