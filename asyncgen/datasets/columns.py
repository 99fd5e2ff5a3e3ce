"""The columns that exported rows have, and the way of an outcome into them."""

import json
from typing import Any

from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome
from asyncgen.problems.typed import unknown

Row = dict[str, Any]

COLUMNS: dict[str, type] = {
    "kind": str,
    "status": str,
    "problem_prefix": str,
    "answer_prefix": str,
    "integrand": str,
    "integral": str,
    "operators": int,
    "engine": str,
    "continuous": str,
    "real": str,
    "real_answer": str,
    "reason": str,
    "proof": str,
    "dropped": str,
    "cpu_seconds": float,
    "wall_seconds": float,
    "spec": str,  # SHA-256 of the store's specification, in hex
    "index": int,  # of the row in its store
    "input": str,  # problem and answer as in the published files, where there is an answer to be taught
    "output": str,
    "form_mark": str,  # in hex; problems with the same one are the same
    "values_mark": str,  # in hex; decides the part
    "steps": str,  # the derivation as JSON
}
EVERY = tuple(name for name in COLUMNS if name != "steps")  # which is worked out on request only
DEFAULT = tuple(
    name
    for name in EVERY
    if name not in ("reason", "proof", "dropped", "input", "output", "form_mark", "values_mark")
    and not name.endswith("_seconds")
)
PAIR = frozenset(("input", "output"))  # in the published notation
OWN = frozenset(("problem_prefix", "answer_prefix", "integrand", "integral", "real_answer"))
_FROM_OUTCOME = [name for name in COLUMNS if name in Outcome._fields]


def read_columns(text: str) -> tuple[str, ...]:
    """Read a list such as "kind,integrand,integral"; UsageError for a column that does not exist."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in COLUMNS:
            raise UsageError(f"--columns: there is no column {unknown(name, COLUMNS)}")
    if len(set(names)) < len(names):
        raise UsageError(f"--columns {text}: a column is named twice")
    return names


def row_of(outcome: Outcome, **others: str | None) -> Row:
    """The columns of a row by name; `others` are those that an outcome does not have."""
    known = {name: getattr(outcome, name) for name in _FROM_OUTCOME} | others
    return {**{name: known[name] for name in COLUMNS}, "status": outcome.status.value}


def packed(row: Outcome, **others: str | None) -> str:
    """A row with its other columns as text, from which `unpacked` makes it again."""
    return json.dumps(list(row_of(row, **others).values()), separators=(",", ":"))


def unpacked(text: str) -> Row:
    """The columns of a packed row by name."""
    return dict(zip(COLUMNS, json.loads(text), strict=True))
