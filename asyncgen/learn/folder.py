"""The folder of a model: its weights, what they are, and a card for people.

model.safetensors   the weights, the best by validation so far
config.json         settings, vocabulary, what it was trained on, figures
README.md           the same in words
reliability.png     of a classifier: how often it is right, by how sure it is
pretrained/         of a pretrained model: what that was made of, and its tokenizer
training/           what is needed to go on: a checkpoint, prepared data; may be removed
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

import asyncgen
from asyncgen.learn.data.examples import LABELS
from asyncgen.learn.data.vocabulary import TOKENS
from asyncgen.learn.errors import DamagedError
from asyncgen.learn.files import TRAINING, WEIGHTS, read_json, read_tensors, write_json, write_text
from asyncgen.learn.settings import (
    Architecture,
    ModelSettings,
    PretrainedSettings,
    Recipe,
    Task,
    TrainingSettings,
    settings_from,
)
from asyncgen.problems.errors import UsageError

CONFIG, CARD, PICTURE = "config.json", "README.md", "reliability.png"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a model is. data: what it was trained on, see prepare.Prepared. longest: tokens of an answer.

    classes: those that it tells apart. figures: what came of the training.
    """

    task: Task
    model: Architecture
    training: TrainingSettings
    data: dict[str, Any]
    longest: int = 0
    classes: Sequence[str] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    vocabulary: Sequence[str] = TOKENS
    asyncgen: str = asyncgen.__version__
    torch: str = str(torch.__version__)

    @property
    def recipe(self) -> Recipe:
        """All that decided the training, besides the data."""
        return Recipe(task=self.task, model=self.model, training=self.training)

    def with_figures(self, figures: dict[str, Any]) -> "Configuration":
        """The same with more figures."""
        return replace(self, figures={**self.figures, **figures})


def write(folder: Path, configuration: Configuration) -> None:
    """Write a model's configuration and card; its weights are the trainer's to write."""
    write_json(folder / CONFIG, {"format": FORMAT, **asdict(configuration)})
    write_text(folder / CARD, _card(folder.resolve().name, configuration))


def read(folder: Path, task: Task | None = None) -> Configuration:
    """The configuration of a model, for this task. Raises UsageError for what is no such model."""
    if not (folder / CONFIG).is_file():
        raise UsageError(f"{folder} is no model's folder: it has no {CONFIG}")
    values = read_json(folder / CONFIG)
    if values.pop("format", None) != FORMAT or "task" not in values:
        raise UsageError(f"{folder} holds a model of another program, or of another version of asyncgen")
    if task is not None and values["task"] != task:
        raise UsageError(f"{folder} holds a model that was trained as a {values['task']}: name a {task}'s")
    if tuple(values.get("vocabulary", ())) != TOKENS:
        raise UsageError(f"{folder} holds a model with another vocabulary, of another version of asyncgen")
    try:
        of_model = values.pop("model")
        model = _architecture(of_model, f"{folder / CONFIG}, model")
        training = settings_from(TrainingSettings, values.pop("training"), f"{folder / CONFIG}, training")
        return Configuration(model=model, training=training, **values)
    except (KeyError, TypeError) as error:
        raise DamagedError(f"{folder / CONFIG} is no model's configuration: {error}") from None


def _architecture(values: dict[str, Any], where: str) -> Architecture:
    if "pretrained" in values:
        return settings_from(PretrainedSettings, values, where)
    return settings_from(ModelSettings, values, where)


def load(network: nn.Module, folder: Path, device: torch.device) -> None:
    """Give a network the weights in a folder, and a device. Raises UsageError where they do not fit."""
    if not (folder / WEIGHTS).is_file():
        raise UsageError(f"{folder} has no {WEIGHTS} yet: its training has not come to the end of an epoch")
    tensors, _ = read_tensors(folder / WEIGHTS)
    try:
        network.load_state_dict(tensors)
    except RuntimeError:
        raise DamagedError(f"{folder / WEIGHTS} does not fit {folder / CONFIG}") from None
    network.to(device).eval()


