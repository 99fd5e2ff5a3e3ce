"""How good probabilities of classes are. Shapes: probabilities (rows, classes), labels (rows,)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
BINS = 10  # of confidence


class Bin(NamedTuple):
    """Rows whose likeliest class has a probability in one tenth: its mean, and the share that is right."""

    confidence: float
    accuracy: float
    rows: int


def confusion(said: Labels, labels: Labels, classes: int) -> npt.NDArray[np.int64]:
    """How many rows of each class (rows of the table) were said to be of each (columns)."""
    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (labels, said), 1)
    return found


def balanced_accuracy(said: Labels, labels: Labels) -> float:
    """The mean, over the classes that occur, of the share of their rows that are right."""
    return float(np.mean([np.mean(said[labels == one] == one) for one in np.unique(labels)]))


def at_equal_lengths(said: Labels, labels: Labels, lengths: Labels) -> float:
    """Balanced accuracy where each class has the same lengths; NaN where no length has rows of all classes.

    The expectation of drawing, at each length, as many rows of each class as the rarest one has there.
    """
    classes = np.unique(labels)
    right = np.zeros(len(classes))
    drawn = 0
    for length in np.unique(lengths):
        here = [(labels == one) & (lengths == length) for one in classes]
        rarest = min(int(one.sum()) for one in here)
        if rarest:
            drawn += rarest
            right += [rarest * np.mean(said[rows] == one) for one, rows in zip(classes, here, strict=True)]
    return float(np.mean(right / drawn)) if drawn else float("nan")


def roc_auc(scores: Floats, is_positive: npt.NDArray[np.bool_]) -> float:
    """The chance that a positive row has a higher score than another; ties count half (Mann, Whitney)."""
    positive, negative = int(is_positive.sum()), int((~is_positive).sum())
    if not positive or not negative:
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[is_positive].sum() - positive * (positive + 1) / 2) / (positive * negative))


def reliability(probabilities: Floats, labels: Labels) -> list[Bin]:
    """Confidence and accuracy, by bins of confidence."""
    confidence, said = probabilities.max(1), probabilities.argmax(1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(float(confidence[rows].mean()), float((said[rows] == labels[rows]).mean()), int(rows.sum()))
        for rows in (bins == one for one in range(BINS))
        if rows.any()
    ]


def expected_calibration_error(bins: list[Bin]) -> float:
    """The mean distance of confidence from accuracy (Naeini et al. 2015), over rows."""
    rows = sum(one.rows for one in bins)
    return sum(one.rows * abs(one.confidence - one.accuracy) for one in bins) / rows
