"""The transformer (Vaswani et al. 2017, arXiv 1706.03762), normalised before each part, positions learned.

Lample and Charton (arXiv 1912.01412, section 4.2) have 6 layers, 512 units, 8 heads.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import PAD
from asyncgen.learn.networks.attention import Attention, Kept
from asyncgen.learn.networks.parts import TiedOutput, TokenVectors, token_table
from asyncgen.learn.networks.seq2seq import Memory
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


class _Placing(nn.Module):
    """Vectors of tokens, to which those of their positions are added."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        units = settings.units
        self.vectors = TokenVectors(units, 0.0)
        self.positions = nn.Embedding(MOST_PLACES, units)
        nn.init.normal_(self.positions.weight, std=1.0)
        self.dropout = nn.Dropout(settings.dropout)
        self._scale = units**0.5

    def forward(self, tokens: Placed, table: nn.Embedding, first: int = 0) -> Tensor:
        """Of tokens (batch, places), the first of which has this position."""
        places = torch.arange(first, first + tokens.ids.shape[1], device=tokens.ids.device)
        positions = self.positions(places.clamp(max=MOST_PLACES - 1))
        vectors: Tensor = self.dropout(self.vectors(tokens, table) * self._scale + positions)
        return vectors


class TransformerEncoder(nn.Module):
    """Reads problems; each place looks at all others."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.tokens = token_table(settings.units)
        self.placing = _Placing(settings)
        self.layers = nn.ModuleList(_Layer(settings, False) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(settings.units)

    def forward(self, problems: Placed) -> Tensor:
        """A vector of each place: (batch, places, units)."""
        vectors, mask = self.placing(problems, self.tokens), (problems.ids != PAD)[:, None, None, :]
        for layer in _layers(self.layers):
            normed = layer.own_norm(vectors)
            vectors = vectors + layer.dropout(layer.own(normed, layer.own.keep(normed), mask))
            vectors = layer.alone(vectors)
        places: Tensor = self.norm(vectors)
        return places


class Transformer(nn.Module):
    """See `seq2seq.Seq2Seq`."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.encoder = TransformerEncoder(settings)
        self.placing = _Placing(settings)
        self.layers = nn.ModuleList(_Layer(settings, True) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(settings.units)
        self.output = TiedOutput(settings.units, settings.units)

    def encode(self, problems: Placed) -> Memory:
        places = self.encoder(problems)
        return Memory.of(problems, places, places[:, 0])

    def forward(self, problems: Placed, answers: Placed) -> Tensor:
        memory = self.encode(problems)
        vectors = self.placing(answers, self.encoder.tokens)
        for layer in _layers(self.layers):
            normed = layer.own_norm(vectors)
            vectors = vectors + layer.dropout(layer.own(normed, layer.own.keep(normed), causal=True))
            looked = layer.attention(layer.norm(vectors), layer.attention.keep(memory.places), memory.mask)
            vectors = layer.alone(vectors + layer.dropout(looked))
        return self._logits(vectors)

    def begin(self, memory: Memory) -> Step:
        kept = tuple(layer.attention.keep(memory.places) for layer in _layers(self.layers))
        return Step((), kept, 1, 0)

    def step(self, tokens: Placed, state: Step, memory: Memory) -> tuple[Tensor, Step]:
        batch, beams = tokens.ids.shape
        flat = Placed(*(one.reshape(-1, 1) for one in tokens))
        vectors = self.placing(flat, self.encoder.tokens, state.place)
        own = []
        for number, layer in enumerate(_layers(self.layers)):
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

    def _logits(self, vectors: Tensor) -> Tensor:
        logits: Tensor = self.output(self.norm(vectors), self.encoder.tokens.weight)
        return logits


def _layers(found: nn.ModuleList) -> list[_Layer]:
    return [layer for layer in found if isinstance(layer, _Layer)]
