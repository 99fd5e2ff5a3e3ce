"""The tables of a store, and the way of an `Outcome` into a row."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from asyncgen.records import Outcome

APPLICATION_ID = int.from_bytes(b"agen", "big")  # in the file's header: this is one of ours
SCHEMA_VERSION = 1  # in the file's header, as SQLite's user_version

Row = tuple[Any, ...]

# STRICT tables (SQLite 3.37) refuse a value of the wrong type instead of storing it.
_STRICT = "STRICT" if sqlite3.sqlite_version_info >= (3, 37) else ""

_CONTENT = """
    integrand TEXT NOT NULL,
    integral TEXT,
    success INTEGER NOT NULL CHECK (success = (status IN ('elementary', 'special'))),
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    problem_prefix TEXT NOT NULL,
    answer_prefix TEXT,
    engine TEXT,
    cpu_seconds REAL NOT NULL CHECK (cpu_seconds >= 0),
    wall_seconds REAL NOT NULL CHECK (wall_seconds >= 0),
    operators INTEGER NOT NULL CHECK (operators >= 0),
    reason TEXT,
    run INTEGER NOT NULL REFERENCES runs,
    CHECK (integral IS NULL OR success)
"""

COLUMNS = (
    *("integrand", "integral", "success", "kind", "status", "problem_prefix", "answer_prefix"),
    *("engine", "cpu_seconds", "wall_seconds", "operators", "reason", "run"),
)
_NAMES = ", ".join(COLUMNS)
_OLD = ", ".join(f"OLD.{name}" for name in COLUMNS)

# A retried row is updated, and the trigger keeps what it was: no result is ever overwritten
# without trace.
TABLES = f"""
CREATE TABLE spec (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    text TEXT NOT NULL,
    digest TEXT NOT NULL
) {_STRICT};
CREATE TABLE runs (
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
) {_STRICT};
CREATE TABLE results (idx INTEGER PRIMARY KEY CHECK (idx >= 0), {_CONTENT}) {_STRICT};
CREATE TABLE attempts (
    idx INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    {_CONTENT},
    PRIMARY KEY (idx, attempt)
) {_STRICT};
-- Counting 1 M rows by status: 0.05 s with it, 0.3 s without, for 1 us and 21 bytes a row.
CREATE INDEX results_by_status ON results (status);
CREATE TRIGGER keep_attempt BEFORE UPDATE ON results BEGIN
    INSERT INTO attempts (idx, attempt, {_NAMES})
    SELECT OLD.idx, 1 + count(*), {_OLD} FROM attempts WHERE idx = OLD.idx;
END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""

_INSERT = f"INSERT INTO results (idx, {_NAMES}) VALUES (?{', ?' * len(COLUMNS)}) ON CONFLICT (idx) "

ADD = _INSERT + "DO NOTHING"

# The condition makes a retry that is sent again, after a lost acknowledgement, change nothing.
RETRY = (
    _INSERT
    + "DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
    + " WHERE results.run < excluded.run"
)

OUTCOME_COLUMNS = (  # in the order of Outcome's fields
    "idx, kind, status, problem_prefix, integrand, operators, answer_prefix, integral, engine, "
    "reason, cpu_seconds, wall_seconds"
)


def rows_of(outcomes: Iterable[Outcome], run: int) -> Iterator[Row]:
    """The rows to bind to ADD or RETRY, made one by one on the thread that binds them."""
    for o in outcomes:
        yield (
            *(o.index, o.integrand, o.integral, o.success, o.kind, o.status.value),
            *(o.problem_prefix, o.answer_prefix, o.engine, o.cpu_seconds, o.wall_seconds),
            *(o.operators, None if o.reason is None else _storable(o.reason), run),
        )


def _storable(text: str) -> str:
    """Text that UTF-8 can hold: a reason may quote an engine's bytes (lone surrogates)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
