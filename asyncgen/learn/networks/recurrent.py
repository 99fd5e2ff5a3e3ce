"""A recurrent encoder-decoder with attention (Bahdanau et al. 2015, arXiv 1409.0473; Luong et al. 2015).

The encoder is bidirectional. The decoder's state does not depend on what was looked at, so that all places of
a known answer are computed at once.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import PAD
from asyncgen.learn.networks.attention import Attention, Kept
from asyncgen.learn.networks.seq2seq import Memory, TiedOutput, embedding, lengths_of, slot_embedding
from asyncgen.learn.settings import ModelSettings

_CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class Step(NamedTuple):
    """What the decoder remembers: its states (layers, batch * beams, units), and what it looks at."""

    states: tuple[Tensor, ...]
    kept: Kept
    beams: int


class Recurrent(nn.Module):
    """See `seq2seq.Seq2Seq`."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        units, layers, width = settings.units, settings.layers, settings.embedding
        cell = _CELLS[settings.cell]
        self._layers = layers
        self._states = 2 if settings.cell == "lstm" else 1
        dropout = settings.dropout if layers > 1 else 0.0
        self.embedding = embedding(width)
        self.problem_slots = slot_embedding(width)
        self.answer_slots = slot_embedding(width)
        self.encoder = cell(width, units // 2, layers, batch_first=True, bidirectional=True, dropout=dropout)
        self.bridge = nn.Linear(self._states * layers * units, self._states * layers * units)
        self.decoder = cell(width, units, layers, batch_first=True, dropout=dropout)
        self.attention = Attention(units, settings.heads)
        self.output = TiedOutput(2 * units, width)
        self.dropout = nn.Dropout(settings.dropout)

    def encode(self, problems: Placed) -> Memory:
        ids, slots = problems
        vectors = self.dropout(self.embedding(ids) + self.problem_slots(slots))
        packed = pack_padded_sequence(vectors, lengths_of(ids).cpu(), batch_first=True, enforce_sorted=False)
        found, states = self.encoder(packed)
        places, _ = pad_packed_sequence(found, batch_first=True, total_length=ids.shape[1])
        last = torch.cat([self._joined(state) for state in self._each(states)])
        summary = torch.tanh(self.bridge(last.transpose(0, 1).flatten(1)))
        return Memory(places, ids != PAD, summary)

    def forward(self, problems: Placed, answers: Placed) -> Tensor:
        memory = self.encode(problems)
        hidden, _ = self.decoder(self._said(answers), self._begun(memory))
        return self._logits(hidden, self.attention.keep(memory.places), memory)

    def begin(self, memory: Memory) -> Step:
        return Step(self._each(self._begun(memory)), self.attention.keep(memory.places), 1)

    def step(self, tokens: Placed, state: Step, memory: Memory) -> tuple[Tensor, Step]:
        batch, beams = tokens.ids.shape
        before = state.states if self._states == 2 else state.states[0]
        said = self._said(tokens).view(batch * beams, 1, -1)
        hidden, states = self.decoder(said, before)
        logits = self._logits(hidden.view(batch, beams, -1), state.kept, memory)
        return logits, Step(self._each(states), state.kept, beams)

    def chosen(self, state: Step, beams: Tensor) -> Step:
        first = torch.arange(len(beams), device=beams.device).unsqueeze(1) * state.beams
        rows = (first + beams).flatten()
        return Step(tuple(one[:, rows] for one in state.states), state.kept, beams.shape[1])

    def _said(self, answers: Placed) -> Tensor:
        """The vectors of an answer's tokens."""
        vectors: Tensor = self.dropout(self.embedding(answers.ids) + self.answer_slots(answers.slots))
        return vectors

    def _logits(self, hidden: Tensor, kept: Kept, memory: Memory) -> Tensor:
        seen = self.attention(hidden, kept, memory.mask)
        logits: Tensor = self.output(self.dropout(torch.cat([hidden, seen], -1)), self.embedding.weight)
        return logits

    def _begun(self, memory: Memory) -> Tensor | tuple[Tensor, ...]:
        """The decoder's states before the first token."""
        batch = len(memory.summary)
        states = memory.summary.view(batch, self._states, self._layers, -1).permute(1, 2, 0, 3)
        parts = tuple(state.contiguous() for state in states)
        return parts if self._states == 2 else parts[0]

    def _joined(self, states: Tensor) -> Tensor:
        """Those of both directions of each layer as one: (layers, batch, units)."""
        _, batch, half = states.shape
        return states.view(self._layers, 2, batch, half).transpose(1, 2).flatten(2)

    def _each(self, states: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return states if isinstance(states, tuple) else (states,)
