"""Answers as a decoder writes them: each token with the slot that the decoder is told for the next."""

import torch
from torch import Tensor

from asyncgen.learn.data.slots import NOWHERE, Placed, Slots
from asyncgen.learn.data.vocabulary import PAD


def placed_answers(ids: Tensor) -> Placed:
    """Answers behind their start marks (batch, tokens), whatever they are; step by step, as in a search."""
    rules = Slots(ids.device)
    state = rules.start((len(ids),), 6 * ids.shape[1])
    slots = torch.full_like(ids, NOWHERE)
    for place in range(ids.shape[1]):
        state = rules.behind(state, ids[:, place])
        slots[:, place] = torch.where(ids[:, place] == PAD, NOWHERE, rules.here(state))
    return Placed(ids, slots)
