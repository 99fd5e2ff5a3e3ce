"""What SQLite's errors mean for the person who reads them, in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asyncgen.records import AsyncgenError, StoreError

_FULL = "SQLITE_FULL"
_WRITE_FAULTS = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class StoreWriteError(AsyncgenError):
    """The disk or another program kept rows from being stored; the message says what was kept."""


def _name(error: sqlite3.Error) -> str:
    """SQLite's name of the error, such as SQLITE_IOERR_WRITE; empty if it is not SQLite's."""
    return getattr(error, "sqlite_errorname", "") or ""


def write_error(path: Path, error: sqlite3.Error, what: str) -> Exception:
    """The error to raise when `what` ("the run") could not be stored; a bug stays as it is."""
    name = _name(error)
    kept = f"{what} was not stored, everything stored before is kept"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        cause, remedy = "locked by another program", "close that program"
    elif name == _FULL:
        cause, remedy = "the disk is full", "free some space"
    elif name.startswith(_WRITE_FAULTS):
        cause, remedy = f"cannot be written ({name}: {error})", "check the disk and its free space"
    elif name.startswith(_DAMAGE):
        cause, remedy = f"the file is damaged ({error})", "restore it from a copy"
    else:
        return error
    return StoreWriteError(f"{path}: {cause}; {kept}: {remedy} and resume")


def read_error(path: Path, error: sqlite3.Error) -> StoreError:
    """The refusal of a file that SQLite could not open or read."""
    name = _name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{path} is locked by another program: close that program and try again")
    if name.startswith(_DAMAGE) or str(error).startswith("no such"):
        return StoreError(f"{path} is damaged: {error}")
    if name.startswith("SQLITE_READONLY_ROLLBACK"):
        return StoreError(f"{path} was cut off while it changed: resume it once to repair it")
    return StoreError(f"{path} cannot be used: {error}")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file while it is opened or read into StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise read_error(path, error) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}") from error
