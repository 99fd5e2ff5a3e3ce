"""The table of known pairs: functions with their antiderivatives, for the kinds of problem that look them up.

The name of the file holds the beginning of its SHA-256. A specification whose rows depend on the table holds
all of it, so that a store refuses to be gone on with by another table.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from asyncgen.problems.errors import UsageError

_SHA256 = "48f0514ab5d5414342c84a6a62e4f592efd064d5ef4ad8f400a468fcb1bd2ab6"
_FOLDER = Path(__file__).parent / "data"


class KnownPair(NamedTuple):
    """What a line says of the function that its key stands for."""

    factor: str
    antiderivative: str  # in prefix notation


Table = Mapping[str, KnownPair]  # by key


def digest() -> str:
    """SHA-256 (hex) of the table."""
    return _SHA256


def path() -> Path:
    """Where the table lies."""
    return _FOLDER / f"known-pairs-{_SHA256[:12]}.tsv"


@lru_cache(maxsize=1)
def known_pairs() -> Table:
    """The table by key, in the order of its lines. Raises UsageError if the file is not as it was made."""
    data = content()
    lines = (line.split("\t") for line in data.decode().splitlines())
    return MappingProxyType({key: KnownPair(factor, answer) for key, factor, answer in lines})


def content() -> bytes:
    """The file as it was made. Raises UsageError if it is not."""
    try:
        data = path().read_bytes()
    except OSError as error:
        raise UsageError(f"{path()} cannot be read ({error.strerror}): install asyncgen anew") from None
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise UsageError(f"{path()} is not as it was made: install asyncgen anew")
    return data
