"""A TOML file that says what is drawn: a preset, parts of it that are changed, and the kinds of problem.

Every fault is a UsageError of one line, which names the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from asyncgen.problems import known_pairs
from asyncgen.problems.distributions import (
    DEFAULT_PRESET,
    PAPER_PRESET,
    PRESETS,
    check_distribution,
    check_spec,
    law_within,
    preset,
)
from asyncgen.problems.distributions import preset as _preset
from asyncgen.problems.errors import UsageError
from asyncgen.problems.kinds import FORWARD, KINDS, MIXTURE, PAPER_LAWS, WITH_FORMS, WITH_TABLE, WITHOUT_TREES
from asyncgen.problems.spec import (
    Distribution,
    GeometricIntegers,
    Law,
    OperatorCount,
    Share,
    Spec,
    UniformIntegers,
    Weights,
)
from asyncgen.problems.toml_files import read_toml
from asyncgen.problems.typed import (
    check_names,
    number_in,
    shown_value,
    table_in,
    unknown,
    weight_in,
    whole_in,
)

_ONE: Weights = ((FORWARD, 1.0),)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is drawn: the distribution, and which kinds of problem by weight.

    preset: the preset whose operator counts these are; None where somebody has given others.
    """

    distribution: Distribution
    kinds: Weights = _ONE
    preset: str | None = None

    @property
    def laws(self) -> Mapping[str, Law]:
        """The law of the operator counts of each kind that draws trees; in the paper each has its own."""
        laws = PAPER_LAWS if self.preset == PAPER_PRESET else {}
        named = (kind for kind, _ in self.kinds if kind not in WITHOUT_TREES)
        return {kind: laws.get(kind, self.distribution.operators) for kind in named}

    def within(self, low: int | None, high: int | None) -> Mapping[str, Law]:
        """The same laws moved into low..high, as `law_within` does."""
        if not self.laws and (low is not None or high is not None):
            raise UsageError(f"--min-ops and --max-ops: {self.said} no number of operators, leave them out")
        return {kind: law_within(law, low, high) for kind, law in self.laws.items()}

    def check(self) -> None:
        """Raise UsageError where operator counts were given for kinds that have none."""
        if not self.laws and self.preset is None:
            raise UsageError(f"[[operators]]: {self.said} no number of operators, leave it out")

    @property
    def said(self) -> str:
        """The kinds, as the beginning of a sentence."""
        names = " and ".join(kind for kind, _ in self.kinds)
        return f"{names} {'has' if len(self.kinds) == 1 else 'have'}"


def specification(
    configuration: Configuration,
    laws: Mapping[str, Law],
    seed: int = 0,
    *,
    published: bool = False,
    structural: bool = False,
) -> Spec:
    """The specification of the one kind that is named, or of a mixture of several."""
    if published and configuration.kinds == _ONE:
        raise UsageError("--published is for kinds that are built with their answers, not for forward")
    if structural and not any(kind in WITH_FORMS for kind, _ in configuration.kinds):
        raise UsageError(
            f"--structural is for {', '.join(WITH_FORMS)}: the form of other kinds is not chosen"
        )
    distribution = configuration.distribution
    shares = tuple(Share(kind, weight, laws.get(kind, ())) for kind, weight in configuration.kinds)
    source = known_pairs.digest() if any(share.kind in WITH_TABLE for share in shares) else None
    spec = Spec(
        distribution, MIXTURE, seed, source, mixture=shares, published=published, structural=structural
    )
    if len(shares) == 1:
        law = shares[0].operators or distribution.operators
        distribution = replace(distribution, operators=law)
        spec = replace(spec, distribution=distribution, kind=shares[0].kind, mixture=())
    check_spec(spec)
    return spec


def spec_for(
    kinds: str | Mapping[str, float] = FORWARD,
    *,
    seed: int = 0,
    preset: str = DEFAULT_PRESET,
    operators: tuple[int, int] | None = None,
    published: bool = False,
) -> Spec:
    """The specification of a kind of problem, or of a mixture of kinds by weight, as the command makes it.

    `seed`: any whole number, also below 0; another one, other problems. `operators`: the least and the
    greatest number of them, the same for each kind that has any; by default each kind has the law of the
    preset. `published`: with the filters and the notation of the published files. Raises UsageError.
    """
    if not isinstance(kinds, str | Mapping):
        raise UsageError(f"kinds are a name, or weights by name, not {shown_value(kinds)}")
    weights = _kinds({kinds: 1.0} if isinstance(kinds, str) else dict(kinds))
    chosen = Configuration(_preset(preset), weights, preset)
    if operators is not None and not chosen.laws:
        raise UsageError(f"operators: {chosen.said} no number of operators, leave it out")
    laws = chosen.within(*((None, None) if operators is None else _bounds(operators)))
    return specification(chosen, laws, whole_in("seed", seed), published=published)


