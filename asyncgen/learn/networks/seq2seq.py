"""What an integrator's network is: an encoder of problems, and a decoder that writes answers token by token.

    problem ids ──encode──▶ Memory ──forward (all of an answer that is given)──▶ logits
                              └──────begin──▶ State ──step, one token a time──▶ logits, State

Shapes: problems (batch, places), answers (batch, tokens), while searching (batch, beams).
"""

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from asyncgen.learn.data.slots import SLOTS, Placed
from asyncgen.learn.data.vocabulary import PAD, SIZE

State = Any  # what a decoder remembers: the network's own business


class Memory(NamedTuple):
    """What the encoder makes of problems: a vector of each place, and which places are none."""

    places: Tensor  # (batch, places, width)
    is_place: Tensor  # (batch, places), bool
    summary: Tensor  # of the whole: whatever the decoder begins with

    @property
    def mask(self) -> Tensor:
        """Which places may be looked at, for any head and any query: (batch, 1, 1, places)."""
        return self.is_place[:, None, None, :]


class Seq2Seq(Protocol):
    """The interface of both networks; each is an nn.Module as well."""

    def encode(self, problems: Placed) -> Memory:
        """Read problems."""
        ...

    def forward(self, problems: Placed, answers: Placed) -> Tensor:
        """Logits (batch, tokens, vocabulary) of the token behind each of the answers' tokens."""
        ...

    def begin(self, memory: Memory) -> State:
        """The state before the first token of one beam for each problem."""
        ...

    def step(self, tokens: Placed, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Logits (batch, beams, vocabulary) behind these tokens (batch, beams), and the state there."""
        ...

    def chosen(self, state: State, beams: Tensor) -> State:
        """The state of these beams (batch, beams), by their number in `state`."""
        ...


class TiedOutput(nn.Module):
    """Logits by the vectors of the tokens themselves (Press, Wolf 2017, arXiv 1608.05859)."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.narrowed = nn.Linear(width, embedding)
        self.bias = nn.Parameter(torch.zeros(SIZE))

    def forward(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        """Logits (..., vocabulary) from vectors (..., width) and the vectors of all tokens."""
        return nn.functional.linear(torch.tanh(self.narrowed(vectors)), tokens, self.bias)


def embedding(width: int) -> nn.Embedding:
    """A vector for each token, that of padding 0."""
    found = nn.Embedding(SIZE, width, padding_idx=PAD)
    nn.init.normal_(found.weight, std=width**-0.5)
    with torch.no_grad():
        found.weight[PAD] = 0
    return found


def slot_embedding(width: int) -> nn.Embedding:
    """A vector for each slot, to be added to that of the token."""
    found = nn.Embedding(SLOTS, width)
    nn.init.normal_(found.weight, std=width**-0.5)
    return found


def lengths_of(ids: Tensor) -> Tensor:
    """How many tokens each row has, which are all before its padding: (batch,)."""
    return (ids != PAD).sum(1)
