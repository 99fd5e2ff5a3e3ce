"""Which network a model's settings ask for."""

from torch import nn

from asyncgen.learn.networks.recurrent import Recurrent
from asyncgen.learn.networks.transformer import Transformer
from asyncgen.learn.settings import ModelSettings


def network(settings: ModelSettings) -> nn.Module:
    """A network, not trained: an nn.Module with the interface `seq2seq.Seq2Seq`."""
    return Transformer(settings) if settings.cell == "transformer" else Recurrent(settings)
