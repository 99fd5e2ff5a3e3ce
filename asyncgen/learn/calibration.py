"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599): logits over a number that is fitted."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from asyncgen.learn.metrics import Floats


def fitted_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature with the smallest cross-entropy on these rows; between 1/20 and 20."""
    scale = torch.zeros(1, dtype=torch.float64, requires_grad=True)  # of which the exponential divides
    optimizer = torch.optim.LBFGS([scale], max_iter=100, line_search_fn="strong_wolfe")
    wide = logits.double()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(wide / scale.exp(), labels)
        torch.autograd.backward(loss)
        return loss

    optimizer.step(closure)
    return float(scale.detach().exp().clamp(0.05, 20))


def probabilities(logits: Tensor, temperature: float) -> Floats:
    """Probabilities (rows, classes)."""
    found: Floats = np.asarray(torch.softmax(logits.double() / temperature, 1).cpu().numpy())
    return found
