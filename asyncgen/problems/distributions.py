"""How functions are drawn: the named presets, and a TOML file that changes parts of one.

Every fault, in a file or a Distribution, is a UsageError of one line: what, where, what to do.
"""

import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from asyncgen.problems.errors import UsageError
from asyncgen.problems.spec import Distribution, GeometricIntegers, OperatorCount, UniformIntegers, Weights
from asyncgen.problems.tokens import BINARY, UNARY

# `rac` is left out of sampling: a root of random order says nothing that `pow` and `div` do not.
SAMPLED_BINARY = tuple(name for name in BINARY if name != "rac")
SAMPLED_LEAVES = ("x", "integer", "pi", "E")
MAX_OPERATORS = 100
MAX_INTEGERS = 100_000  # each integer that may be drawn has an entry in a table
MAX_RATIO = 0.99
MAX_FILE_BYTES = 1 << 16
LEAST_SHARE_OF_X = 1 / 1000  # a function without x is drawn again: this bounds how often


def _even(names: str, weight: float = 1.0) -> Weights:
    return tuple((name, weight) for name in names.split())


PRESETS: dict[str, Distribution] = {
    # The released data of Lample & Charton (arXiv 1912.01412, appendix C), forward generation.
    "lample-charton": Distribution(
        binary=(("add", 10.0), ("mul", 10.0), ("div", 5.0), ("sub", 3.0)),
        unary=(
            *_even("sqrt pow2 ln exp sin cos tan", 4.0),
            ("pow3", 2.0),
            *_even("pow4 pow5 asin acos atan sinh cosh tanh asinh acosh atanh"),
        ),
        leaves=(("x", 0.75), ("integer", 0.25)),
        integers=UniformIntegers(low=1, high=5),
        operators=(OperatorCount(3, 15, 39.0), OperatorCount(0, 2, 1.0)),
    ),
    # The law of cckolon/intclass: operators alike, integers floor(1 - ln U), U uniform in (0, 1).
    "intclass": Distribution(
        binary=_even("add sub mul div pow"),
        unary=_even("ln exp sin cos tan sqrt asin acos atan"),
        leaves=(("x", 0.5), ("integer", 0.5)),
        integers=GeometricIntegers(ratio=0.36787944117144233),  # 1/e
        operators=(OperatorCount(1, 15),),
    ),
}
DEFAULT_PRESET = "lample-charton"


def preset(name: str) -> Distribution:
    """The preset of this name; UsageError, with the nearest name, if there is none."""
    if name not in PRESETS:
        raise UsageError(f"no preset {_unknown(name, PRESETS)}")
    return PRESETS[name]


def with_operator_range(distribution: Distribution, low: int | None, high: int | None) -> Distribution:
    """The distribution with its operator counts moved into low..high; None leaves a bound alone.

    Both bounds: uniform in low..high. One bound: every part keeps its weight and is cut there, a
    part with nothing left goes, and the outermost parts stretch to a bound that lies beyond them.
    """
    parts = distribution.operators
    if low is not None and high is not None:
        parts = (OperatorCount(low, high),)
    elif low is not None:
        least = min(part.low for part in parts)
        starts = (low if part.low == least else max(low, part.low) for part in parts)
        parts = tuple(replace(part, low=start) for part, start in zip(parts, starts, strict=True))
    elif high is not None:
        most = max(part.high for part in parts)
        ends = (high if part.high == most else min(high, part.high) for part in parts)
        parts = tuple(replace(part, high=end) for part, end in zip(parts, ends, strict=True))
    if low is None or high is None:
        parts = tuple(part for part in parts if part.low <= part.high)
    if not parts:
        raise UsageError("no operator count of the distribution is in that range: give both bounds")
    changed = replace(distribution, operators=parts)
    check_distribution(changed)
    return changed


