"""Rows as they travel: deflated JSON, in pieces that Temporal takes, with the node that made them."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from asyncgen.problems.records import Outcome, outcome_from

PIECE = 1_000_000  # bytes; Temporal takes 2 MiB in a payload, and some servers are set to less
_BATCH = 8_000_000  # characters of rows that travel together, about: a quarter of it when it is deflated
_LEVEL = 4  # of zlib: a third of the default's time, for a tenth more bytes
_MOST = 1 << 30  # bytes of rows, inflated: a guard against what is none of ours


@dataclass(frozen=True, slots=True)
class Origin:
    """The node process that made rows: what a store keeps of a run, see sqlite.runs.RunInfo.

    session: a name that no other process has.
    """

    session: str
    settings: dict[str, Any]
    versions: dict[str, Any]
    machine: dict[str, Any]


def batches(outcomes: Iterable[Outcome], most: int = _BATCH) -> Iterator[list[Outcome]]:
    """The rows, those together that are not too long together; a row that is too long itself is alone."""
    batch: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        length = sum(len(value) for value in outcome if isinstance(value, str))
        if batch and size + length > most:
            yield batch
            batch, size = [], 0
        batch.append(outcome)
        size += length
    if batch:
        yield batch


def pack(origin: Origin, outcomes: Sequence[Outcome]) -> bytes:
    """Rows and their origin as bytes."""
    text = json.dumps([asdict(origin), outcomes], separators=(",", ":"))
    return zlib.compress(text.encode(), _LEVEL)


def unpack(data: bytes) -> tuple[Origin, list[Outcome]]:
    """The same, read back. Raises ValueError for what are none."""
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(data, _MOST)
    except zlib.error as error:
        raise ValueError(f"these are no rows: {error}") from None
    if inflating.unconsumed_tail or not inflating.eof:
        raise ValueError("these are no rows, or not whole")
    try:
        origin, rows = json.loads(text)
        return Origin(**origin), [outcome_from(*row) for row in rows]
    except (TypeError, AttributeError) as error:
        raise ValueError(f"these are no rows: {error}") from None


def pieces(data: bytes, size: int = PIECE) -> list[bytes]:
    """Bytes cut into pieces, in their order; one at least."""
    return [data[start : start + size] for start in range(0, len(data), size)] or [b""]
