"""What a classifier is to be better than: the most frequent class, and a regression on simple counts."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

from asyncgen.learn.data.batches import Numbers
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.vocabulary import IDS, SIZE
from asyncgen.learn.metrics import Floats
from asyncgen.problems.tokens import ARITY

_OPERATORS = [IDS[token] for token in ARITY]
_PENALTY = 1e-4  # of the squares of the weights


def counts(corpus: Corpus, numbers: Numbers) -> Floats:
    """What the regression sees of problems: their length, and how often each operator stands in them."""
    found = np.zeros((len(numbers), 1 + len(_OPERATORS)))
    for row, number in enumerate(numbers):
        problem = corpus.problem(int(number))
        found[row, 0] = len(problem)
        found[row, 1:] = np.bincount(problem, minlength=SIZE)[_OPERATORS]
    return found


class LogisticRegression:
    """Multinomial, on features of mean 0 and variance 1, fitted by L-BFGS."""

    def __init__(self, features: Floats, labels: Tensor, classes: int) -> None:
        self._mean, self._spread = features.mean(0), features.std(0) + 1e-9
        inputs = self._scaled(features)
        self._weight = torch.zeros(classes, features.shape[1], dtype=torch.float64, requires_grad=True)
        self._bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([self._weight, self._bias], max_iter=300, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = cross_entropy(linear(inputs, self._weight, self._bias), labels)
            loss = loss + _PENALTY * self._weight.square().sum()
            torch.autograd.backward(loss)
            return loss

        optimizer.step(closure)

    def logits(self, features: Floats) -> Tensor:
        """Of rows (rows, features): (rows, classes)."""
        return linear(self._scaled(features), self._weight, self._bias).detach()

    def _scaled(self, features: Floats) -> Tensor:
        return torch.from_numpy((features - self._mean) / self._spread)
