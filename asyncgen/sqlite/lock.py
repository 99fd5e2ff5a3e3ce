"""One writer per store: a POSIX record lock on FILE.lock.

Guarantees: at most one holder per file; a killed holder's lock is free at once; a released lock
leaves no file. A lock file that somebody deletes meanwhile is made and taken again by `keep`.

`lockf` rather than `flock`: a record lock is not inherited, so a forked worker that outlives us
cannot keep the store locked. Its price is that closing *any* descriptor of the lock file drops it,
so this process must never open a lock file that it already holds: `_held` sees to that.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from asyncgen.problems.errors import StoreError

_held: set[tuple[int, Path]] = set()  # (process, lock file): a forked child does not hold its parent's locks
_guard = Lock()


def is_held(store: Path) -> bool:
    """Whether this process has the right to write to a store (at a resolved path)."""
    return (os.getpid(), _beside(store)) in _held


def _beside(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


class WriterLock:
    """The right to write to one store, from construction until `release`."""

    def __init__(self, store: Path) -> None:
        """Take the lock or raise StoreError, naming the process that has it."""
        self.path = _beside(store)
        self._store = store
        self._key = (os.getpid(), self.path)
        with _guard:
            if self._key in _held:
                raise StoreError(f"{store} is already open for writing in this process")
            self._descriptor = _take(store, self.path)
            _held.add(self._key)

    def keep(self) -> None:
        """Take the lock again if its file was deleted; StoreError if another process was quicker."""
        with _guard:
            if not _is_at(self._descriptor, self.path):
                lost, self._descriptor = self._descriptor, _take(self._store, self.path)
                os.close(lost)

    def release(self) -> None:
        """Remove the lock file and give the lock up; the second call does nothing."""
        with _guard:
            if self._key not in _held:
                return
            _held.discard(self._key)
            # Removed while it is still locked: whoever opened it before sees another inode and
            # starts again.
            if _is_at(self._descriptor, self.path):
                self.path.unlink(missing_ok=True)
            os.close(self._descriptor)


def _take(store: Path, path: Path) -> int:
    """A descriptor of the lock file, locked, with our process id in it."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{store}: cannot make {path.name} next to it: {error.strerror}") from None
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, path):
                with suppress(OSError):  # a full disk: the lock holds without our number in it
                    os.ftruncate(descriptor, 0)
                    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                return descriptor
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StoreError(_in_use(store, holder)) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its last holder had removed it between our two calls


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that the path names now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _in_use(store: Path, holder: str) -> str:
    who = f"process {holder}" if holder.isdigit() else "another process"
    return f"{store} is being written by {who}: one run at a time per store, wait for it or stop it"
