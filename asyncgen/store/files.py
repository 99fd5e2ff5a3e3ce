"""Whether a path can serve as a store, decided from its first 100 bytes before SQLite sees it.

SQLite would recover, checkpoint or truncate on opening; a file that is not ours must not be
touched. The layout of the header is from https://www.sqlite.org/fileformat.html, section 1.3.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from asyncgen.mounts import network_file_system
from asyncgen.records import StoreError
from asyncgen.store.schema import APPLICATION_ID, SCHEMA_VERSION

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100


@dataclass(frozen=True, slots=True)
class Header:
    """What the first 100 bytes of an SQLite file say. Sizes in bytes."""

    page_size: int
    pages: int
    wal: bool  # in WAL mode: readers need FILE-wal and FILE-shm beside it
    application_id: int
    user_version: int

    @classmethod
    def parse(cls, data: bytes) -> "Header | None":
        """The header, or None if this is not the beginning of an SQLite file."""
        if len(data) < _HEADER_BYTES or not data.startswith(_MAGIC):
            return None
        page_size = int.from_bytes(data[16:18], "big")
        return cls(
            page_size=65536 if page_size == 1 else page_size,
            pages=int.from_bytes(data[28:32], "big"),
            wal=data[18] == 2,
            application_id=int.from_bytes(data[68:72], "big"),
            user_version=int.from_bytes(data[60:64], "big"),
        )


def beside(path: Path, suffix: str) -> Path:
    """The companion of a store: FILE-wal, FILE-shm or FILE-journal."""
    return path.with_name(path.name + suffix)


def has_content(path: Path) -> bool:
    """Whether the file exists with at least one byte."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def uri(path: Path, **options: str) -> str:
    """SQLite's address of a file, whatever characters its name has."""
    query = "&".join(f"{key}={value}" for key, value in options.items())
    return f"file:{quote(os.fsencode(path))}?{query}"  # the name's own bytes, in whatever encoding


def check_writable(path: Path) -> None:
    """Raise StoreError unless a store can be made or continued at this (resolved) path."""
    folder = path.parent
    if not folder.is_dir():
        raise StoreError(f"{path}: there is no folder {folder}: make it first")
    if kind := network_file_system(path):
        raise StoreError(
            f"{path} would be on a network file system ({kind}), where SQLite cannot keep rows safe: choose "
            "a disk of this machine, and copy the file when the run is done"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: {folder} is read-only for you, and SQLite makes files there")
    if not path.exists():
        return
    _check_file(path)
    if not os.access(path, os.W_OK):
        raise StoreError(f"{path} is read-only for you")
    if has_content(path):
        check_header(path)


def check_readable(path: Path) -> Header:
    """The header of a store at this (resolved) path; StoreError if it is none."""
    if not path.exists():
        raise StoreError(f"{path} does not exist")
    _check_file(path)
    if not has_content(path):
        raise StoreError(f"{path} is empty: nothing has been stored yet")
    return check_header(path)


def _check_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise StoreError(f"{path} is a folder, not a store")
    if not stat.S_ISREG(mode):  # opening a named pipe would wait for ever
        raise StoreError(f"{path} is not a regular file")
    if not os.access(path, os.R_OK):
        raise StoreError(f"{path}: no permission to read it")


def check_header(path: Path) -> Header:
    """The header of a non-empty file; StoreError if it is not a whole store that we can read."""
    with path.open("rb") as file:
        header = Header.parse(file.read(_HEADER_BYTES))
    if header is None:
        raise StoreError(f"{path} is not a store of asyncgen, nor any SQLite file")
    if header.application_id != APPLICATION_ID:
        raise StoreError(f"{path} is an SQLite file of another program, not a store of asyncgen")
    if header.user_version != SCHEMA_VERSION:
        raise StoreError(
            f"{path} has version {header.user_version} of the store's layout, this asyncgen knows "
            f"version {SCHEMA_VERSION}: use the asyncgen that made it or a newer one"
        )
    _check_whole(path, header)
    return header


def _check_whole(path: Path, header: Header) -> None:
    """Raise StoreError if the end of the file is missing.

    A crash in the middle of a checkpoint or a rollback leaves a short file too, which SQLite then
    repairs.
    """
    if has_content(beside(path, "-wal")) or beside(path, "-journal").exists():
        return
    expected, size = header.pages * header.page_size, path.stat().st_size
    if size < expected:
        raise StoreError(f"{path} is cut short: {size} bytes of {expected}: restore it from a copy")
