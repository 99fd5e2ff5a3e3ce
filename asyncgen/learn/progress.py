"""How far a training is, and how a caller follows it and ends it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(slots=True)
class Epoch:
    """How an epoch ended. Losses are means; accuracies are shares of what was said right."""

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float  # of training, since its beginning


@dataclass(slots=True)
class Place:
    """How far a training is. epoch, batch: those that come next. waited: epochs since the best one."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: float = math.inf
    waited: int = 0
    totals: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # loss, things, right of this epoch
    epochs: list[Epoch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is shown of a training. tokens_per_second: of problems and answers."""

    epoch: int
    epochs: int
    step: int
    loss: float
    validation: Epoch | None
    tokens_per_second: float
    seconds: float
    seconds_left: float | None


class Hooks(NamedTuple):
    """How a caller follows a training and ends it. on_epoch: is given all that ended, once they are saved."""

    on_progress: Callable[[Progress], object] = lambda progress: None
    is_stopped: Callable[[], bool] = lambda: False
    on_epoch: Callable[[list[Epoch]], object] = lambda epochs: None


def place_from(values: dict[str, Any]) -> Place:
    """A place from its fields as JSON. Raises KeyError, TypeError for what is none."""
    epochs = [Epoch(**one) for one in values["epochs"]]
    return Place(**{**values, "epochs": epochs})
