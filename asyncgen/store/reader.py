"""A store opened for reading: while it is written, after a kill, from a read-only folder."""

import os
import sqlite3
from pathlib import Path
from typing import Self

from asyncgen.records import StoreError
from asyncgen.store import files
from asyncgen.store.connecting import connect, settled
from asyncgen.store.errors import refusing
from asyncgen.store.reading import Reading

_CUT_OFF = "its folder is read-only and its writer was cut off: copy it and its -wal to a folder of yours"


class Reader(Reading):
    """Use as `async with Reader(path) as reader`; StoreError if the file is no readable store."""

    def __init__(self, path: Path | str, busy_timeout: float = 5.0) -> None:
        """`busy_timeout`: seconds to wait for another program's exclusive lock."""
        super().__init__(path)
        self._busy_timeout = busy_timeout

    async def __aenter__(self) -> Self:
        self._connection = await connect(lambda: _open_reading(self.path, self._busy_timeout))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        connection, self._connection = self._open, None
        await settled(connection.close())


def _open_reading(path: Path, busy_timeout: float) -> sqlite3.Connection:
    with refusing(path):
        header = files.check_readable(path)
        options = {"immutable": "1"} if _is_settled(path, header) else {"mode": "ro"}
        connection = sqlite3.connect(
            files.uri(path, **options), timeout=busy_timeout, isolation_level=None, uri=True
        )
        try:
            connection.execute("SELECT text FROM spec").fetchall()
        except sqlite3.Error as error:
            connection.close()
            if _is_readonly_folder(path) and files.has_content(files.beside(path, "-wal")):
                raise StoreError(f"{path}: {_CUT_OFF}") from error
            raise
    return connection


def _is_settled(path: Path, header: files.Header) -> bool:
    """Whether the file must be read as if it could not change.

    A file left in WAL mode needs FILE-shm, which nobody can make in a read-only folder. With no
    rows in a FILE-wal there is no writer either, and SQLite may skip all locking (`immutable`).
    """
    no_wal = not files.has_content(files.beside(path, "-wal"))
    return header.wal and no_wal and _is_readonly_folder(path)


def _is_readonly_folder(path: Path) -> bool:
    return not os.access(path.parent, os.W_OK)
