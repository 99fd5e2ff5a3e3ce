"""The reading connection: while the store is written, after a kill, from a read-only folder."""

import os
import sqlite3
from pathlib import Path

from asyncgen.problems.errors import StoreError
from asyncgen.sqlite import files, migration
from asyncgen.sqlite.errors import refusing
from asyncgen.sqlite.lock import is_held
from asyncgen.sqlite.patience import OPENING_TRY, be_patient
from asyncgen.sqlite.schema import SCHEMA_VERSION

_CUT_OFF = "its folder is read-only and its writer was cut off: copy it and its -wal to a folder of yours"


def open_reading(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A connection to the store at a resolved path that changes nothing; or StoreError.

    `busy_timeout`: seconds that its questions wait for other programs. The opening itself is a short try.
    A store of an earlier version is shown as one of this version, see `migration`.
    """
    with refusing(path):
        options = {"immutable": "1"} if _is_settled(path) else {"mode": "ro"}
        connection = sqlite3.connect(
            files.uri(path, **options), timeout=OPENING_TRY, isolation_level=None, uri=True
        )
        try:
            connection.execute("SELECT text FROM spec").fetchall()
            _show(connection, path)
            be_patient(connection, busy_timeout)
        except BaseException as error:
            connection.close()
            cut_off = _is_readonly_folder(path) and files.has_content(files.with_suffix(path, "-wal"))
            if cut_off and isinstance(error, sqlite3.Error):
                raise StoreError(f"{path}: {_CUT_OFF}") from error
            raise
    return connection


def _show(connection: sqlite3.Connection, path: Path) -> None:
    """Have the connection see the tables as this version has them; StoreError if it cannot."""
    (version,) = connection.execute(migration.VERSION).fetchone()
    files.check_version(path, version)
    if version < SCHEMA_VERSION:
        migration.show_as_now(connection, version)


def _is_settled(path: Path) -> bool:
    """Whether the file must be read as if it could not change; StoreError if it is no store.

    A file left in WAL mode needs FILE-shm, which nobody can make in a read-only folder. With no
    rows in a FILE-wal there is no writer either, and SQLite may skip all locking (`immutable`).
    """
    if is_held(path) and files.has_content(path):
        return False  # closing the file by other means than SQLite's would drop the writer's locks on it
    header = files.check_readable(path)
    no_wal = not files.has_content(files.with_suffix(path, "-wal"))
    return header.wal and no_wal and _is_readonly_folder(path)


def _is_readonly_folder(path: Path) -> bool:
    return not os.access(path.parent, os.W_OK)