def _bounds(operators: Any) -> tuple[int, int]:
    """The least and the greatest number of operators, if it is them. Raises UsageError."""
    if not isinstance(operators, list | tuple) or len(operators) != 2:
        raise UsageError(f"operators are (low, high), not {shown_value(operators)}")
    low, high = (whole_in("operators", bound) for bound in operators)
    return low, high


def load_configuration(
    path: Path | None, chosen: str | None = None, kind: str | None = None
) -> Configuration:
    """What a TOML file says: the preset it names, by default the first, with its tables; and its kinds.

    A table given replaces that table whole. `chosen` is the preset, and `kind` the kind of problem, that
    somebody has asked for besides the file, if any: the file may say no other. Without a file they are all.
    Raises UsageError, which names the file, on any fault.
    """
    if kind is not None and kind not in KINDS:
        if "," in kind:
            raise UsageError(f"--kind {kind}: one kind only; for several give --config a table [kinds]")
        raise UsageError(f"--kind: there is no kind {unknown(kind, KINDS)}")
    if path is None:
        name = chosen or DEFAULT_PRESET
        return Configuration(preset(name), ((kind or FORWARD, 1.0),), name)
    try:
        tables = read_toml(path, "distribution")
        _check_choices(tables, chosen, kind)
        return _from_tables(tables, chosen or DEFAULT_PRESET, kind)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def load_distribution(path: Path) -> Distribution:
    """The distribution alone of such a file."""
    return load_configuration(path).distribution


def _check_choices(tables: dict[str, Any], chosen: str | None, kind: str | None) -> None:
    named = tables.get("preset", chosen)
    if chosen is not None and named != chosen:
        raise UsageError(
            f"names the preset {shown_value(named)}, and --preset {chosen} another: leave one out"
        )
    if kind is not None and "kinds" in tables and [name for name, _ in _kinds(tables["kinds"])] != [kind]:
        raise UsageError(f"its [kinds] are not those of --kind {kind}: leave one out")


def _from_tables(tables: dict[str, Any], name: str, kind: str | None) -> Configuration:
    readers: dict[str, Callable[[Any], Any]] = {
        **{table: partial(_weights, table) for table in ("binary", "unary", "leaves")},
        **{"integers": _integers, "operators": _operators, "shape": _shape},
    }
    check_names("", tables, ("preset", *readers, "kinds"))
    name = tables.get("preset", name)
    if not isinstance(name, str):
        raise UsageError(f"preset must be a name in quotes, one of {', '.join(PRESETS)}")
    parts = {table: read(tables[table]) for table, read in readers.items() if table in tables}
    distribution = replace(preset(name), **parts)
    check_distribution(distribution)
    kinds = ((kind or FORWARD, 1.0),) if "kinds" not in tables else _kinds(tables["kinds"])
    found = Configuration(distribution, kinds, None if "operators" in tables else name)
    found.check()
    return found


def _kinds(table: Any) -> Weights:
    """The kinds that a file names, those of weight 0 left out."""
    check_names("[kinds] ", table_in("kinds", table), KINDS)
    kinds = tuple((name, weight) for name, weight in _weights("kinds", table) if weight)
    if not table:
        raise UsageError("[kinds] is empty: write a kind and its weight below it, such as backward = 1.0")
    if not kinds:
        raise UsageError("[kinds] has only weights of 0: give one a positive weight")
    return kinds if len(kinds) > 1 else ((kinds[0][0], 1.0),)


def _weights(name: str, table: Any) -> Weights:
    table = table_in(name, table)
    return tuple((key, weight_in(f"[{name}] {key}", value)) for key, value in table.items())


def _integers(table: Any) -> UniformIntegers | GeometricIntegers:
    table = dict(table_in("integers", table))
    law = table.pop("law", "uniform")
    if law == "geometric":
        check_names("[integers] ", table, ("ratio",))
        return GeometricIntegers(number_in("[integers] ratio", table.get("ratio")))
    if law == "uniform":
        check_names("[integers] ", table, ("low", "high", "nonzero"))
        return UniformIntegers(**table)
    raise UsageError(f'[integers] law must be "uniform" or "geometric", not {shown_value(law)}')


def _operators(tables: Any) -> tuple[OperatorCount, ...]:
    if not isinstance(tables, list):
        raise UsageError("operators is a list of tables: write [[operators]] above each")
    return tuple(_operator_count(table_in("operators", table)) for table in tables)


def _operator_count(table: dict[str, Any]) -> OperatorCount:
    check_names("[[operators]] ", table, ("low", "high", "weight"))
    for name in ("low", "high"):
        if name not in table:
            raise UsageError(f"[[operators]] needs {name}: write {name} = NUMBER below it")
    weight = weight_in("[[operators]] weight", table.get("weight", 1.0))
    return OperatorCount(table["low"], table["high"], weight)


def _shape(table: Any) -> tuple[Any, Any, Any]:
    table = table_in("shape", table)
    check_names("[shape] ", table, ("leaves", "unary", "binary"))
    return table.get("leaves", 1), table.get("unary", 1), table.get("binary", 1)
