"""Training sets from stores, stores from files, and rows without files.

`stream` gives rows that are made while somebody trains on them, and `merged_states` joins the states of its
readers. The names are loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncgen.datasets.splits import Split
    from asyncgen.datasets.streaming.settings import StreamSettings
    from asyncgen.datasets.streaming.stream import RowStream, merged_states, stream

_HOMES = {
    "RowStream": "asyncgen.datasets.streaming.stream",
    "Split": "asyncgen.datasets.splits",
    "StreamSettings": "asyncgen.datasets.streaming.settings",
    "merged_states": "asyncgen.datasets.streaming.stream",
    "stream": "asyncgen.datasets.streaming.stream",
}

__all__ = ["RowStream", "Split", "StreamSettings", "merged_states", "stream"]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use (PEP 562)."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'asyncgen.datasets' has no attribute {name!r}") from None
    return getattr(importlib.import_module(home), name)
