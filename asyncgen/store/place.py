"""Where an open store lies, and whether it still lies there: others may move or delete its files in mid-run.

SQLite goes on writing into a file that has lost its name, and at the close the rows go with it.
"""

import os
from pathlib import Path

from asyncgen.store.errors import StoreWriteError
from asyncgen.store.files import beside


class Place:
    """The path of a store that is open now, and the file that it was when it was opened."""

    def __init__(self, path: Path) -> None:
        """Raises OSError if there is no such file."""
        self.path = path
        self.wal = beside(path, "-wal")
        self._file = path.stat()
        self._has_wal = False

    @property
    def wal_size(self) -> int:
        """Bytes of FILE-wal; 0 if there is none."""
        try:
            return self.wal.stat().st_size
        except FileNotFoundError:
            return 0

    def check(self) -> None:
        """Raise StoreWriteError unless the path still names the open file, with its FILE-wal beside it."""
        has_wal = self.wal.exists()
        if not self._same() or (self._has_wal and not has_wal):
            raise StoreWriteError(
                f"{self.path} or its -wal was deleted, moved or replaced while it was written to, and what "
                "came last was not stored: put the file back, or begin a new store, and resume"
            )
        self._has_wal = has_wal

    def _same(self) -> bool:
        try:
            return os.path.samestat(self._file, self.path.stat())
        except OSError:
            return False