def load_distribution(path: Path, base: Distribution, chosen: str | None = None) -> Distribution:
    """The distribution that a TOML file describes: `base`, or the preset it names, with its tables.

    A table given replaces that table whole. `chosen` is the preset that somebody has asked for besides the
    file, if any: the file may not name another. Raises UsageError, which names the file, on any fault.
    """
    try:
        tables = _read_toml(path)
        named = tables.get("preset", chosen)
        if chosen is not None and named != chosen:
            raise UsageError(
                f"names the preset {_shown(named)}, and --preset {chosen} another: leave one out"
            )
        return _from_tables(tables, base)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise UsageError(f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if len(data) > MAX_FILE_BYTES:
        raise UsageError(f"more than {MAX_FILE_BYTES} bytes: this is no distribution")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except RecursionError:
        raise UsageError("not a distribution: values are nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise UsageError(f"not TOML: {error}") from None


def _from_tables(tables: dict[str, Any], base: Distribution) -> Distribution:
    _known("", tables, ("preset", "binary", "unary", "leaves", "integers", "operators", "shape"))
    if "preset" in tables:
        name = tables["preset"]
        if not isinstance(name, str):
            raise UsageError(f"preset must be a name in quotes, one of {', '.join(PRESETS)}")
        base = preset(name)
    parts: dict[str, Any] = {
        name: _weights(name, tables[name]) for name in ("binary", "unary", "leaves") if name in tables
    }
    readers = {"integers": _integers, "operators": _operators, "shape": _shape}
    parts |= {name: read(tables[name]) for name, read in readers.items() if name in tables}
    distribution = replace(base, **parts)
    check_distribution(distribution)
    return distribution


def _weights(name: str, table: Any) -> Weights:
    table = _table(name, table)
    return tuple((key, _weight(f"[{name}] {key}", value)) for key, value in table.items())


def _integers(table: Any) -> UniformIntegers | GeometricIntegers:
    table = dict(_table("integers", table))
    law = table.pop("law", "uniform")
    if law == "geometric":
        _known("[integers] ", table, ("ratio",))
        return GeometricIntegers(_number("[integers] ratio", table.get("ratio")))
    if law == "uniform":
        _known("[integers] ", table, ("low", "high", "nonzero"))
        return UniformIntegers(**table)
    raise UsageError(f'[integers] law must be "uniform" or "geometric", not {_shown(law)}')


def _operators(tables: Any) -> tuple[OperatorCount, ...]:
    if not isinstance(tables, list):
        raise UsageError("operators is a list of tables: write [[operators]] above each")
    return tuple(_operator_count(_table("operators", table)) for table in tables)


def _operator_count(table: dict[str, Any]) -> OperatorCount:
    _known("[[operators]] ", table, ("low", "high", "weight"))
    for name in ("low", "high"):
        if name not in table:
            raise UsageError(f"[[operators]] needs {name}: write {name} = NUMBER below it")
    weight = _weight("[[operators]] weight", table.get("weight", 1.0))
    return OperatorCount(table["low"], table["high"], weight)


def _shape(table: Any) -> tuple[Any, Any, Any]:
    table = _table("shape", table)
    _known("[shape] ", table, ("leaves", "unary", "binary"))
    return table.get("leaves", 1), table.get("unary", 1), table.get("binary", 1)


def check_distribution(distribution: Distribution) -> None:
    """Raise UsageError, which names the wrong part, if nothing can be drawn from this."""
    _check_weights("binary", distribution.binary, SAMPLED_BINARY)
    _check_weights("unary", distribution.unary, UNARY)
    _check_leaves(distribution.leaves)
    _check_integers(distribution.integers)
    _check_operators(distribution.operators)
    _check_shape(distribution)


def _check_weights(table: str, weights: Weights, allowed: Collection[str]) -> None:
    for name, weight in weights:
        if name not in allowed:
            raise UsageError(f"[{table}] has no {_unknown(name, allowed)}")
        _weight(f"[{table}] {name}", weight)
    if len({name for name, _ in weights}) < len(weights):
        raise UsageError(f"[{table}] gives a name twice: keep one of the two")
    if weights and not any(weight for _, weight in weights):
        raise UsageError(f"[{table}] has only weights of 0: give one a positive weight")


def _check_leaves(weights: Weights) -> None:
    _check_weights("leaves", weights, SAMPLED_LEAVES)
    share = dict(weights).get("x", 0.0)
    if share == 0 or share < LEAST_SHARE_OF_X * sum(weight for _, weight in weights):
        raise UsageError(
            "[leaves] x has too little weight, and every function needs an x: "
            f"give it at least {LEAST_SHARE_OF_X} of the total"
        )


def _check_integers(law: UniformIntegers | GeometricIntegers) -> None:
    if isinstance(law, GeometricIntegers):
        if not 0 < _number("[integers] ratio", law.ratio) <= MAX_RATIO:
            raise UsageError(f"[integers] ratio must lie above 0 and up to {MAX_RATIO}")
        return
    low, high = _whole("[integers] low", law.low), _whole("[integers] high", law.high)
    if not isinstance(law.nonzero, bool):
        raise UsageError("[integers] nonzero must be true or false")
    _ordered("[integers]", low, high)
    if high - low >= MAX_INTEGERS or max(-low, high) > 10**15:
        raise UsageError(f"[integers] low..high holds too much: at most {MAX_INTEGERS} integers")
    if law.nonzero and low == high == 0:
        raise UsageError("[integers] has nothing but 0, which nonzero = true leaves out: widen it")


def _check_operators(parts: Collection[OperatorCount]) -> None:
    for part in parts:
        low, high = _whole("operators low", part.low), _whole("operators high", part.high)
        _ordered("operators", low, high)
        if low < 0 or high > MAX_OPERATORS:
            raise UsageError(f"operators {low}..{high} must lie within 0..{MAX_OPERATORS}")
        _weight("operators weight", part.weight)
    if not any(part.weight for part in parts):
        raise UsageError("operators has no part of positive weight: give at least one")


def _check_shape(distribution: Distribution) -> None:
    names = ("leaves", "unary", "binary")
    sizes = {
        name: _whole(f"[shape] {name}", size) for name, size in zip(names, distribution.shape, strict=True)
    }
    if not 1 <= sizes["leaves"] <= 1000 or not all(0 <= size <= 1000 for size in sizes.values()):
        raise UsageError("[shape] leaves must lie in 1..1000, unary and binary in 0..1000")
    if not any(shape_of_trees(distribution)[1:]) and any(
        part.high for part in distribution.operators if part.weight
    ):
        raise UsageError("there are no operators to build from: add names to [unary] or [binary]")


def shape_of_trees(distribution: Distribution) -> tuple[int, int, int]:
    """(L, p1, p2) of the tree counts, with 0 for an arity that has no operators."""
    leaves, unary, binary = distribution.shape
    return leaves, unary if distribution.unary else 0, binary if distribution.binary else 0


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{name} is a table: write [{name}] and its lines below")
    return value


def _known(where: str, given: Mapping[str, Any], allowed: Collection[str]) -> None:
    for key in given:
        if key not in allowed:
            raise UsageError(f"{where}has no {_unknown(key, allowed)}")


def _unknown(name: str, allowed: Collection[str]) -> str:
    """The name in quotes, with the one that was probably meant or those that there are."""
    near = get_close_matches(name[:40], allowed, n=1)
    return f"{_shown(name)}; " + (
        f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(allowed)}"
    )


def _weight(where: str, value: Any) -> float:
    if (weight := _number(where, value)) < 0:
        raise UsageError(f"{where}: a weight is 0 or more, not {_shown(value)}")
    return weight


def _number(where: str, value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 1e15
        or math.isnan(value)
    ):
        raise UsageError(f"{where} must be a finite number (at most 1e15), not {_shown(value)}")
    return float(value)


def _whole(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{where} must be a whole number, not {_shown(value)}")
    return value


def _ordered(where: str, low: int, high: int) -> None:
    if low > high:
        raise UsageError(f"{where}: low {_shown(low)} is more than high {_shown(high)}: exchange them")


def _shown(value: object) -> str:
    """A value in a message: short, and printable on any terminal."""
    try:
        text = ascii(value)
    except ValueError:  # Python prints no integer of more than 4300 digits
        return "a huge number"
    return text if len(text) <= 40 else text[:40] + "..."
