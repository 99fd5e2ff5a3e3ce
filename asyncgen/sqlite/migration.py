"""Stores of earlier versions: read as if they were of this one, and brought to it when they are written to.

    FILE of version 1 ──views in the reader's own connection──▶ rows and runs as of this version
    FILE of version 1 ──one transaction of the writer─────────▶ FILE of this version

Guarantees: reading changes nothing in the file. A process that is killed while it migrates leaves the old
    store or the new one. What others have added, such as an index or a view of their own, stays.
Assumes: the writer's lock is held.

A later version is added in the same way, with three entries and a store:
- In `schema`: a higher SCHEMA_VERSION, the column in `_COLUMNS`, and its version in `_SINCE`. A rule for rows
  that comes with it goes into `_RULES`, and one that goes ends there.
- In `_STEPS`: what the rows of the version before say in the columns that are new or mean something else now.
  A new column that is not named there is NULL.
- In `_SETTINGS`: what a run's settings of the version before are now.
- In tests/sqlite/data: a store as the version before makes it.
Each step is from one version to the next. Older stores take all of theirs at once.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from asyncgen.sqlite import schema
from asyncgen.sqlite.schema import SCHEMA_VERSION

Settings = dict[str, Any]

_KEYS = {"results": "idx", "attempts": "idx, attempt"}  # the tables whose rows are outcomes
_RUNS = "id, chain, command, started, ended, how_ended, start, stop, versions, machine"
_OTHERS = """
SELECT name, sql FROM sqlite_master
WHERE type IN ('index', 'trigger') AND tbl_name IN ('results', 'attempts') AND sql IS NOT NULL
"""

VERSION = "PRAGMA main.user_version"
VIEWS = "SELECT name FROM sqlite_temp_master WHERE type = 'view'"

# -- from version 1: an engine had a name that another one has now, a cut was a slice, limits had no unit ----

_OLD, _NEW = "risch", "sympy-risch"
_ENGINE = f"CASE engine WHEN '{_OLD}' THEN '{_NEW}' ELSE engine END"
_REASON = f"""CASE
    WHEN reason = '{_OLD}' THEN '{_NEW}'
    WHEN reason IN ('cpu:{_OLD}', 'slice:{_OLD}') THEN 'cpu:{_NEW}'
    WHEN substr(reason, 1, 6) = 'slice:' THEN 'cpu:' || substr(reason, 7)
    ELSE reason
END"""
_PROOF = f"CASE status WHEN 'nonelementary' THEN {_ENGINE} END"
_UNITS = {
    "timeout": "timeout_wall_seconds",
    "memory_limit": "memory_limit_bytes",
    "engines": "engines_cpu_seconds",
}


def _with_units(settings: Settings) -> Settings:
    engines = settings.get("engines")
    if isinstance(engines, dict):
        renamed = {_NEW if name == _OLD else name: seconds for name, seconds in engines.items()}
        settings = {**settings, "engines": renamed}
    return {_UNITS.get(name, name): value for name, value in settings.items()}


_STEPS: Mapping[int, Mapping[str, str]] = {1: {"engine": _ENGINE, "reason": _REASON, "proof": _PROOF}}
_SETTINGS: Mapping[int, Callable[[Settings], Settings]] = {1: _with_units}

# -- for every version ---------------------------------------------------------------------------------


def show_as_now(connection: sqlite3.Connection, version: int) -> None:
    """Have a reader's connection see the tables of an earlier version as those of this one.

    Its views are named as the tables, and come before them. They are right as long as the file is of that
    version.
    """
    _add_function(connection, version)
    for table in _KEYS:  # not by the index on the status: it would sort every match for each page
        rows = _rows_now(table, f"main.{table} NOT INDEXED", version)
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM {rows}")
    runs = f"SELECT {_RUNS}, settings_now(settings) AS settings FROM main.runs"
    connection.execute(f"CREATE TEMP VIEW runs AS {runs}")


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring the tables of an earlier version to this one, in one transaction.

    Raises sqlite3.Error, the file as it was: DatabaseError where a table or a row is not as it was made.
    """
    _add_function(connection, version)
    # Renaming a table leaves alone what others have made of it, and so does dropping one.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    # Outside WAL mode readers and the COMMIT exclude each other: better known before the work than after it.
    connection.execute("BEGIN EXCLUSIVE")
    try:
        schema.check_tables(connection.execute(schema.SELECT_TABLES), version)
        schema.check_rows(connection.execute(schema.CHECK_ROWS))
        for statement in _statements(connection, version):
            connection.execute(statement)
        schema.check_tables(connection.execute(schema.SELECT_TABLES))
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:  # after a full disk SQLite has rolled back already
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.IntegrityError):  # a row that its own version could not have made
            raise sqlite3.DatabaseError(str(error)) from error
        raise
    connection.execute("PRAGMA legacy_alter_table = OFF")
    connection.execute("PRAGMA foreign_keys = ON")


def _statements(connection: sqlite3.Connection, version: int) -> Iterator[str]:
    """What makes the tables of this version out of those of an earlier one."""
    now = schema.tables()
    others = [sql for name, sql in connection.execute(_OTHERS) if name not in now]
    yield "DROP TRIGGER keep_attempt"
    yield "DROP INDEX results_by_status"
    for table, keys in _KEYS.items():
        old = f"{table}_of_version_{version}"
        yield f"ALTER TABLE {table} RENAME TO {old}"
        yield now[table]
        names = f"{keys}, {', '.join(schema.columns())}"
        yield f"INSERT INTO {table} ({names}) SELECT {names} FROM {_rows_now(table, old, version)}"
        yield f"DROP TABLE {old}"
    yield now["results_by_status"]
    yield now["keep_attempt"]
    yield from others
    yield "UPDATE runs SET settings = settings_now(settings)"
    yield f"PRAGMA user_version = {SCHEMA_VERSION}"


def _rows_now(table: str, source: str, version: int) -> str:
    """The query, in brackets, for outcomes of an earlier version with the columns of this one."""
    for step in range(version, SCHEMA_VERSION):
        same = {name: name for name in schema.columns(step)}
        there = {**dict.fromkeys(schema.columns(step + 1), "NULL"), **same, **_STEPS.get(step, {})}
        shown = ", ".join(f"{text} AS {name}" for name, text in there.items())
        source = f"(SELECT {_KEYS[table]}, {shown} FROM {source})"
    return source


def _add_function(connection: sqlite3.Connection, version: int) -> None:
    """Let the connection's SQL say `settings_now`: the text of a run's settings, as this version has it."""

    def settings_now(text: str) -> str:
        try:
            settings = dict(json.loads(text))
        except (ValueError, TypeError):
            return text  # whoever reads the run refuses it
        for step in range(version, SCHEMA_VERSION):
            settings = _SETTINGS.get(step, dict)(settings)
        return json.dumps(settings)

    connection.create_function("settings_now", 1, settings_now, deterministic=True)
