"""How well a classifier tells problems apart, beside the most frequent class and a regression on counts.

Decisions are for the class whose probability is the largest multiple of its share among the training rows: so
a rare class weighs as much as a frequent one, as in balanced accuracy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from asyncgen.learn import metrics
from asyncgen.learn.baselines import LogisticRegression, counts
from asyncgen.learn.calibration import fitted_temperature, probabilities
from asyncgen.learn.classifier import Classifier
from asyncgen.learn.data.batches import Numbers, batch_of, batches_of
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.devices import mixed_precision
from asyncgen.learn.metrics import Bin, Floats, Labels

_BATCH = 512  # rows at a time
_MOST_FITTED = 100_000  # training rows that the regression sees


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one way to tell classes apart. roc_auc: of closed form against all others.

    by_operators: balanced accuracy and rows. calibration: see metrics.
    """

    balanced_accuracy: float
    at_equal_lengths: float
    roc_auc: float
    accuracy: float
    confusion: list[list[int]]
    by_operators: dict[int, tuple[float, int]]
    reliability: list[Bin]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Report:
    """The classifier beside the baselines, on the same rows.

    classes: their names; rows of each. cut: rows whose end the network does not read. The baselines are
    missing where there are no rows for them to learn from.
    """

    classes: Sequence[str]
    rows: list[int]
    cut: int
    temperature: float
    model: Scores
    regression: Scores | None = None
    majority: Scores | None = None

    @property
    def ways(self) -> dict[str, Scores]:
        """What was measured, by its name."""
        found = {"model": self.model, "regression": self.regression, "majority": self.majority}
        return {name: scores for name, scores in found.items() if scores is not None}

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def labels_of(corpus: Corpus, numbers: Numbers) -> Labels:
    """The classes of rows."""
    found: Labels = corpus.index[numbers]["label"].astype(np.int64)
    return found


def shares_of(labels: Labels, classes: int) -> Floats:
    """The share of each class among rows."""
    found: Floats = np.bincount(labels, minlength=classes) / len(labels)
    return found


def logits_of(network: nn.Module, corpus: Corpus, numbers: Numbers) -> Tensor:
    """Of rows, in their order: (rows, classes)."""
    device = next(network.parameters()).device
    found: dict[int, Tensor] = {}
    network.eval()
    with torch.inference_mode(), mixed_precision(device):
        for some in batches_of(corpus, numbers, _BATCH):
            logits = network(batch_of(corpus, some).to(device).problems).float().cpu()
            found.update(zip(some.tolist(), logits, strict=True))
    return torch.stack([found[number] for number in numbers.tolist()])


def temperature_on(network: nn.Module, validation: Corpus) -> float:
    """The temperature that makes a network's probabilities those of rows that it has not learned from."""
    numbers = np.arange(len(validation))
    labels = torch.from_numpy(labels_of(validation, numbers))
    return fitted_temperature(logits_of(network, validation, numbers), labels)


def some_of(corpus: Corpus, most: int | None) -> Numbers:
    """All rows, or at most so many, the first of an order that is always the same."""
    numbers = np.arange(len(corpus))
    return numbers if most is None else np.random.default_rng(0).permutation(numbers)[:most]


def report(model: Classifier, test: Corpus, numbers: Numbers, train: Corpus | None) -> Report:
    """Measure a model on some of the rows `test`; the baselines learn from the rows `train`."""
    classes = len(model.classes)
    judge = _Judge(test, numbers)
    found = probabilities(logits_of(model.network, test, numbers), model.temperature)
    return Report(
        classes=model.classes,
        rows=np.bincount(judge.labels, minlength=classes).tolist(),
        cut=model.cut(test, numbers),
        temperature=model.temperature,
        model=judge.scores(found, model.shares),
        **({} if train is None else _baselines(judge, train, counts(test, numbers), classes)),
    )


def _baselines(judge: "_Judge", train: Corpus, features: Floats, classes: int) -> dict[str, Scores]:
    """How well simpler ways do on rows with these features."""
    fitted = np.random.default_rng(0).permutation(len(train))[:_MOST_FITTED]
    known = labels_of(train, fitted)
    shares = shares_of(known, classes)
    regression = LogisticRegression(counts(train, fitted), torch.from_numpy(known), classes)
    always = np.full(len(features), shares.argmax())
    return {
        "regression": judge.scores(probabilities(regression.logits(features), 1.0), shares),
        "majority": judge.scores(np.tile(shares, (len(features), 1)), shares, always),
    }


class _Judge:
    """Scores probabilities of the same rows."""

    def __init__(self, test: Corpus, numbers: Numbers) -> None:
        self.labels = labels_of(test, numbers)
        index = test.index[numbers]
        self._lengths = index["problem"].astype(np.int64)
        self._operators = index["operators"].astype(np.int64)

    def scores(self, found: Floats, shares: Floats, said: Labels | None = None) -> Scores:
        """Those of probabilities (rows, classes), where `shares` are those of the classes."""
        labels = self.labels
        said = (found / np.maximum(shares, 1e-9)).argmax(1) if said is None else said
        bins = metrics.reliability(found, labels)
        return Scores(
            balanced_accuracy=metrics.balanced_accuracy(said, labels),
            at_equal_lengths=metrics.at_equal_lengths(said, labels, self._lengths),
            roc_auc=metrics.roc_auc(found[:, 0], labels == 0),
            accuracy=float(np.mean(said == labels)),
            confusion=metrics.confusion(said, labels, found.shape[1]).tolist(),
            by_operators=dict(self._by_operators(said)),
            reliability=bins,
            calibration_error=metrics.expected_calibration_error(bins),
        )

    def _by_operators(self, said: Labels) -> Iterator[tuple[int, tuple[float, int]]]:
        for count in np.unique(self._operators):
            rows = self._operators == count
            score = metrics.balanced_accuracy(said[rows], self.labels[rows])
            yield int(count), (score, int(rows.sum()))
