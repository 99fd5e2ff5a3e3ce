"""Attention with heads (Vaswani et al. 2017, arXiv 1706.03762, section 3.2), with keys that are kept."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class Kept(NamedTuple):
    """Keys and values of places that are attended to: (batch, heads, places, width of a head)."""

    keys: Tensor
    values: Tensor

    def with_more(self, other: "Kept") -> "Kept":
        """These, and behind them the places of `other`."""
        return Kept(torch.cat([self.keys, other.keys], 2), torch.cat([self.values, other.values], 2))

    def at(self, rows: Tensor) -> "Kept":
        """Those of these rows of the batch, in this order."""
        return Kept(self.keys[rows], self.values[rows])


class Attention(nn.Module):
    """Queries of one width look at places of another; the result has the width of the queries."""

    def __init__(self, width: int, heads: int, places: int | None = None) -> None:
        super().__init__()
        self._heads = heads
        self.queries = nn.Linear(width, width)
        self.pairs = nn.Linear(places or width, 2 * width)
        self.joined = nn.Linear(width, width)

    def keep(self, places: Tensor) -> Kept:
        """What is to be known of places (batch, places, width) in order to look at them."""
        keys, values = self.pairs(places).chunk(2, dim=-1)
        return Kept(self._in_heads(keys), self._in_heads(values))

    def forward(
        self, queries: Tensor, kept: Kept, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """What queries (batch, queries, width) see where the mask, broadcast to all heads, is true."""
        asked = self._in_heads(self.queries(queries))
        seen = _seen(asked, kept, mask, causal)
        found: Tensor = self.joined(seen.transpose(1, 2).flatten(2))
        return found

    def _in_heads(self, vectors: Tensor) -> Tensor:
        """(batch, n, width) as (batch, heads, n, width of a head)."""
        batch, places, width = vectors.shape
        return vectors.view(batch, places, self._heads, width // self._heads).transpose(1, 2)


def _seen(asked: Tensor, kept: Kept, mask: Tensor | None, causal: bool) -> Tensor:
    """What is seen in each head; on processors in full precision, as gradients of less are slow there."""
    if asked.is_cuda:
        return scaled_dot_product_attention(asked, *kept, attn_mask=mask, is_causal=causal)
    with torch.autocast(asked.device.type, enabled=False):
        keys, values = kept.keys.float(), kept.values.float()
        return scaled_dot_product_attention(asked.float(), keys, values, attn_mask=mask, is_causal=causal)
