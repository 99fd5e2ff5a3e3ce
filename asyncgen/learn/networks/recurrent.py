"""A recurrent encoder-decoder with attention (Bahdanau et al. 2015, arXiv 1409.0473; Luong et al. 2015).

The encoder is bidirectional. The decoder's state does not depend on what was looked at, so that all places of
a known answer are computed at once.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.networks.attention import Attention, Kept
from asyncgen.learn.networks.parts import TiedOutput, TokenVectors, lengths_of, token_table
from asyncgen.learn.networks.seq2seq import Memory
from asyncgen.learn.settings import ModelSettings

_CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}

States = tuple[Tensor, ...]  # (layers, batch, units): of a GRU one, of an LSTM two


class Step(NamedTuple):
    """What the decoder remembers: its states, of batch * beams, and what it looks at."""

    states: States
    kept: Kept
    beams: int


class RecurrentEncoder(nn.Module):
    """Reads problems in both directions."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.tokens = token_table(settings.embedding)
        self.vectors = TokenVectors(settings.embedding, settings.dropout)
        self.cells = _CELLS[settings.cell](
            settings.embedding,
            settings.units // 2,
            settings.layers,
            batch_first=True,
            bidirectional=True,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self._layers = settings.layers

    def forward(self, problems: Placed) -> Tensor:
        """A vector of each place: (batch, places, units)."""
        return self.with_states(problems)[0]

    def with_states(self, problems: Placed) -> tuple[Tensor, States]:
        """The same, and the last states of both directions joined: (layers, batch, units) each."""
        lengths = lengths_of(problems.ids).cpu()
        packed = pack_padded_sequence(
            self.vectors(problems, self.tokens), lengths, batch_first=True, enforce_sorted=False
        )
        found, states = self.cells(packed)
        places, _ = pad_packed_sequence(found, batch_first=True, total_length=problems.ids.shape[1])
        return places, tuple(self._joined(state) for state in _each(states))

    def _joined(self, states: Tensor) -> Tensor:
        _, batch, half = states.shape
        return states.view(self._layers, 2, batch, half).transpose(1, 2).flatten(2)


class Recurrent(nn.Module):
    """See `seq2seq.Seq2Seq`."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        units, layers, width = settings.units, settings.layers, settings.embedding
        dropout = settings.dropout if layers > 1 else 0.0
        self._layers = layers
        self._states = 2 if settings.cell == "lstm" else 1
        self.encoder = RecurrentEncoder(settings)
        self.vectors = TokenVectors(width, settings.dropout)
        self.bridge = nn.Linear(self._states * layers * units, self._states * layers * units)
        self.decoder = _CELLS[settings.cell](width, units, layers, batch_first=True, dropout=dropout)
        self.attention = Attention(units, settings.heads)
        self.output = TiedOutput(2 * units, width)
        self.dropout = nn.Dropout(settings.dropout)

    def encode(self, problems: Placed) -> Memory:
        places, states = self.encoder.with_states(problems)
        summary = torch.tanh(self.bridge(torch.cat(states).transpose(0, 1).flatten(1)))
        return Memory.of(problems, places, summary)

    def forward(self, problems: Placed, answers: Placed) -> Tensor:
        memory = self.encode(problems)
        hidden, _ = self.decoder(self.vectors(answers, self.encoder.tokens), self._given(self._begun(memory)))
        return self._logits(hidden, self.attention.keep(memory.places), memory)

    def begin(self, memory: Memory) -> Step:
        return Step(self._begun(memory), self.attention.keep(memory.places), 1)

    def step(self, tokens: Placed, state: Step, memory: Memory) -> tuple[Tensor, Step]:
        batch, beams = tokens.ids.shape
        said = self.vectors(tokens, self.encoder.tokens).view(batch * beams, 1, -1)
        hidden, states = self.decoder(said, self._given(state.states))
        logits = self._logits(hidden.view(batch, beams, -1), state.kept, memory)
        return logits, Step(_each(states), state.kept, beams)

    def chosen(self, state: Step, beams: Tensor) -> Step:
        first = torch.arange(len(beams), device=beams.device).unsqueeze(1) * state.beams
        rows = (first + beams).flatten()
        return Step(tuple(one[:, rows] for one in state.states), state.kept, beams.shape[1])

    def _logits(self, hidden: Tensor, kept: Kept, memory: Memory) -> Tensor:
        seen = self.attention(hidden, kept, memory.mask)
        vectors = self.dropout(torch.cat([hidden, seen], -1))
        logits: Tensor = self.output(vectors, self.encoder.tokens.weight)
        return logits

    def _begun(self, memory: Memory) -> States:
        """The decoder's states before the first token."""
        batch = len(memory.summary)
        states = memory.summary.view(batch, self._states, self._layers, -1).permute(1, 2, 0, 3)
        return tuple(state.contiguous() for state in states)

    def _given(self, states: States) -> Tensor | States:
        """States as the cells take them."""
        return states if self._states == 2 else states[0]


def _each(states: Tensor | States) -> States:
    return states if isinstance(states, tuple) else (states,)
