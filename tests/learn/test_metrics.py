"""How good probabilities are, as scikit-learn says it, too."""

import numpy as np
import pytest
import torch
from processes import is_installed
from torch.nn.functional import cross_entropy

from asyncgen.learn.baselines import LogisticRegression
from asyncgen.learn.calibration import fitted_temperature, probabilities
from asyncgen.learn.metrics import (
    at_equal_lengths,
    balanced_accuracy,
    confusion,
    expected_calibration_error,
    reliability,
    roc_auc,
)

DRAW = np.random.default_rng(1)
LABELS = DRAW.integers(0, 3, 500)
LOGITS = DRAW.normal(size=(500, 3)) + 2 * np.eye(3)[LABELS]
CHANCES = probabilities(torch.from_numpy(LOGITS), 1.0)
SAID = CHANCES.argmax(1)


@pytest.mark.skipif(not is_installed("sklearn"), reason="scikit-learn is not installed")
class TestAgainstScikitLearn:
    """The same numbers."""

    def test_balanced_accuracy(self):
        from sklearn.metrics import balanced_accuracy_score

        assert balanced_accuracy(SAID, LABELS) == pytest.approx(balanced_accuracy_score(LABELS, SAID))

    def test_confusion(self):
        from sklearn.metrics import confusion_matrix

        assert confusion(SAID, LABELS, 3).tolist() == confusion_matrix(LABELS, SAID).tolist()

    @pytest.mark.parametrize("digits", [9, 1])
    def test_roc_auc(self, digits: int):
        """With ties as well."""
        from sklearn.metrics import roc_auc_score

        scores = CHANCES[:, 0].round(digits)
        assert roc_auc(scores, LABELS == 0) == pytest.approx(roc_auc_score(LABELS == 0, scores))

    def test_regression(self):
        """The same probabilities as a fit of theirs with the same penalty."""
        from sklearn.linear_model import LogisticRegression as Theirs

        features = LOGITS @ DRAW.normal(size=(3, 4)) + 0.1 * DRAW.normal(size=(500, 4))
        scaled = (features - features.mean(0)) / features.std(0)
        ours = LogisticRegression(features, torch.from_numpy(LABELS), 3).logits(features)
        theirs = Theirs(C=1 / (2 * 1e-4 * 500), max_iter=5000, tol=1e-10).fit(scaled, LABELS)
        np.testing.assert_allclose(probabilities(ours, 1.0), theirs.predict_proba(scaled), rtol=0, atol=2e-3)


def test_bins_hold_every_row():
    bins = reliability(CHANCES, LABELS)
    assert sum(one.rows for one in bins) == 500
    right = sum(one.rows * one.accuracy for one in bins)
    assert right == pytest.approx((SAID == LABELS).sum())
    assert all(0 <= one.confidence <= 1 for one in bins)


def test_certainty_that_is_right_is_calibrated():
    assert expected_calibration_error(reliability(np.eye(3)[LABELS], LABELS)) == 0
    wrong = np.eye(3)[(LABELS + 1) % 3]
    assert expected_calibration_error(reliability(wrong, LABELS)) == 1


def test_a_temperature_takes_back_what_a_network_exaggerates():
    """Of logits that are five times as large as they should be, near 5; and no other is better."""
    labels, wide = torch.from_numpy(LABELS), torch.from_numpy(LOGITS * 5)
    chances = torch.distributions.Categorical(logits=torch.from_numpy(LOGITS))
    torch.manual_seed(1)
    labels = chances.sample()
    temperature = fitted_temperature(wide, labels)
    assert 4 < temperature < 6.5
    best = cross_entropy(wide / temperature, labels)
    for other in (0.9, 1.1):
        assert cross_entropy(wide / (temperature * other), labels) > best


def test_where_length_tells_all_nothing_is_left_at_equal_lengths():
    """A rule that looks at lengths alone is no better than a guess among rows of the same length."""
    labels = np.array([0] * 80 + [1] * 20 + [0] * 20 + [1] * 80)
    lengths = np.array([5] * 100 + [9] * 100)
    said = (lengths == 9).astype(np.int64)
    assert balanced_accuracy(said, labels) == 0.8
    assert at_equal_lengths(said, labels, lengths) == 0.5
    assert at_equal_lengths(labels, labels, lengths) == 1.0
    assert np.isnan(at_equal_lengths(said, said, lengths))
