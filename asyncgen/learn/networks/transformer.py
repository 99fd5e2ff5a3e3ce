"""The transformer (Vaswani et al. 2017, arXiv 1706.03762), normalised before each part, positions learned.

Lample and Charton (arXiv 1912.01412, section 4.2) have 6 layers, 512 units, 8 heads.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import PAD
from asyncgen.learn.networks.attention import Attention, Kept
from asyncgen.learn.networks.seq2seq import Memory, TiedOutput, embedding, slot_embedding
from asyncgen.learn.settings import ModelSettings

MOST_PLACES = 1024  # of a problem or an answer
_WIDENING = 4  # of the two layers behind each attention


class Step(NamedTuple):
    """What the decoder remembers: by layer, the tokens so far (batch * beams) and the problem (batch)."""

    own: tuple[Kept, ...]
    kept: tuple[Kept, ...]
    beams: int
    place: int


class _Layer(nn.Module):
    """Attention to oneself, in a decoder to the problem, and two layers for each place alone."""

    def __init__(self, settings: ModelSettings, looks_at_problem: bool) -> None:
        super().__init__()
        units = settings.units
        self.own_norm = nn.LayerNorm(units)
        self.own = Attention(units, settings.heads)
        if looks_at_problem:
            self.norm = nn.LayerNorm(units)
            self.attention = Attention(units, settings.heads)
        self.last_norm = nn.LayerNorm(units)
        self.wide = nn.Linear(units, _WIDENING * units)
        self.narrow = nn.Linear(_WIDENING * units, units)
        self.dropout = nn.Dropout(settings.dropout)

    def alone(self, vectors: Tensor) -> Tensor:
        wide = torch.relu(self.wide(self.last_norm(vectors)))
        narrow: Tensor = self.dropout(self.narrow(wide))
        return vectors + narrow


def _layers(found: nn.ModuleList) -> list[_Layer]:
    return [layer for layer in found if isinstance(layer, _Layer)]


class Transformer(nn.Module):
    """See `seq2seq.Seq2Seq`."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        units = settings.units
        self.embedding = embedding(units)
        self.problem_slots = slot_embedding(units)
        self.answer_slots = slot_embedding(units)
        self.positions = nn.Embedding(MOST_PLACES, units)
        nn.init.normal_(self.positions.weight, std=units**-0.5)
        self.encoder = nn.ModuleList(_Layer(settings, False) for _ in range(settings.layers))
        self.encoder_norm = nn.LayerNorm(units)
        self.decoder = nn.ModuleList(_Layer(settings, True) for _ in range(settings.layers))
        self.decoder_norm = nn.LayerNorm(units)
        self.output = TiedOutput(units, units)
        self.dropout = nn.Dropout(settings.dropout)
        self._scale = units**0.5

    def encode(self, problems: Placed) -> Memory:
        is_place = problems.ids != PAD
        vectors, mask = self._vectors(problems, self.problem_slots, 0), is_place[:, None, None, :]
        for layer in _layers(self.encoder):
            normed = layer.own_norm(vectors)
            vectors = vectors + self.dropout(layer.own(normed, layer.own.keep(normed), mask))
            vectors = layer.alone(vectors)
        places = self.encoder_norm(vectors)
        return Memory(places, is_place, places[:, 0])

    def forward(self, problems: Placed, answers: Placed) -> Tensor:
        memory = self.encode(problems)
        vectors = self._vectors(answers, self.answer_slots, 0)
        for layer in _layers(self.decoder):
            normed = layer.own_norm(vectors)
            vectors = vectors + self.dropout(layer.own(normed, layer.own.keep(normed), causal=True))
            looked = layer.attention(layer.norm(vectors), layer.attention.keep(memory.places), memory.mask)
            vectors = layer.alone(vectors + self.dropout(looked))
        return self._logits(vectors)

    def begin(self, memory: Memory) -> Step:
        kept = tuple(layer.attention.keep(memory.places) for layer in _layers(self.decoder))
        return Step((), kept, 1, 0)

    def step(self, tokens: Placed, state: Step, memory: Memory) -> tuple[Tensor, Step]:
        batch, beams = tokens.ids.shape
        flat = Placed(tokens.ids.reshape(-1, 1), tokens.slots.reshape(-1, 1))
        vectors = self._vectors(flat, self.answer_slots, state.place)
        own = []
        for number, layer in enumerate(_layers(self.decoder)):
            normed = layer.own_norm(vectors)
            here = layer.own.keep(normed)
            own.append(state.own[number].with_more(here) if state.own else here)
            vectors = vectors + layer.own(normed, own[-1])
            asked = layer.norm(vectors).view(batch, beams, -1)
            looked = layer.attention(asked, state.kept[number], memory.mask)
            vectors = layer.alone(vectors + looked.reshape(vectors.shape))
        logits = self._logits(vectors).view(batch, beams, -1)
        return logits, Step(tuple(own), state.kept, beams, state.place + 1)

    def chosen(self, state: Step, beams: Tensor) -> Step:
        first = torch.arange(len(beams), device=beams.device).unsqueeze(1) * state.beams
        rows = (first + beams).flatten()
        own = tuple(kept.at(rows) for kept in state.own)
        return Step(own, state.kept, beams.shape[1], state.place)

    def _vectors(self, tokens: Placed, slots: nn.Embedding, first: int) -> Tensor:
        """Of tokens, the first of which has this position."""
        ids = tokens.ids
        places = torch.arange(first, first + ids.shape[1], device=ids.device).clamp(max=MOST_PLACES - 1)
        vectors = (self.embedding(ids) + slots(tokens.slots)) * self._scale + self.positions(places)
        dropped: Tensor = self.dropout(vectors)
        return dropped

    def _logits(self, vectors: Tensor) -> Tensor:
        logits: Tensor = self.output(self.decoder_norm(vectors), self.embedding.weight)
        return logits
