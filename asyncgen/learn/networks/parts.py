"""What networks are made of: vectors of tokens, logits of tokens."""

import torch
from torch import Tensor, nn

from asyncgen.learn.data.slots import SLOTS, Placed
from asyncgen.learn.data.vocabulary import PAD, SIZE


class TokenVectors(nn.Module):
    """Vectors of tokens from a table, which others use too, to which those of their slots are added."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.slots = nn.Embedding(SLOTS, width)
        nn.init.normal_(self.slots.weight, std=width**-0.5)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Placed, table: nn.Embedding) -> Tensor:
        """Vectors (..., width) of ids and slots of one shape."""
        vectors: Tensor = self.dropout(table(tokens.ids) + self.slots(tokens.slots))
        return vectors


class TiedOutput(nn.Module):
    """Logits by the vectors of the tokens themselves (Press, Wolf 2017, arXiv 1608.05859)."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.narrowed = nn.Linear(width, embedding)
        self.bias = nn.Parameter(torch.zeros(SIZE))

    def forward(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        """Logits (..., vocabulary) from vectors (..., width) and the vectors of all tokens."""
        return nn.functional.linear(torch.tanh(self.narrowed(vectors)), tokens, self.bias)


def lengths_of(ids: Tensor) -> Tensor:
    """How many tokens each row has, which are all before its padding: (batch,)."""
    return (ids != PAD).sum(1)


def token_table(width: int) -> nn.Embedding:
    """A vector for each token, that of padding 0."""
    found = nn.Embedding(SIZE, width, padding_idx=PAD)
    nn.init.normal_(found.weight, std=width**-0.5)
    with torch.no_grad():
        found.weight[PAD] = 0
    return found
