"""The data sets that lie in one Parquet export side by side, each with columns of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from asyncgen.datasets.columns import COLUMNS, Row
from asyncgen.problems.kinds import EQUATIONS
from asyncgen.problems.records import Status

Values = dict[str, object]


class Configuration(NamedTuple):
    """A data set: its name, its columns with their types, the way of a row into it (None: it is not in)."""

    name: str
    columns: Mapping[str, type]
    values: Callable[[Row], Values | None]


def configurations(columns: Sequence[str], statuses: set[str], proof: bool) -> list[Configuration]:
    """Those that an export has, the most useful one first.

    `statuses`: of the rows. A classifier needs rows of both labels: with one alone there is nothing to learn.
    """
    found = [Configuration("seq2seq", {"input": str, "output": str}, _pair)]
    if Status.NONELEMENTARY in statuses and not statuses.isdisjoint(_CLOSED):
        more = {"proof": str} if proof else {}
        found.append(Configuration("classifier", {"text": str, "label": int, **more}, _labelled(proof)))
    chosen = {name: COLUMNS[name] for name in columns}
    found.append(Configuration("rows", chosen, lambda row: {name: row[name] for name in chosen}))
    return found


_CLOSED = frozenset(status.value for status in Status if status.success)


def _pair(row: Row) -> Values | None:
    if row["input"] is None:
        return None
    return {"input": row["input"], "output": row["output"]}


def _labelled(proof: bool) -> Callable[[Row], Values | None]:
    """Whether a function has an antiderivative in closed form: 1 if one is known, 0 if there is a proof."""

    def values(row: Row) -> Values | None:
        label = 1 if row["status"] in _CLOSED else 0
        if row["kind"] in EQUATIONS or not (label or row["status"] == Status.NONELEMENTARY):
            return None
        found: Values = {"text": row["problem_prefix"], "label": label}
        return {**found, "proof": row["proof"]} if proof else found

    return values
