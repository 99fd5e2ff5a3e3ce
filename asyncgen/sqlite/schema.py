"""The tables of a store in each version of them, and the way of an `Outcome` into a row.

`migration` brings a store of an earlier version to this one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from asyncgen.problems.records import Outcome

APPLICATION_ID = int.from_bytes(b"agen", "big")  # in the file's header: this is one of ours
SCHEMA_VERSION = 4  # in the file's header, as SQLite's user_version
VERSIONS = range(1, SCHEMA_VERSION + 1)  # those that can be read, and brought to the last

Row = tuple[Any, ...]

# STRICT tables (SQLite 3.37) refuse a value of the wrong type instead of storing it.
_STRICT = "STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""

_SPEC = f"""CREATE TABLE spec (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    text TEXT NOT NULL,
    digest TEXT NOT NULL
) {_STRICT}"""
_RUNS = f"""CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    chain INTEGER NOT NULL REFERENCES runs,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT,
    how_ended TEXT CHECK (how_ended IN ('done', 'stopped', 'failed')),
    start INTEGER,
    stop INTEGER,
    settings TEXT NOT NULL,
    versions TEXT NOT NULL,
    machine TEXT NOT NULL
) {_STRICT}"""
_COLUMNS = {  # all but the index, in the order that `SELECT *` shows
    "integrand": "TEXT NOT NULL",
    "integral": "TEXT",
    "success": "INTEGER NOT NULL CHECK (success = (status IN ('elementary', 'special')))",
    "kind": "TEXT NOT NULL",
    "status": "TEXT NOT NULL",
    "problem_prefix": "TEXT NOT NULL",
    "answer_prefix": "TEXT",
    "engine": "TEXT",
    "cpu_seconds": "REAL NOT NULL CHECK (cpu_seconds >= 0)",
    "wall_seconds": "REAL NOT NULL CHECK (wall_seconds >= 0)",
    "operators": "INTEGER NOT NULL CHECK (operators >= 0)",
    "reason": "TEXT",
    "proof": "TEXT CHECK (proof IS NULL OR status IN ('special', 'nonelementary'))",
    "continuous": "TEXT CHECK (continuous IN ('yes', 'no', 'unknown'))",
    "real": "TEXT CHECK (real IN ('yes', 'no', 'unknown'))",
    "real_answer": "TEXT",
    "dropped": "TEXT",
    "run": "INTEGER NOT NULL REFERENCES runs",
}
# The versions in which columns came.
_SINCE = {"proof": 2, "continuous": 3, "real": 3, "real_answer": 3, "dropped": 4}
_RULES = {  # for rows, with the versions in which they hold
    "integral IS NULL OR success": range(1, 3),
    "proof IS NOT NULL OR status <> 'nonelementary'": range(2, SCHEMA_VERSION + 1),
    "integral IS NULL OR success OR status = 'degenerate'": range(3, SCHEMA_VERSION + 1),
    "success OR (continuous IS NULL AND real IS NULL AND real_answer IS NULL)": range(3, SCHEMA_VERSION + 1),
}
# Counting 1 M rows by status: 0.05 s with it, 0.3 s without, for 1 us and 21 bytes a row.
_INDEX = "CREATE INDEX results_by_status ON results (status)"


def columns(version: int = SCHEMA_VERSION) -> list[str]:
    """The columns of `results` that follow the index, in their order."""
    return [name for name in _COLUMNS if _SINCE.get(name, 1) <= version]


def tables(version: int = SCHEMA_VERSION) -> Mapping[str, str]:
    """By name, the statements that make the tables, the index and the trigger of a version, to the letter."""
    content = "".join(f"\n    {name} {_COLUMNS[name]}," for name in columns(version))
    rules = (rule for rule, versions in _RULES.items() if version in versions)
    content += ",".join(f"\n    CHECK ({rule})" for rule in rules) + "\n"
    return {
        "spec": _SPEC,
        "runs": _RUNS,
        "results": f"CREATE TABLE results (idx INTEGER PRIMARY KEY CHECK (idx >= 0), {content}) {_STRICT}",
        "attempts": f"""CREATE TABLE attempts (
    idx INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    {content},
    PRIMARY KEY (idx, attempt)
) {_STRICT}""",
        "results_by_status": _INDEX,
        "keep_attempt": _trigger(columns(version)),
    }


def _trigger(names: Sequence[str]) -> str:
    """A retried row is updated, and this keeps what it was: no result is ever overwritten without trace."""
    old = ", ".join(f"OLD.{name}" for name in names)
    return f"""CREATE TRIGGER keep_attempt BEFORE UPDATE ON results BEGIN
    INSERT INTO attempts (idx, attempt, {", ".join(names)})
    SELECT OLD.idx, 1 + count(*), {old} FROM attempts WHERE idx = OLD.idx;
END"""


TABLES = f"""
{";".join(tables().values())};
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

# What is bound to a statement: an outcome's values in the order of its fields, and two more. The last field,
# the verdict on a given answer, is not stored.
OUTCOME_COLUMNS = tuple("idx" if name == "index" else name for name in Outcome._fields[:-1])
_BOUND = (*OUTCOME_COLUMNS, "success", "run")
_INSERT = f"""
INSERT INTO results ({", ".join(_BOUND)}) VALUES ({", ".join("?" * len(_BOUND))}) ON CONFLICT (idx)
"""

ADD = f"{_INSERT} DO NOTHING"

# The condition makes a retry that is sent again, after a lost acknowledgement, change nothing.
RETRY = f"""
{_INSERT} DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in columns())}
WHERE results.run < excluded.run
"""


def rows_of(outcomes: Iterable[Outcome], run: int) -> Iterator[Row]:
    """The rows to bind to ADD or RETRY, made one by one on the thread that binds them."""
    for outcome in outcomes:
        reason = None if outcome.reason is None else _storable(outcome.reason)
        row = outcome._replace(status=outcome.status.value, reason=reason)  # type: ignore[arg-type]
        yield (*row[:-1], outcome.success, run)


def _storable(text: str) -> str:
    """Text that UTF-8 can hold: a reason may quote an engine's bytes (lone surrogates)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


SELECT_TABLES = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def check_tables(found: Iterable[Row], version: int = SCHEMA_VERSION) -> None:
    """Raise DatabaseError unless the rows of SELECT_TABLES have all that a version makes, to the letter.

    What others have added, such as an index of their own, does not matter, nor which SQLite made the file.
    """
    texts = {name: _without_strict(sql) for name, sql in found}
    for name, sql in tables(version).items():
        if texts.get(name) != _without_strict(sql):
            raise sqlite3.DatabaseError(f"{name} is not as it was made")


CHECK_ROWS = "PRAGMA quick_check(1)"  # finds rows that break a constraint, too


def check_rows(found: Iterable[Row]) -> None:
    """Raise DatabaseError unless the answer to CHECK_ROWS is that all is well."""
    for (words,) in found:
        if words != "ok":
            raise sqlite3.DatabaseError(words)


def _without_strict(sql: str) -> str:
    return sql.removesuffix(" STRICT").rstrip()
