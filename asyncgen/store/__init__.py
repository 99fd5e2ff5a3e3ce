"""Every outcome in one SQLite file: written in whole batches, resumed by gaps, read as it grows.

    scheduler ──Outcome──▶ Store ──aiosqlite──▶ Journal, holds FILE.lock ──▶ FILE, FILE-wal
    export, report ◀──Outcome── Reader ◀──aiosqlite── SQLite, mode=ro ◀── FILE, FILE-wal

Guarantees:
- A batch is stored as a whole or not at all, also when the call is cancelled or the process
  killed; once `add` has returned, its rows survive a power cut (WAL, synchronous FULL).
- One process at a time writes to a file, and only that connection checkpoints, which also keeps
  clear of the WAL-reset fault of SQLite before 3.51.3.
- A file that cannot serve is refused with one line and left as it was. One that is deleted, moved
  or replaced in mid-run, or whose lock is, takes no further batch.
- A clean close leaves a single file in rollback-journal mode, which any program can read from a
  read-only folder. If a reader is still connected then, an empty FILE-wal and its FILE-shm stay
  until the next close.

Assumes: a local file system (shared memory and POSIX locks), one machine.
"""

from asyncgen.store.errors import StoreWriteError
from asyncgen.store.reader import Reader
from asyncgen.store.reading import Candidate
from asyncgen.store.runs import Ending, Run, RunInfo
from asyncgen.store.schema import APPLICATION_ID, SCHEMA_VERSION
from asyncgen.store.writer import Store

__all__ = [
    "APPLICATION_ID",
    "SCHEMA_VERSION",
    "Candidate",
    "Ending",
    "Reader",
    "Run",
    "RunInfo",
    "Store",
    "StoreWriteError",
]
