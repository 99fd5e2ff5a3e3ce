"""The runs of several stores in one: which number each has there.

Two rows of `runs` are the same run if they began in the same second, in the same process of the same machine,
and were told the same. A store that is merged again, or a copy of it that went on, so finds its runs.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from asyncgen.sqlite.runs import RUN_COLUMNS

_NAMES = RUN_COLUMNS.split(", ")
_SAME = [
    _NAMES.index(name) for name in ("started", "command", "start", "stop", "settings", "versions", "machine")
]
_ID, _ENDED, _HOW, _CHAIN = (_NAMES.index(name) for name in ("id", "ended", "how_ended", "chain"))

_KEYS = "CREATE TEMP TABLE run_keys (key BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID"
_ADD = f"""
INSERT INTO runs ({RUN_COLUMNS})
VALUES ((SELECT 1 + coalesce(max(id), 0) FROM runs), {", ".join("?" * (len(_NAMES) - 2))},
    coalesce(?, (SELECT 1 + coalesce(max(id), 0) FROM runs)))
"""
_END = "UPDATE runs SET ended = ?, how_ended = ? WHERE id = ? AND how_ended IS NULL"


class _Keys:
    """The keys of a store's runs, asked for in the order of their numbers."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def key(self, run: Sequence[Any]) -> bytes:
        """The same for the same run; of several that look the same, the first is the first again."""
        text = "\0".join(repr(run[place]) for place in _SAME)
        found = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        self._seen[found] += 1
        return found + self._seen[found].to_bytes(4, "big")


class RunNumbers:
    """The numbers that the runs of one source after the other have in the store of this connection.

    The keys are in a temporary table: there may be as many runs as stores.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(_KEYS)
        keys = _Keys()
        for run in connection.execute(f"SELECT {RUN_COLUMNS} FROM runs ORDER BY id"):
            self._note(keys.key(run), run[_ID])
        self.begin_source()

    def begin_source(self) -> None:
        """The runs that come are those of another store, from its first."""
        self._keys = _Keys()
        self._numbers: dict[int, int] = {}

    def of(self, run: int) -> int:
        """The number that a run of the source has; KeyError if the source has named no such run."""
        return self._numbers[run]

    def take(self, runs: Iterable[Sequence[Any]]) -> int:
        """Add those that are not there, in a transaction of the caller; how many. Ends are noted, too."""
        return sum(self._take(run) for run in runs)

    def _take(self, run: Sequence[Any]) -> bool:
        key = self._keys.key(run)
        there = self._connection.execute("SELECT id FROM run_keys WHERE key = ?", (key,)).fetchone()
        if there is not None:
            self._numbers[run[_ID]] = there[0]
            if run[_HOW] is not None:
                self._connection.execute(_END, (run[_ENDED], run[_HOW], there[0]))
            return False
        chain = None if run[_CHAIN] == run[_ID] else self._numbers.get(run[_CHAIN])
        values = [value for place, value in enumerate(run) if place not in (_ID, _CHAIN)]
        number = self._connection.execute(_ADD, (*values, chain)).lastrowid
        assert number is not None  # it was inserted
        self._numbers[run[_ID]] = number
        self._note(key, number)
        return True

    def _note(self, key: bytes, number: int) -> None:
        self._connection.execute("INSERT INTO run_keys VALUES (?, ?)", (key, number))