def check(folder: Path, recipe: Recipe, digest: str | None = None) -> Configuration | None:
    """The configuration of the training that would go on here. Raises UsageError where it is another.

    digest: of the data, where they are known.
    """
    if not (folder / CONFIG).is_file():
        try:
            there = [one.name for one in folder.iterdir()] if folder.exists() else []
        except NotADirectoryError:
            raise UsageError(f"--to {folder}: this is no folder") from None
        if set(there) - {TRAINING}:
            raise UsageError(f"--to {folder}: it is there, and holds no model: name another folder")
        return None
    earlier = read(folder, recipe.task)
    _check_same(folder, "model", asdict(recipe.model), asdict(earlier.model))
    _check_same(folder, "training", recipe.training.deciding, earlier.training.deciding)
    if digest is not None:
        _check_same(folder, "data", {"digest": digest}, {"digest": earlier.data["digest"]})
    return earlier


def begun(folder: Path, configuration: Configuration) -> Configuration:
    """Begin a training in a folder, or go on; its configuration. Raises UsageError where it holds another."""
    if (earlier := check(folder, configuration.recipe, configuration.data["digest"])) is None:
        folder.mkdir(parents=True, exist_ok=True)
        write(folder, configuration)
        return configuration
    return replace(configuration, figures=earlier.figures)


def _check_same(folder: Path, what: str, here: dict[str, Any], there: dict[str, Any]) -> None:
    for name, value in here.items():
        if (earlier := there.get(name)) != value:
            raise UsageError(
                f"{folder} holds a model whose {what} has {name} {earlier}, not {value}: give the same "
                "command again, or name another folder"
            )


def _card(name: str, configuration: Configuration) -> str:
    """A model card, as hubs show it: a head that programs read, and words."""
    data, figures = configuration.data, configuration.figures
    if configuration.task == "integrator":
        what = "writes an antiderivative, or the solution of a differential equation, token by token"
    else:
        what = f"tells classes of functions apart: {', '.join(configuration.classes or LABELS)}"
    rows = ", ".join(f"{part} {count}" for part, count in data["rows"].items())
    lines = [
        *("---", "library_name: asyncgen", "tags: [symbolic-integration]", "---", ""),
        *(f"# {name}", ""),
        f"A model of asyncgen {configuration.asyncgen} that {what}.",
        "",
        _reads(configuration),
        "What it says is not certain: an answer is to be checked, as `asyncgen learn integrate` does."
        if configuration.task == "integrator"
        else "What it says is a probability, no proof.",
        *("", "## Trained on", ""),
        f"Rows of {', '.join(data['sources'])} (digest {data['digest']}): {rows}.",
        "More of the part train are made while it is trained on. A problem may come again there; none is in "
        "two parts, by its values."
        if "stream" in data
        else "Each problem is there once, and in one part only, by its values.",
        *("", "## Settings", ""),
        *(f"- {key}: {value}" for key, value in asdict(configuration.model).items()),
        *(f"- {key}: {value}" for key, value in asdict(configuration.training).items()),
        *("", "## Figures", ""),
        *(f"- {key}: {_shown(value)}" for key, value in figures.items() if key != "by_epoch"),
        *(("", f"![Reliability on held-out rows]({PICTURE})") if _has_report(configuration) else ()),
    ]
    return "\n".join(lines) + "\n"


def _reads(configuration: Configuration) -> str:
    """What it reads; and of what it was tuned from, as that has a licence of its own."""
    model = configuration.model
    if isinstance(model, PretrainedSettings):
        revision = f", revision {model.revision}," if model.revision else ""
        return f"It was tuned from the BERT {model.pretrained}{revision} and reads ordinary notation."
    notation = configuration.data["notation"]
    return f"Functions are tokens in prefix notation ({notation} notation of asyncgen's documents)."


def _has_report(configuration: Configuration) -> bool:
    return "balanced_accuracy" in configuration.figures


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
