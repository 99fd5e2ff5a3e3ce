"""Names, numbers and tables that somebody has typed, or a UsageError that says what they should be."""

import math
import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from asyncgen.problems.errors import UsageError

_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}  # bytes


def table_in(name: str, value: Any) -> dict[str, Any]:
    """The value, if it is a table."""
    if not isinstance(value, dict):
        raise UsageError(f"{name} is a table: write [{name}] and its lines below")
    return value


def size_in(where: str, text: str) -> int | None:
    """The number of bytes that a text such as 1073741824, 800M, 1.5GB or 1Gi is; "none" gives None."""
    if text.lower() == "none":
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?i?)b?", text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise UsageError(f"{where} {text}: it must be a number of bytes such as 800M or 1Gi, or none")
    return int(float(match[1]) * _UNITS[match[2]])


def check_names(where: str, given: Collection[str], allowed: Collection[str]) -> None:
    """Raise UsageError, with the nearest name, if one is given that is not allowed."""
    for key in given:
        if key not in allowed:
            raise UsageError(f"{where}has no {unknown(key, allowed)}")


def unknown(name: str, allowed: Collection[str]) -> str:
    """The name in quotes, with the one that was probably meant or those that there are."""
    near = get_close_matches(name[:40], allowed, n=1)
    return f"{shown_value(name)}; " + (
        f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(allowed)}"
    )


def weight_in(where: str, value: Any) -> float:
    """The value, if it is a finite number of 0 or more."""
    if (found := number_in(where, value)) < 0:
        raise UsageError(f"{where}: a weight is 0 or more, not {shown_value(value)}")
    return found


def number_in(where: str, value: Any) -> float:
    """The value, if it is a finite number."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 1e15
        or math.isnan(value)
    ):
        raise UsageError(f"{where} must be a finite number (at most 1e15), not {shown_value(value)}")
    return float(value)


def whole_in(where: str, value: Any) -> int:
    """The value, if it is a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{where} must be a whole number, not {shown_value(value)}")
    return value


def check_order(where: str, low: int, high: int) -> None:
    """Raise UsageError if low is more than high."""
    if low > high:
        said = f"low {shown_value(low)} is more than high {shown_value(high)}"
        raise UsageError(f"{where}: {said}: exchange them")


def shown_value(value: object) -> str:
    """A value in a message: short, and printable on any terminal."""
    try:
        text = ascii(value)
    except ValueError:  # Python prints no integer of more than 4300 digits
        return "a huge number"
    return text if len(text) <= 40 else text[:40] + "..."
