"""A derivation as values for JSON, with formulas as text in the notation of Python.

Each record has the fields of its class in `problems.derivations`; steps and obstructions have their kind
before. Primes are text, as they are larger than what some readers of JSON hold.
"""

from dataclasses import fields
from enum import Enum
from typing import Any, get_args

from asyncgen.problems.derivations import Derivation, Formula
from asyncgen.problems.infix_text import infix_of

VERSION = 1  # of the schema; fields may be added without another one
_OF_CLASSES = ("kind", "section", "rests_on")  # the values of a class that are written with its fields


def record(derivation: Derivation) -> dict[str, Any]:
    """The whole, the version of its schema first."""
    return {"schema": VERSION, **_record(derivation)}


def _record(value: Any) -> dict[str, Any]:
    """A record's fields by name; those of its class first."""
    own = {field.name: _value(getattr(value, field.name), field.type) for field in fields(value)}
    known = {name: getattr(value, name) for name in _OF_CLASSES if name not in own and hasattr(value, name)}
    return {**known, **own}


def _value(value: Any, hint: Any) -> Any:
    if isinstance(value, tuple) and hint is not Formula:
        return [_value(item, (get_args(hint) or (None,))[0]) for item in value]
    if hint is Formula:
        return None if value is None else infix_of(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int) and value.bit_length() > 53:
        return str(value)
    return _record(value) if hasattr(value, "__dataclass_fields__") else value
