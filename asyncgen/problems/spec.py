"""The specification of a data set: what decides its content, as text, read back, compared with another.

The text decides which functions there are, and a store keeps it. So it never changes for what a store may
hold: a field that is added later is declared with `later(default)`, and is written only where it differs from
that default. Then the specifications of before keep their text, their digest and their stores.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as fields_of
from typing import Any

_SHOWN = 4  # differences that one line can hold
_LATER = "later"  # marks a field that is left out at its default


def later(default: Any) -> Any:
    """A field of a specification that the first version did not have; the default is what held before."""
    return field(default=default, metadata={_LATER: True})


@dataclass(frozen=True, slots=True)
class UniformIntegers:
    """Integer leaves drawn uniformly from low..high, zero left out if `nonzero`."""

    low: int = 1
    high: int = 5
    nonzero: bool = True
    law: str = "uniform"


@dataclass(frozen=True, slots=True)
class GeometricIntegers:
    """Integer leaves 1, 2, 3, ... with P(k) proportional to ratio**k."""

    ratio: float
    law: str = "geometric"


@dataclass(frozen=True, slots=True)
class OperatorCount:
    """One part of the law of the number of operators: uniform in low..high, chosen with this weight."""

    low: int
    high: int
    weight: float = 1.0


Weights = tuple[tuple[str, float], ...]
Law = tuple[OperatorCount, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How functions are drawn. Weights need not sum to one; the order of the names is part of the content.

    `leaves` names among "x", "integer", "pi", "E". `shape` is (L, p1, p2) of the tree counts D(e, n).
    """

    binary: Weights
    unary: Weights
    leaves: Weights
    integers: UniformIntegers | GeometricIntegers
    operators: Law
    shape: tuple[int, int, int] = (1, 1, 1)


@dataclass(frozen=True, slots=True)
class Share:
    """One kind of problem in a mixture: its weight, and the law of its operator counts, if it has one."""

    kind: str
    weight: float
    operators: Law = ()


SAMPLING_VERSION = 1  # raised whenever the same specification would give other problems
READING_VERSION = 2  # the same for the lines of a file: raised whenever other ones are read as functions


@dataclass(frozen=True, slots=True)
class Spec:
    """All that decides the content of a stream of problems: problem i is a function of (spec, i).

    Functions are drawn from a distribution, or they come from a file: then `source` is the file's SHA-256.
    With `answers` the rows of a file are pairs, and these words say how they are read.
    Of kinds that look up known pairs it is that of the table. A mixture has several kinds: the kind of each
    index is drawn by weight, its operator count by the law of its share and not by the distribution's.
    """

    distribution: Distribution | None
    kind: str = "forward"
    seed: int = 0
    source: str | None = None  # SHA-256 (hex) of the file or store that this stream reads, if it reads one
    sampling: int = field(default=SAMPLING_VERSION)
    reading: int = later(1)  # how the lines of a file are read; without a file it says nothing
    mixture: tuple[Share, ...] = later(())
    published: bool = later(False)  # with the filters and the notation of the published files
    structural: bool = later(False)  # integrands in the form that is found first, not in the shortest
    answers: str = later("")  # how answers are read that come with the problems of a file; "" where none are

    @property
    def from_file(self) -> bool:
        """Whether the functions come from a file, not from a distribution."""
        return self.distribution is None

    @property
    def shares(self) -> tuple[Share, ...]:
        """The kinds of problem that there are; one with all the weight, if it is no mixture."""
        operators = () if self.distribution is None else self.distribution.operators
        return self.mixture or (Share(self.kind, 1.0, operators),)

    def as_dict(self) -> dict[str, Any]:
        """The specification as plain JSON values."""
        return json.loads(self.canonical())  # type: ignore[no-any-return]

    def canonical(self) -> str:
        """The one JSON text of this specification: sorted keys, no spaces, no later field at its default."""
        return json.dumps(self, default=_written, sort_keys=True, separators=(",", ":"))

    def digest(self) -> bytes:
        """SHA-256 of the canonical text (32 bytes)."""
        return hashlib.sha256(self.canonical().encode()).digest()


def _written(part: Any) -> dict[str, Any]:
    """The fields of a part of a specification that its text has."""
    if not is_dataclass(part):
        raise TypeError(f"{part!r} cannot be part of a specification")
    values = ((one, getattr(part, one.name)) for one in fields_of(part))
    return {one.name: value for one, value in values if _LATER not in one.metadata or value != one.default}


def parse_spec(text: str) -> Spec:
    """The specification in a store's canonical text; ValueError if this version knows it not."""
    try:
        fields = json.loads(text)
        from_file = fields["distribution"] is None and isinstance(fields["source"], str)
        distribution = None if from_file else _distribution(fields["distribution"])
        mixture = tuple(map(_share, fields.get("mixture", ())))
        spec = Spec(**{**fields, "distribution": distribution, "mixture": mixture})
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
        operators=_law(fields["operators"]),
        shape=tuple(fields["shape"]),
    )


def _share(fields: dict[str, Any]) -> Share:
    return Share(**{**fields, "operators": _law(fields["operators"])})


def _law(parts: list[dict[str, Any]]) -> Law:
    return tuple(OperatorCount(**part) for part in parts)


def _weights(pairs: list[list[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((name, weight) for name, weight in pairs)


def differences(there: dict[str, Any], here: dict[str, Any]) -> str:
    """Where two specifications differ, for one line: "seed is 1 there and 2 here; ..."."""
    if any(_is_from_file(spec) for spec in (there, here)):
        if there.get("source") == here.get("source"):
            if there.get("answers") != here.get("answers"):
                return f"the same file, read as {_read_as(there)} there, and as {_read_as(here)} here"
            return "the same file there and here, whose lines are read by other rules now"
        return f"{_origin(there)} there, {_origin(here)} here"
    found = [*_compare(_plain(there), _plain(here), ""), *_compare_laws(there, here)]
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _plain(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification with names for what people know under another one than its text has."""
    values = {name: value for name, value in spec.items() if name not in ("mixture", "source")}
    source = spec.get("source")
    values["published"] = spec.get("published", False)
    values["structural"] = spec.get("structural", False)
    values["the table of known pairs"] = f"{str(source)[:12]}..." if source else "none"
    values["kinds"] = [[share["kind"], share["weight"]] for share in spec.get("mixture", [])]
    return values


def _compare_laws(there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    """One text per law of operator counts that differs, of the kinds that both mixtures have."""
    before, now = (
        {share["kind"]: share["operators"] for share in spec.get("mixture", [])} for spec in (there, here)
    )
    for kind in before:
        if kind in now:
            yield from _compare(before[kind], now[kind], f"operators of {kind}")


def _is_from_file(spec: dict[str, Any]) -> bool:
    return "distribution" in spec and spec["distribution"] is None


def _read_as(spec: dict[str, Any]) -> str:
    """What is made of the records of a file."""
    answers = spec.get("answers")
    return f"problems with answers ({answers})" if answers else "functions without answers"


def _origin(spec: dict[str, Any]) -> str:
    """Where the functions of a specification come from."""
    if _is_from_file(spec):
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
