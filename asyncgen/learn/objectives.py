"""What networks are to learn: the next token of an answer, or the class of a problem."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from asyncgen.learn.data.batches import Batch
from asyncgen.learn.data.vocabulary import PAD
from asyncgen.learn.training import Score


def next_token(network: nn.Module, batch: Batch, smoothing: float = 0.0) -> Score:
    """Cross-entropy of each token of the answer, given those before it; padding is masked."""
    logits = network(batch.problems, batch.answers)
    is_token = batch.targets != PAD
    loss = cross_entropy(
        logits.float().flatten(0, 1), batch.targets.flatten(), ignore_index=PAD, label_smoothing=smoothing
    )
    right = (logits.argmax(-1) == batch.targets) & is_token
    return Score(loss, is_token.sum().float(), right.sum().float())


def class_of_problem(network: nn.Module, batch: Batch, smoothing: float = 0.0) -> Score:
    """Cross-entropy of the class."""
    logits = network(batch.problems)
    loss = cross_entropy(logits.float(), batch.labels, label_smoothing=smoothing)
    right = (logits.argmax(-1) == batch.labels).sum()
    return Score(loss, torch.tensor(float(len(batch.labels)), device=loss.device), right.float())
