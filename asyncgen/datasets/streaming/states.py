"""The state of a stream as JSON values: whether it has the form that a stream writes.

A state lies in a file beside a model, and may come back damaged. What it says is compared elsewhere.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from asyncgen.problems.typed import shown_value

FORMAT = "asyncgen stream 1"


def check_form(state: Any) -> None:
    """Raise ValueError, which names the part that is wrong, unless a stream may have written this."""
    if not isinstance(state, dict) or state.get("format") != FORMAT or not _FORMS.keys() <= state.keys():
        raise ValueError("this is no state of a stream of rows, or one of another version")
    for name, is_right in _FORMS.items():
        if not is_right(state[name]):
            raise ValueError(f"this state of a stream is damaged: {name} is {shown_value(state[name])}")


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_list_of(is_right: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, list) and all(map(is_right, value))


def _is_part(value: Any) -> bool:
    """Whether it is [low, high, weight] of a law."""
    if not isinstance(value, list) or len(value) != 3:
        return False
    low, high, weight = value
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    return _is_index(low) and _is_index(high) and is_number


def _is_law(value: Any) -> bool:
    return _is_list_of(_is_part, value) and bool(value)


def _is_change(value: Any) -> bool:
    """Whether it is [index, law]."""
    return isinstance(value, list) and len(value) == 2 and _is_index(value[0]) and _is_law(value[1])


def _are_changes(value: Any) -> bool:
    """Whether they are changes, in the order of their indices."""
    return _is_list_of(_is_change, value) and all(earlier[0] < later[0] for earlier, later in pairwise(value))


def _is_law_here(value: Any) -> bool:
    """Whether it is the index that comes next and its law, None for that of the specification."""
    if value is None:
        return True
    is_pair = isinstance(value, list) and len(value) == 2 and _is_index(value[0])
    return is_pair and (value[1] is None or _is_law(value[1]))


def _are_positions(value: Any) -> bool:
    """Whether they say where reading began, and what each of several readers reads next."""
    return (
        isinstance(value, dict)
        and _is_index(value.get("start"))
        and _is_list_of(
            lambda layer: _is_list_of(_is_index, layer) and bool(layer) and min(layer) >= value["start"],
            value.get("next"),
        )
    )


_FORMS: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: isinstance(value, str),
    "spec": lambda value: isinstance(value, str),
    "settings": lambda value: isinstance(value, dict),
    "positions": _are_positions,
    "operators": _are_changes,
    "law": _is_law_here,
}
