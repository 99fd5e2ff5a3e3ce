"""The page of presets and of the configuration file: what decides which functions are drawn."""

from dataclasses import MISSING, Field, fields
from typing import Any, NamedTuple

from asyncgen.problems.distributions import (
    DEFAULT_PRESET,
    LEAST_SHARE_OF_X,
    MAX_INTEGERS,
    MAX_OPERATORS,
    MAX_RATIO,
    PRESETS,
    SAMPLED_BINARY,
    SAMPLED_LEAVES,
)
from asyncgen.problems.kinds import KINDS
from asyncgen.problems.spec import (
    Distribution,
    GeometricIntegers,
    OperatorCount,
    UniformIntegers,
    Weights,
)
from reference.markdown import code, codes, table


class Key(NamedTuple):
    """A key of the configuration file; `default` of None is the preset's table."""

    table: str
    name: str
    type: str
    meaning: str
    default: str | None = None


def presets() -> str:
    """One table for all presets, a column each."""
    rows = [
        ("binary operators", *(_weights(preset.binary) for preset in PRESETS.values())),
        ("unary operators", *(_weights(preset.unary) for preset in PRESETS.values())),
        ("leaves", *(_weights(preset.leaves) for preset in PRESETS.values())),
        ("integers", *(_integers(preset) for preset in PRESETS.values())),
        ("number of operators", *(_operators(preset) for preset in PRESETS.values())),
        ("shape of trees", *(_shape(preset) for preset in PRESETS.values())),
    ]
    return table(("of the preset", *map(code, PRESETS)), rows)


def configuration() -> str:
    """The table of keys."""
    rows = [
        (
            key.table,
            code(key.name),
            key.type,
            key.meaning,
            "as the preset" if key.default is None else key.default,
        )
        for key in KEYS
    ]
    return table(("table", "key", "type", "meaning", "default"), rows)


def _weights(weights: Weights) -> str:
    """Names with their weights; names of one weight stand together."""
    names: dict[float, list[str]] = {}
    for name, weight in weights:
        names.setdefault(weight, []).append(name)
    return "; ".join(f"{codes(group)}: {weight:g}" for weight, group in names.items())


def _integers(preset: Distribution) -> str:
    law = preset.integers
    if isinstance(law, GeometricIntegers):
        return f"1, 2, 3, ...; each {law.ratio:.4f} times as likely as the one before it"
    without = " without 0" if law.nonzero and law.low <= 0 <= law.high else ""
    return f"uniform in {law.low}..{law.high}{without}"


def _operators(preset: Distribution) -> str:
    total = sum(part.weight for part in preset.operators)
    return "; ".join(f"{part.low}..{part.high}: {part.weight / total:.1%}" for part in preset.operators)


def _shape(preset: Distribution) -> str:
    return ", ".join(
        f"{name} {size}" for name, size in zip(("leaves", "unary", "binary"), preset.shape, strict=True)
    )


def _default(record: type[Any], name: str) -> str:
    """The default of a field, as TOML writes it."""
    found: Field[Any] = next(field for field in fields(record) if field.name == name)
    if found.default is MISSING:
        return "to be given"
    if isinstance(found.default, str):
        return code(f'"{found.default}"')
    return code(str(found.default).lower())


_SHAPE: Any = next(field.default for field in fields(Distribution) if field.name == "shape")

KEYS = (
    Key(
        "at the top",
        "preset",
        "text",
        f"the preset to start from: {codes(PRESETS)}",
        code(f'"{DEFAULT_PRESET}"'),
    ),
    Key(
        "`[kinds]`",
        "NAME",
        "number",
        f"weight of a kind of problem: {codes(KINDS)}; with one name all are of that kind",
        '"forward"',
    ),
    Key("`[binary]`", "NAME", "number", f"weight of a binary operator: {codes(SAMPLED_BINARY)}"),
    Key(
        "`[unary]`",
        "NAME",
        "number",
        "weight of a unary operator: any [unary token](tokens.md#unary-operators)",
    ),
    Key(
        "`[leaves]`",
        "NAME",
        "number",
        f"weight of a leaf: {codes(SAMPLED_LEAVES)}; `x` needs {LEAST_SHARE_OF_X} of the total at least",
    ),
    Key("`[integers]`", "law", "text", '`"uniform"` or `"geometric"`', _default(UniformIntegers, "law")),
    Key(
        "`[integers]`",
        "low",
        "whole number",
        f"uniform: the least integer; at most {MAX_INTEGERS} integers in all",
        _default(UniformIntegers, "low"),
    ),
    Key(
        "`[integers]`",
        "high",
        "whole number",
        "uniform: the largest integer",
        _default(UniformIntegers, "high"),
    ),
    Key(
        "`[integers]`",
        "nonzero",
        "true or false",
        "uniform: whether 0 is left out",
        _default(UniformIntegers, "nonzero"),
    ),
    Key(
        "`[integers]`",
        "ratio",
        "number",
        f"geometric: how likely 2 is compared with 1, 3 with 2, ...; above 0, at most {MAX_RATIO}",
        _default(GeometricIntegers, "ratio"),
    ),
    Key(
        "`[[operators]]`",
        "low",
        "whole number",
        f"fewest operators of a function in this part; 0..{MAX_OPERATORS}",
        _default(OperatorCount, "low"),
    ),
    Key(
        "`[[operators]]`",
        "high",
        "whole number",
        f"most operators of a function in this part; 0..{MAX_OPERATORS}",
        _default(OperatorCount, "high"),
    ),
    Key(
        "`[[operators]]`",
        "weight",
        "number",
        "how often this part is chosen, compared with the others; within it all numbers are alike",
        _default(OperatorCount, "weight"),
    ),
    *(
        Key(
            "`[shape]`",
            name,
            "whole number",
            f"how much each {what} counts in the weight of a tree's shape; {least}..1000",
            code(size),
        )
        for name, what, least, size in zip(
            ("leaves", "unary", "binary"),
            ("leaf", "unary operator", "binary operator"),
            (1, 0, 0),
            _SHAPE,
            strict=True,
        )
    ),
)
