"""The classifier's network: an encoder, of which the places are joined by attention, and two layers."""

import torch
from torch import Tensor, nn

from asyncgen.learn.data.slots import Placed
from asyncgen.learn.data.vocabulary import PAD
from asyncgen.learn.networks.recurrent import RecurrentEncoder
from asyncgen.learn.networks.transformer import TransformerEncoder
from asyncgen.learn.settings import ModelSettings


class Classifier(nn.Module):
    """Logits of classes from problems."""

    def __init__(self, settings: ModelSettings, classes: int) -> None:
        super().__init__()
        units = settings.units
        kind = TransformerEncoder if settings.cell == "transformer" else RecurrentEncoder
        self.encoder = kind(settings)
        self.weight = nn.Linear(units, 1)
        self.layers = nn.Sequential(
            nn.Linear(2 * units, units), nn.ReLU(), nn.Dropout(settings.dropout), nn.Linear(units, classes)
        )

    def forward(self, problems: Placed) -> Tensor:
        """Logits (batch, classes): of the weighted mean of the places, and of the largest of each feature."""
        places = self.encoder(problems)
        is_none = (problems.ids == PAD).unsqueeze(-1)
        weights = torch.softmax(self.weight(places).masked_fill(is_none, float("-inf")), 1)
        most = places.masked_fill(is_none, float("-inf")).amax(1)
        logits: Tensor = self.layers(torch.cat([(weights * places).sum(1), most], -1))
        return logits
