"""What SQLite's errors mean for the person who reads them, in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asyncgen.records import AsyncgenError, StoreError

_FULL = "SQLITE_FULL"
_WRITE_FAULTS = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_RESTORE = "restore it from a copy, or save what `sqlite3 FILE .recover` still finds"
_SHOWN = 100  # characters of SQLite's own words: a damaged schema quotes itself at length


class StoreWriteError(AsyncgenError):
    """The disk or another program kept rows from being stored; the message says what was kept."""


def _name(error: sqlite3.Error) -> str:
    """SQLite's name of the error, such as SQLITE_IOERR_WRITE; empty if it is not SQLite's."""
    return getattr(error, "sqlite_errorname", "") or ""


def _words(error: Exception) -> str:
    """What the error says, on one line that any terminal can show."""
    return " ".join(ascii(str(error))[1:-1].replace("\\n", " ").split())[:_SHOWN]


def damage(path: Path, error: Exception) -> StoreError:
    """The refusal of a file that holds something else than was written to it."""
    return StoreError(f"{path} is damaged ({_words(error)}): {_RESTORE}")


def write_error(path: Path, error: sqlite3.Error | UnicodeDecodeError, what: str) -> Exception:
    """The error to raise when `what` ("the run") could not be stored; a bug stays as it is."""
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes the damaged part
        return StoreWriteError(f"{path}: the file is damaged; {what} was not stored: {_RESTORE}")
    name = _name(error)
    kept = f"{what} was not stored, everything stored before is kept"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        cause, remedy = "locked by another program", "close that program"
    elif name == _FULL:
        cause, remedy = "the disk is full", "free some space"
    elif name.startswith(_WRITE_FAULTS):
        cause, remedy = f"cannot be written ({name}: {_words(error)})", "check the disk and its free space"
    elif name.startswith(_DAMAGE):
        cause, remedy = f"the file is damaged ({_words(error)})", _RESTORE
    else:
        return error
    return StoreWriteError(f"{path}: {cause}; {kept}: {remedy} and resume")


def read_error(path: Path, error: sqlite3.Error) -> StoreError:
    """The refusal of a file that SQLite could not open or read."""
    name = _name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"{path} is locked by another program: close that program and try again")
    if name.startswith(_DAMAGE) or str(error).startswith(("no such", "Could not decode")):
        return damage(path, error)
    if name.startswith("SQLITE_READONLY_ROLLBACK"):
        return StoreError(f"{path} was cut off while it changed: resume it once to repair it")
    if name == _FULL:
        return StoreError(f"{path} cannot be used: the disk is full: free some space")
    if name.startswith(_WRITE_FAULTS):
        return StoreError(
            f"{path} cannot be used ({name}: {_words(error)}): check the disk and its free space"
        )
    return StoreError(f"{path} cannot be used: {_words(error)}")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file while it is opened or read into StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise read_error(path, error) from error
    except UnicodeDecodeError as error:
        raise damage(path, error) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}") from error
