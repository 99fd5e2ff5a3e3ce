"""What SQLite's errors mean, in one line: the same words where a store is read and where it is written."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from asyncgen.problems.errors import AsyncgenError, StoreError

_RESTORE = "restore it from a copy, or save what `sqlite3 FILE .recover` still finds"
_SHOWN = 100  # characters of SQLite's own words: a damaged schema quotes itself at length
# Our statements fit a file as we make it: where a table or a column is not there, the file has changed.
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")
# No disk and no damage can bring these about, once tables and rows are known to be as they were made.
_OUR_BUGS = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError)


class StoreWriteError(AsyncgenError):
    """The disk or another program kept rows from being stored; the message says what was kept."""


class StoreBusyError(StoreError, StoreWriteError):
    """Another program had the store locked for longer than was waited; the same can be done again then."""


class _Cause(NamedTuple):
    """What is the matter with the file ("is locked by another program"), and what to do.

    `passes`: whether the same can be done again then. `busy`: another program is at the file.
    """

    what: str
    remedy: str
    passes: bool = True
    busy: bool = False


def damage(path: Path, error: Exception) -> StoreError:
    """The refusal of a file that holds something else than was written to it."""
    cause = _damage(error)
    return StoreError(f"{path} {cause.what}: {cause.remedy}")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file while it is opened or read into StoreError."""
    try:
        yield
    except _OUR_BUGS:
        raise
    except (sqlite3.Error, UnicodeDecodeError) as error:
        cause = _cause(error)
        again = " and try again" if cause.passes else ""
        refusal = StoreBusyError if cause.busy else StoreError
        raise refusal(f"{path} {cause.what}: {cause.remedy}{again}") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}") from error


@contextmanager
def failing(path: Path, what: str) -> Iterator[None]:
    """Turn what goes wrong while `what` ("the run") is stored into StoreWriteError."""
    try:
        yield
    except _OUR_BUGS:
        raise
    except (sqlite3.Error, UnicodeDecodeError) as error:
        cause = _cause(error)
        lost = f"{path} {cause.what}; {what} was not stored"
        if not cause.passes:
            raise StoreWriteError(f"{lost}: {cause.remedy}") from error
        kept = "everything stored before is kept"
        refusal = StoreBusyError if cause.busy else StoreWriteError
        raise refusal(f"{lost}, {kept}: {cause.remedy} and resume") from error


def _cause(error: sqlite3.Error | UnicodeDecodeError) -> _Cause:
    name = getattr(error, "sqlite_errorname", "") or ""  # SQLITE_IOERR_WRITE; none if it is not SQLite's
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _Cause("is locked by another program", "close that program", busy=True)
    if name == "SQLITE_FULL":
        return _Cause("cannot be used: the disk is full", "free some space")
    if name.startswith("SQLITE_READONLY_ROLLBACK"):
        return _Cause("was cut off while it changed", "resume it once to repair it", passes=False)
    if not name or name.startswith(_DAMAGE):  # without a name: a text that is no UTF-8
        return _damage(error)
    return _Cause(f"cannot be used ({name}: {_words(error)})", "check the disk and its free space")


def _damage(error: Exception) -> _Cause:
    return _Cause(f"is damaged ({_words(error)})", _RESTORE, passes=False)


def _words(error: Exception) -> str:
    """What the error says, on one line that any terminal can show."""
    return " ".join(ascii(str(error))[1:-1].replace("\\n", " ").split())[:_SHOWN]
