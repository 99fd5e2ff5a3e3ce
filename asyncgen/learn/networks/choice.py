"""Which network a model's settings ask for."""

from pathlib import Path

from torch import nn

from asyncgen.learn.networks.bert import Bert
from asyncgen.learn.networks.classifier import Classifier
from asyncgen.learn.networks.recurrent import Recurrent
from asyncgen.learn.networks.transformer import Transformer
from asyncgen.learn.pretrained import KEPT, source
from asyncgen.learn.settings import Architecture, PretrainedSettings
from asyncgen.problems.errors import UsageError


def network(settings: Architecture) -> nn.Module:
    """A network, not trained: an nn.Module with the interface `seq2seq.Seq2Seq`. Raises UsageError."""
    if isinstance(settings, PretrainedSettings):
        raise UsageError(f"{settings.pretrained} writes no answers: an integrator is trained from scratch")
    return Transformer(settings) if settings.cell == "transformer" else Recurrent(settings)


def classifier(settings: Architecture, classes: int, folder: Path) -> nn.Module:
    """The network of the classifier in a model's folder, without its weights. Raises UsageError."""
    if isinstance(settings, PretrainedSettings):
        return Bert(folder / KEPT, classes)
    return Classifier(settings, classes)


def new_classifier(settings: Architecture, classes: int, folder: Path) -> nn.Module:
    """The network that a training in this folder is to begin with, or to go on with. Raises UsageError."""
    if not isinstance(settings, PretrainedSettings):
        return Classifier(settings, classes)
    found = Bert(source(settings, folder), classes)
    found.keep(folder / KEPT)
    return found
