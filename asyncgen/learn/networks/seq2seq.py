"""What an integrator's network is: an encoder of problems, and a decoder that writes answers token by token.

    problems ──encode──▶ Memory ──forward (all of an answer that is given)──▶ logits
                           └──────begin──▶ State ──step, one token a time──▶ logits, State

Shapes: problems (batch, places), answers (batch, tokens), while searching (batch, beams).
"""

from typing import Any, NamedTuple, Protocol

from torch import Tensor

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import PAD

State = Any  # what a decoder remembers: the network's own business


class Memory(NamedTuple):
    """What the encoder makes of problems: a vector of each place, and which places are none."""

    places: Tensor  # (batch, places, width)
    is_place: Tensor  # (batch, places), bool
    summary: Tensor  # of the whole: whatever the decoder begins with

    @classmethod
    def of(cls, problems: Placed, places: Tensor, summary: Tensor) -> "Memory":
        """That of these problems."""
        return cls(places, problems.ids != PAD, summary)

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
