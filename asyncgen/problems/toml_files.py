"""TOML files that somebody has written, or a UsageError that says what is wrong with them."""

import tomllib
from pathlib import Path
from typing import Any

from asyncgen.problems.errors import UsageError

MAX_FILE_BYTES = 1 << 16


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The tables of a file that is to be such a thing, as "distribution". Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise UsageError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(f"more than {MAX_FILE_BYTES} bytes: this is no {what}")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except RecursionError:
        raise UsageError(f"no {what}: values are nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise UsageError(f"not TOML: {error}") from None
