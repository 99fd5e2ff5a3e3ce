"""The flags of `asyncgen learn`, and the settings that they stand for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from asyncgen.calls.cores import usable_cores
from asyncgen.command.options import count, flag, number_of_workers
from asyncgen.learn.settings import (
    TUNING,
    Cell,
    ModelSettings,
    Optimizer,
    PretrainedSettings,
    Recipe,
    Schedule,
    Task,
    TrainingSettings,
)
from asyncgen.problems.errors import UsageError

if TYPE_CHECKING:
    from asyncgen.learn.data.prepare import Wanted
    from asyncgen.learn.train import Machine

_MODEL = Group("What the model is made of", sort_key=1)
_TRAINING = Group("How it is trained", sort_key=2)
_DATA = Group("How stores are parted", sort_key=3)
_HOW = Group("What computes", sort_key=5)
_SAY = Group("What is shown", sort_key=6)

_m, _t = ModelSettings(), TrainingSettings()

ModelFolder = Annotated[Path, Parameter(help="Folder of a trained model.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """What the model is made of."""

    cell: Annotated[Cell, flag(_MODEL, "Recurrent cell, or the transformer.")] = _m.cell
    units: Annotated[
        int, count(_MODEL, "Width of a state: of the decoder, of both directions of the encoder together.")
    ] = _m.units
    embedding: Annotated[int, count(_MODEL, "Width of a token's vector, of recurrent models.")] = _m.embedding
    layers: Annotated[int, count(_MODEL, "Layers of the encoder, and of the decoder.")] = _m.layers
    heads: Annotated[int, count(_MODEL, "Heads of attention.")] = _m.heads
    dropout: Annotated[float, flag(_MODEL, "Share of activations dropped in training.")] = _m.dropout

    def settings(self) -> ModelSettings:
        """The settings that these flags give. Raises UsageError."""
        return ModelSettings(**asdict(self))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PretrainedOptions:
    """Which pretrained model is tuned, if any is."""

    pretrained: Annotated[
        str | None,
        flag(
            _MODEL,
            "Tune this BERT instead, a folder or a name on Hugging Face's hub, such as tbs17/MathBERT.",
        ),
    ] = None
    revision: Annotated[
        str | None, flag(_MODEL, "Its branch, tag or commit there, such as refs/pr/2 (default: main).")
    ] = None

    def settings(self, model: ModelOptions) -> PretrainedSettings | None:
        """The settings that these flags give. Raises UsageError for flags of networks from scratch."""
        if self.pretrained is None:
            if self.revision is not None:
                raise UsageError(f"--revision {self.revision}: it belongs to --pretrained: leave it out")
            return None
        usual = asdict(ModelOptions())
        if given := [name for name, value in asdict(model).items() if value != usual[name]]:
            raise UsageError(f"--{given[0]}: a pretrained model has its own, leave it out")
        return PretrainedSettings(pretrained=self.pretrained, revision=self.revision)


def _usual(name: str) -> str:
    return f"(default: {getattr(_t, name):g}, with --pretrained {getattr(TUNING, name):g})"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How a model is trained."""

    optimizer: Annotated[Optimizer, flag(_TRAINING, "What changes the weights.")] = _t.optimizer
    learning_rate: Annotated[
        float | None, flag(_TRAINING, f"The highest learning rate {_usual('learning_rate')}.")
    ] = None
    schedule: Annotated[Schedule, flag(_TRAINING, "Whether the rate falls to 0 until the end, or stays.")] = (
        _t.schedule
    )
    warmup: Annotated[
        int | None, count(_TRAINING, f"Steps over which the rate rises {_usual('warmup')}.")
    ] = None
    weight_decay: Annotated[float, flag(_TRAINING, "Of adamw.")] = _t.weight_decay
    batch: Annotated[int | None, count(_TRAINING, f"Rows of a batch {_usual('batch')}.")] = None
    epochs: Annotated[int | None, count(_TRAINING, f"Passes over the rows, at most {_usual('epochs')}.")] = (
        None
    )
    steps: Annotated[int, count(_TRAINING, "Batches of an epoch (0: a whole pass).")] = _t.steps
    max_time: Annotated[
        float | None, flag(_TRAINING, "End after so many seconds of training (default: never).")
    ] = _t.max_time
    patience: Annotated[
        int, count(_TRAINING, "End after so many epochs without a better validation loss (0: never).")
    ] = _t.patience
    clip: Annotated[float, flag(_TRAINING, "The largest norm of a gradient (0: any).")] = _t.clip
    smoothing: Annotated[float, flag(_TRAINING, "Smoothing of labels.")] = _t.smoothing
    seed: Annotated[int, count(_TRAINING, "Another seed, other weights and another order of rows.")] = _t.seed

    def settings(self, usual: TrainingSettings = _t) -> TrainingSettings:
        """The settings that these flags give, with the usual ones for the others. Raises UsageError."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(usual, **given)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """How stores are parted; the folder of an export is parted already."""

    split: Annotated[str, flag(_DATA, "Shares of train, validation and test.")] = "0.9,0.05,0.05"
    split_by: Annotated[
        Literal["values", "skeleton"],
        flag(_DATA, "What decides the part: the problem's values, or its form without numbers."),
    ] = "values"

    def wanted(self, task: Task, classes: int = 3) -> "Wanted":
        """What is learned, and how. Raises UsageError."""
        from asyncgen.datasets.splits import read_split
        from asyncgen.learn.data.prepare import Wanted

        return Wanted(task, classes, read_split(self.split), self.split_by)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MachineOptions:
    """What computes, and what is shown."""

    device: Annotated[
        str | None,
        flag(_HOW, "Where it computes: cpu, cuda, cuda:1 (default: cuda where there is one)."),
    ] = None
    compile: Annotated[bool, flag(_HOW, "Compile the network first, which pays on a GPU.")] = False
    workers: Annotated[
        int | None,
        count(
            _HOW,
            "Processes that prepare data, make rows and check answers (default: one for each core; beside a "
            "training, one for every other core).",
        ),
    ] = None
    json: Annotated[bool, flag(_SAY, "Print JSON.")] = False
    quiet: Annotated[bool, flag(_SAY, "Print nothing but errors, and JSON.")] = False
    no_progress: Annotated[bool, flag(_SAY, "Show no progress.")] = False

    @property
    def processes(self) -> int:
        """How many workers there are to be. Raises UsageError."""
        return usable_cores() if self.workers is None else number_of_workers(self.workers)

    def machine(self) -> "Machine":
        """What computes. Raises UsageError."""
        from asyncgen.learn.devices import device_named
        from asyncgen.learn.train import Machine

        return Machine(device=device_named(self.device), compiled=self.compile)


def recipe_of(
    task: Task,
    model: ModelOptions,
    training: TrainingOptions,
    pretrained: PretrainedOptions = PretrainedOptions(),
) -> Recipe:
    """All hyperparameters that the flags give. Raises UsageError."""
    tuned = pretrained.settings(model)
    if tuned is not None:
        return Recipe(task=task, model=tuned, training=training.settings(TUNING))
    return Recipe(task=task, model=model.settings(), training=training.settings())


def beams_of(text: str) -> list[int]:
    """Read widths such as "1,10"; UsageError for others than numbers from 1 to 1000."""
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(1 <= beam <= 1000 for beam in found):
        raise UsageError(f"--beam {text}: it must be widths from 1 to 1000, such as 1,10")
    return found


def needed_libraries(modules: Sequence[str] = ("asyncgen.learn.files",)) -> None:
    """Raise UsageError where libraries of the extra are not installed that these modules import."""
    try:
        for name in modules:
            import_module(name)
    except ImportError as error:
        if (error.name or "").startswith("asyncgen"):
            raise
        raise UsageError(f"learning needs {error.name}: pip install 'asyncgen[learn]' brings it") from None
