"""The specification that a store holds: read back, and compared with the one asked for."""

import json
from collections.abc import Iterator
from typing import Any

from asyncgen.records import (
    Distribution,
    GeometricIntegers,
    OperatorCount,
    Spec,
    UniformIntegers,
)

_SHOWN = 4  # differences that one line can hold


def parse_spec(text: str) -> Spec:
    """The specification in a store's canonical text; ValueError if this version knows it not."""
    try:
        fields = json.loads(text)
        given = fields["distribution"] is None and isinstance(fields["source"], str)
        distribution = None if given else _distribution(fields["distribution"])
        spec = Spec(**{**fields, "distribution": distribution})
        if spec.canonical() == text:
            return spec
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a specification: {error}") from None
    raise ValueError("the specification has another form")


def _distribution(fields: dict[str, Any]) -> Distribution:
    integers = fields["integers"]
    law = GeometricIntegers if integers["law"] == "geometric" else UniformIntegers
    return Distribution(
        binary=_weights(fields["binary"]),
        unary=_weights(fields["unary"]),
        leaves=_weights(fields["leaves"]),
        integers=law(**integers),
        operators=tuple(OperatorCount(**part) for part in fields["operators"]),
        shape=tuple(fields["shape"]),
    )


def _weights(pairs: list[list[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((name, weight) for name, weight in pairs)


def differences(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Where two specifications differ, for one line: "seed is 1 there and 2 here; ..."."""
    if any(_is_given(spec) for spec in (there, here)):
        return f"{_origin(there)} there, {_origin(here)} here"
    found = list(_compare(there, here, ""))
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _is_given(spec: dict[str, Any]) -> bool:
    return "distribution" in spec and spec["distribution"] is None


def _origin(spec: dict[str, Any]) -> str:
    """Where the functions of a specification come from."""
    if _is_given(spec):
        return f"those of a file with SHA-256 {str(spec.get('source'))[:12]}..."
    return "sampled ones"


def _compare(there: Any, here: Any, name: str) -> Iterator[str]:
    """One text per differing value, with the dotted name of its place."""
    if there == here:
        return
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted(there.keys() | here.keys()):
            yield from _compare(there.get(key), here.get(key), f"{name}.{key}" if name else key)
    elif _is_weights(there) and _is_weights(here):
        yield from _compare_weights(dict(there), dict(here), name)
    else:
        yield f"{name} is {json.dumps(there)} there and {json.dumps(here)} here"


def _is_weights(value: Any) -> bool:
    """Whether this is a list of [name, weight]."""
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in value
    )


def _compare_weights(there: dict[str, Any], here: dict[str, Any], name: str) -> Iterator[str]:
    changed = [key for key in {**there, **here} if there.get(key, 0) != here.get(key, 0)]
    for key in changed:
        yield f"{name}: {key} is {there.get(key, 0)} there and {here.get(key, 0)} here"
    if not changed:
        yield f"{name}: the order is {' '.join(there)} there and {' '.join(here)} here"
