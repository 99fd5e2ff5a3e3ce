"""How trials ended: a row for each, as JSON values and as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from io import StringIO
from typing import Any

from asyncgen.learn.experiments.plan import Limits
from asyncgen.learn.progress import Epoch

_FIGURES = ("epochs_done", "seconds", "parameters", "validation_loss", "validation_accuracy")


class State(StrEnum):
    """Of a trial. PRUNED: by a search, as others were better. STOPPED: to be gone on with."""

    DONE = "done"
    FAILED = "failed"
    PRUNED = "pruned"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A trial, and what came of it. Losses and accuracies are those of its best epoch, by validation loss.

    settings: every hyperparameter. seconds: of training. parameters: None where it did not come to its end.
    reason: why it failed, or "".
    """

    trial: str
    state: State
    settings: dict[str, Any]
    limits: Limits
    epochs_done: int = 0
    seconds: float = 0.0
    parameters: int | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    reason: str = ""

    def with_epochs(self, epochs: Sequence[Epoch]) -> "Row":
        """The same, with what these epochs tell."""
        if not epochs:
            return self
        best = min(epochs, key=lambda epoch: epoch.validation_loss)
        return replace(
            self,
            epochs_done=len(epochs),
            seconds=epochs[-1].seconds,
            validation_loss=best.validation_loss,
            validation_accuracy=best.validation_accuracy,
        )

    def stands(self, settings: dict[str, Any], limits: Limits) -> bool:
        """Whether a trial with these settings need not be tried again."""
        if self.settings != settings or self.state is State.STOPPED:
            return False
        return self.state is not State.FAILED or self.limits == limits

    def as_dict(self) -> dict[str, Any]:
        """It as JSON values."""
        return asdict(self)


def row_from(values: dict[str, Any]) -> Row:
    """The row that `as_dict` has given. Raises KeyError, TypeError, ValueError for what is none."""
    return Row(**{**values, "state": State(values["state"]), "limits": Limits(**values["limits"])})


def best_of(rows: Iterable[Row]) -> Row | None:
    """The row with the smallest validation loss of those that are done."""
    done = [row for row in rows if row.state is State.DONE]
    return min(done, key=_loss, default=None)


def _loss(row: Row) -> float:
    assert row.validation_loss is not None
    return row.validation_loss


def differing(rows: Sequence[Row]) -> list[str]:
    """The settings that are not the same in all rows."""
    names = list(dict.fromkeys(name for row in rows for name in row.settings))
    return [name for name in names if len({repr(row.settings.get(name)) for row in rows}) > 1]


def as_csv(rows: Sequence[Row]) -> str:
    """A table with a head: name, state, every setting, figures, reason."""
    names = list(dict.fromkeys(name for row in rows for name in row.settings))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "state", *names, *_FIGURES, "reason"])
    for row in rows:
        settings = [row.settings.get(name) for name in names]
        figures = [getattr(row, name) for name in _FIGURES]
        writer.writerow([row.trial, row.state, *settings, *figures, row.reason])
    return text.getvalue()
