"""Every hyperparameter there is: of models, and of their training. Values that make no sense are refused."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from asyncgen.problems.errors import UsageError
from asyncgen.problems.typed import unknown

Task = Literal["integrator", "classifier"]
Cell = Literal["gru", "lstm", "transformer"]
Optimizer = Literal["adam", "adamw", "rmsprop"]
Schedule = Literal["linear", "constant"]

S = TypeVar("S", bound="ModelSettings | PretrainedSettings | TrainingSettings")
_MAYBE = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What a model is made of. Raises UsageError.

    cell: of recurrent models, or "transformer". units: width of a state: of the decoder, of both directions
    of the encoder together, of every layer of a transformer. embedding: width of a token's vector
    (transformers take `units`). layers: of the encoder, and of the decoder. heads: of attention. dropout:
    share of activations that are dropped in training.
    """

    cell: Cell = "gru"
    units: int = 256
    embedding: int = 64
    layers: int = 1
    heads: int = 4
    dropout: float = 0.0

    def __post_init__(self) -> None:
        _check_choice("cell", self.cell, get_args(Cell))
        for name in ("units", "embedding", "layers", "heads"):
            _check_number(name, getattr(self, name), 1, 8192)
        _check_number("dropout", self.dropout, 0, 0.9)
        if self.units % self.heads or self.units % 2:
            raise UsageError(
                f"units {self.units}: they must be even, and a multiple of the heads, {self.heads}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainedSettings:
    """A BERT that is tuned instead. Raises UsageError.

    pretrained: a folder, or a name on Hugging Face's hub, there with a branch, tag or commit as revision.
    """

    pretrained: str
    revision: str | None = None

    def __post_init__(self) -> None:
        if not self.pretrained:
            raise UsageError("--pretrained: name it, or leave the flag out")


Architecture = ModelSettings | PretrainedSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a model is trained. Raises UsageError.

    An epoch is a pass over the training rows, or its first `steps` batches unless that is 0. Training ends
    after `epochs`, after `max_time` seconds of training, or when the validation loss has not fallen for
    `patience` epochs (0: never for that). learning_rate rises over `warmup` steps; then it stays
    ("constant"), or falls to 0 until the end ("linear"), by epochs or by time, whichever is further on. clip:
    the largest norm of a gradient (0: none). smoothing: of labels, share of the probability that is spread
    over all tokens.
    """

    optimizer: Optimizer = "adamw"
    learning_rate: float = 5e-3
    schedule: Schedule = "linear"
    warmup: int = 200
    weight_decay: float = 0.01
    batch: int = 64
    epochs: int = 10
    steps: int = 0
    max_time: float | None = None
    patience: int = 5
    clip: float = 1.0
    smoothing: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        _check_choice("optimizer", self.optimizer, get_args(Optimizer))
        _check_choice("schedule", self.schedule, get_args(Schedule))
        _check_number("learning_rate", self.learning_rate, 1e-9, 10)
        _check_number("weight_decay", self.weight_decay, 0, 1)
        _check_number("batch", self.batch, 1, 65_536)
        _check_number("epochs", self.epochs, 1, 1_000_000)
        _check_number("smoothing", self.smoothing, 0, 0.9)
        for name in ("warmup", "steps", "patience"):
            _check_number(name, getattr(self, name), 0, 1_000_000_000)
        _check_number("clip", self.clip, 0, 1e9)
        if self.max_time is not None:
            _check_number("max_time", self.max_time, 1e-3, 1e9)

    @property
    def deciding(self) -> dict[str, Any]:
        """What must be the same where training goes on: all but where it ends."""
        ending = ("epochs", "max_time", "patience")
        return {name: value for name, value in asdict(self).items() if name not in ending}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a training, besides the data."""

    task: Task
    model: Architecture = field(default_factory=ModelSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    @property
    def values(self) -> dict[str, Any]:
        """Every hyperparameter by its name."""
        return {**asdict(self.model), **asdict(self.training)}


def recipe_from(task: Task, values: dict[str, Any], where: str) -> Recipe:
    """All hyperparameters, given these; UsageError for names and values that are none, saying where."""
    model = {name: value for name, value in values.items() if name in MODEL_NAMES}
    training = {name: value for name, value in values.items() if name not in MODEL_NAMES}
    check_setting_names(values, where)
    return Recipe(
        task=task,
        model=settings_from(ModelSettings, model, where),
        training=settings_from(TrainingSettings, training, where),
    )


def check_setting_names(names: Iterable[str], where: str) -> None:
    """Raise UsageError for a name that no hyperparameter has."""
    for name in names:
        if name not in SETTINGS:
            raise UsageError(f"{where}: there is no setting {unknown(name, tuple(SETTINGS))}")


def settings_from(kind: type[S], values: dict[str, Any], where: str) -> S:
    """Settings from a table of values; UsageError for names and values that are none, saying where."""
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name not in hints:
            raise UsageError(f"{where}: there is no setting {unknown(str(name), tuple(hints))}")
        _check_type(name, value, hints[name], where)
    try:
        return kind(**values)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


MODEL_NAMES = frozenset(one.name for one in fields(ModelSettings))
SETTINGS: dict[str, Any] = {**get_type_hints(ModelSettings), **get_type_hints(TrainingSettings)}  # and types


def check_value(name: str, value: Any, where: str) -> None:
    """Raise UsageError for what is of another type than a hyperparameter's values, or none of its choices."""
    _check_type(name, value, SETTINGS[name], where)


def _check_type(name: str, value: Any, hint: Any, where: str) -> None:
    if value is None and hint == _MAYBE:
        return
    if hint in (int, float, _MAYBE):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{where}: {name} must be a number, not {value!r}")
        if hint is int and isinstance(value, float):
            raise UsageError(f"{where}: {name} must be a whole number, not {value!r}")
    elif get_origin(hint) is Literal and value not in get_args(hint):
        raise UsageError(f"{where}: {name} {value}: it must be one of {', '.join(get_args(hint))}")


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name} {value}: it must be one of {', '.join(choices)}")


def _check_number(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UsageError(f"{name} {value}: it must be between {low:g} and {high:g}")


TUNING = TrainingSettings(learning_rate=3e-5, warmup=100, batch=32, epochs=3)  # of what is pretrained
