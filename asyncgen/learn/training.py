"""The loop that trains a network, and that goes on where it was stopped.

    data ──Batch──▶ objective(network) ──loss──▶ optimizer ──▶ network
                                          └─ each epoch: validation ──▶ the best weights, a checkpoint

Guarantees: a checkpoint holds all that decides what comes next (weights, the optimizer's moments, random
    numbers, the place in the data): a training that was stopped has the losses of one that was not, wherever
    nothing depends on a clock. A stop is heard between two batches.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from asyncgen.learn.checkpoint import Checkpoint
from asyncgen.learn.data.batches import Batch
from asyncgen.learn.data.passes import Data
from asyncgen.learn.devices import mixed_precision
from asyncgen.learn.errors import LearningError
from asyncgen.learn.files import CHECKPOINT, TRAINING, WEIGHTS, read_tensors, write_tensors
from asyncgen.learn.progress import Epoch, Hooks, Place, Progress, place_from
from asyncgen.learn.settings import TrainingSettings

_SAVE_SECONDS = 300.0  # between two checkpoints within an epoch
_MEMORY = 0.98  # of the loss that is shown: how much of it is of the steps before


class Score(NamedTuple):
    """What an objective says of a batch: the mean loss, of how many things, how many of them were right."""

    loss: Tensor
    things: Tensor
    right: Tensor


class Objective(Protocol):
    """What a network is to learn."""

    def __call__(self, network: nn.Module, batch: Batch, smoothing: float = 0.0) -> Score:
        """The score of a batch."""
        ...


class Trainer:
    """One training, in a folder: the best weights, and a checkpoint."""

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        data: Data,
        settings: TrainingSettings,
        folder: Path,
    ) -> None:
        """`network` is on its device already, and what comes out of it has its weights in the end."""
        self._network = network
        self._run = network  # what computes: the network itself, or a compiled form of it
        self._objective = objective
        self._data = data
        self._settings = settings
        self._best_file = folder / WEIGHTS
        self._device = next(network.parameters()).device
        self._optimizer = _optimizer(network, settings)
        self._checkpoint = Checkpoint(folder / TRAINING / CHECKPOINT, network, self._optimizer)
        self._shown_loss = math.nan
        self._saved = time.monotonic()
        self.place = Place()

    def compile(self) -> None:
        """Have the network compiled: slow at first, then faster on a GPU."""
        self._run = torch.compile(self._network, dynamic=True)  # type: ignore[assignment]

    def run(self, hooks: Hooks) -> bool:
        """Train to the end, or to a stop, which leaves a checkpoint; whether it is at its end.

        Raises LearningError where the loss is no number.
        """
        if self._checkpoint.exists:
            self._restore()
        self._network.train()
        while not self.place.epochs or not self._is_over():
            if not self._train_epoch(hooks):
                self._save()
                return False
            self._end_epoch()
            hooks.on_epoch(self.place.epochs)
        self._network.load_state_dict(read_tensors(self._best_file, self._device)[0])
        return True

    # -- one epoch -----------------------------------------------------------------------------------

    def _train_epoch(self, hooks: Hooks) -> bool:
        """Train to the end of the epoch or of the time; False where it was stopped before."""
        place, settings = self.place, self._settings
        batches = self._data.batches(place.epoch, place.batch)
        clock = _Clock(place.seconds)
        for batch in batches:
            self._step(batch.to(self._device))
            place.batch += 1
            place.step += 1
            place.seconds = clock.seconds()
            hooks.on_progress(self._progress(clock.rate(batch.tokens)))
            if hooks.is_stopped():
                return False
            if (settings.steps and place.batch >= settings.steps) or self._is_out_of_time():
                break
            if time.monotonic() - self._saved > _SAVE_SECONDS:
                self._save()
        else:
            return self._data.batches_in_epoch() is not None  # rows without end end where they are stopped
        return True

    def _step(self, batch: Batch) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * self._share_of_rate()
        self._optimizer.zero_grad(set_to_none=True)
        with mixed_precision(self._device):
            score = self._objective(self._run, batch, self._settings.smoothing)
        torch.autograd.backward(score.loss)
        if self._settings.clip:
            nn.utils.clip_grad_norm_(self._network.parameters(), self._settings.clip)
        self._optimizer.step()
        self._add(score)

    def _add(self, score: Score) -> None:
        loss, things, right = torch.stack([score.loss.detach(), score.things, score.right]).tolist()
        if not math.isfinite(loss):
            raise LearningError(
                f"the loss is no number any more at step {self.place.step}: a smaller --learning-rate, or a "
                "--clip, helps; the best weights so far are kept"
            )
        totals = self.place.totals
        self.place.totals = [totals[0] + loss * things, totals[1] + things, totals[2] + right]
        before = loss if math.isnan(self._shown_loss) else self._shown_loss
        self._shown_loss = _MEMORY * before + (1 - _MEMORY) * loss

    def _end_epoch(self) -> None:
        """Validate, keep the weights if they are the best, and a checkpoint."""
        place, began = self.place, time.monotonic()
        loss, things, right = place.totals
        found = validated(self._run, self._objective, self._data.validation(), self._device)
        place.seconds += time.monotonic() - began
        place.epochs.append(Epoch(loss / things, right / things, *found, place.seconds))
        place.waited += 1
        if found[0] < place.best:
            place.best, place.waited = found[0], 0
            write_tensors(self._best_file, self._network.state_dict())
        place.epoch, place.batch, place.totals = place.epoch + 1, 0, [0.0, 0.0, 0.0]
        self._save()

    # -- how far it is -------------------------------------------------------------------------------

    def _is_over(self) -> bool:
        place, settings = self.place, self._settings
        has_lost_patience = 0 < settings.patience <= place.waited
        return place.epoch >= settings.epochs or self._is_out_of_time() or has_lost_patience

    def _is_out_of_time(self) -> bool:
        most = self._settings.max_time
        return most is not None and self.place.seconds >= most

    def _share_done(self) -> float:
        """How far it is, from 0 to 1, by epochs or by time, whichever is further on."""
        place, settings = self.place, self._settings
        size = settings.steps or self._data.batches_in_epoch() or 1
        by_epochs = (place.epoch + min(1.0, place.batch / size)) / settings.epochs
        by_time = place.seconds / settings.max_time if settings.max_time else 0.0
        return min(1.0, max(by_epochs, by_time))

    def _share_of_rate(self) -> float:
        settings = self._settings
        warm = min(1.0, (self.place.step + 1) / settings.warmup) if settings.warmup else 1.0
        return warm * (1 - self._share_done() if settings.schedule == "linear" else 1.0)

    def _progress(self, rate: float) -> Progress:
        place, done = self.place, self._share_done()
        left = place.seconds * (1 - done) / done if done else None
        last = place.epochs[-1] if place.epochs else None
        return Progress(
            place.epoch + 1,
            self._settings.epochs,
            place.step,
            self._shown_loss,
            last,
            rate,
            place.seconds,
            left,
        )

    # -- checkpoints ---------------------------------------------------------------------------------

    def _save(self) -> None:
        self._checkpoint.write(
            {"place": asdict(self.place), "shown_loss": self._shown_loss, "data": self._data.state()}
        )
        self._saved = time.monotonic()

    def _restore(self) -> None:
        about = self._checkpoint.read()
        try:
            self.place = place_from(about["place"])
            self._shown_loss = about["shown_loss"]
            self._data.restore(about["data"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._checkpoint.damaged(error) from None


class _Clock:
    """Seconds of training that go on from some, and tokens in each."""

    def __init__(self, before: float) -> None:
        self._before = before
        self._began = self._last = time.monotonic()
        self._rate = 0.0

    def seconds(self) -> float:
        return self._before + time.monotonic() - self._began

    def rate(self, tokens: int) -> float:
        """Tokens a second, of these and, less and less, of those before."""
        now = time.monotonic()
        rate = tokens / max(now - self._last, 1e-9)
        self._last = now
        self._rate = rate if not self._rate else _MEMORY * self._rate + (1 - _MEMORY) * rate
        return self._rate


def validated(
    network: nn.Module, objective: Objective, batches: Iterator[Batch], device: torch.device
) -> tuple[float, float]:
    """The mean loss, and the share of what was right, over batches."""
    network.eval()
    loss = things = right = 0.0
    with torch.inference_mode(), mixed_precision(device):
        for batch in batches:
            score = objective(network, batch.to(device))
            loss += float(score.loss) * float(score.things)
            things += float(score.things)
            right += float(score.right)
    network.train()
    if not things:
        raise LearningError("there is no row to validate by: give more rows, or another --split")
    return loss / things, right / things


def _optimizer(network: nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "rmsprop":
        return torch.optim.RMSprop(network.parameters(), rate, weight_decay=0.0)
    if settings.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), rate, fused=True)
    return torch.optim.AdamW(network.parameters(), rate, weight_decay=decay, fused=True)
